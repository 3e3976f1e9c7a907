"""Each column in a picture: a histogram with its range, or the commonest levels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from heldout.core.names import count, plural
from heldout.report import draw
from heldout.report.draw import Bar, Picture
from heldout.report.figures import percent
from heldout.tables.summary import Summary

DAY = 86_400e6  # microseconds
SKEWED = 0.3  # standard deviations between mean and median
MOST_LEVELS, MOST_CLASSES = 6, 30


def picture(made: Summary, most: int = MOST_LEVELS) -> Picture | None:
    """The picture of one column; None where there is nothing to draw."""
    if made.levels:
        return levels(made, most)
    if not made.counts:
        return None
    if made.kind == "date":
        return _dates(made)
    right = f"characters in {made.name}" if made.kind == "text" else made.name
    return draw.histogram(
        made.name, _numbers_say(made), made.edges, made.counts, right=right, up="rows"
    )


def levels(made: Summary, most: int) -> Picture:
    """The commonest levels as bars; all further ones are one bar."""
    total = max(1, made.rows - made.missing)
    named = made.levels if len(made.levels) <= most + 1 else made.levels[:most]
    bars = [Bar(_word(level), n, note=percent(n / total)) for level, n in named]
    others = total - sum(n for _, n in named)
    if others:
        words = plural(max(1, made.distinct - len(named)), "other")
        bars.append(Bar(words, others, note=percent(others / total)))
    return draw.bars(
        made.name, _levels_say(made), bars, shown=count, head=("level", "rows", "share")
    )


def _word(level: str) -> str:
    return fitted(level) if level.strip() else f'"{level}"'


def fitted(text: str, most: int = 40) -> str:
    """A cell that fits."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _numbers_say(made: Summary) -> str:
    said = []
    if made.low is not None and made.high is not None:
        said.append(f"from {figure(made.low)} to {figure(made.high)}")
    if made.mean is not None and made.sd is not None:
        middle = made.quantiles[2] if made.quantiles else made.mean
        told = f"mean {figure(made.mean)}, standard deviation {figure(made.sd)}"
        skewed = made.sd > 0 and abs(made.mean - middle) > SKEWED * made.sd
        said.append(f"skewed: median {figure(middle)}, {told}" if skewed else told)
    if made.quantiles:
        said.append(f"half lie between {figure(made.quantiles[1])} and {figure(made.quantiles[3])}")
    if made.cut:
        said.append("the outermost bars hold all that lies beyond them")
    return _said(made, said)


def _levels_say(made: Summary) -> str:
    said = [plural(made.distinct, "level")]
    if made.entropy is not None:
        said.append(f"entropy {made.entropy:.2f} bits")
    return _said(made, said)


def _said(made: Summary, said: list[str]) -> str:
    if made.missing:
        said.append(f"{count(made.missing)} missing ({percent(made.missing / max(1, made.rows))})")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _dates(made: Summary) -> Picture:
    said = []
    if made.low is not None and made.high is not None:
        said.append(f"from {moment(made.low)} to {moment(made.high)}")
    return draw.histogram(
        made.name, _said(made, said), made.edges, made.counts, right=made.name, up="rows",
        names=moments(made.edges), shown_x=moment,
    )  # fmt: skip


def moments(edges: Sequence[float]) -> list[tuple[float, str]]:
    """Places (percent) and words of both ends of a time."""
    long = edges[-1] - edges[0] > 3 * DAY
    words = [moment(e)[:10] if long else moment(e) for e in (edges[0], edges[-1])]
    return [(0.0, words[0]), (100.0, words[1])]


def moment(microseconds: float) -> str:
    """A moment in UTC as people write it.

    >>> moment(0), moment(86_400e6 * 365 + 3_600e6)
    ('1970-01-01', '1971-01-01 01:00')
    """
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    except OverflowError:
        return "beyond the calendar"
    return at.strftime("%Y-%m-%d" if at.hour == at.minute == 0 else "%Y-%m-%d %H:%M")


def figure(value: float) -> str:
    """A number of the data.

    >>> figure(1234.5678), figure(12), figure(2.5e9), figure(123456)
    ('1,235', '12', '2,500,000,000', '123,456')
    """
    if value == round(value) and abs(value) < 1e12:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) < 1e5 else f"{value:,.6g}"
