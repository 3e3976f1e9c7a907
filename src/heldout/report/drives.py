"""What drives the model: importance, partial dependence, single answers taken apart."""

from __future__ import annotations

import math
from typing import Any

from heldout.core.names import count
from heldout.report import draw, words
from heldout.report.figures import Digits, percent
from heldout.report.record import Headline, Numbers, RunRecord, as_float

MOST_BARS, MOST_PARTIAL, MOST_STEPS = 15, 6, 8


def drives(record: RunRecord) -> dict[str, Any]:
    """Everything of the section; a part is empty where it was not measured."""
    ranked = importance(record)
    headline, shown = record.headline, _digits(ranked, record.headline)
    told: dict[str, Any] = {"none": record.signal is False, "rows": ranked}
    told["absent"] = _absent(record)
    told["partial"] = partial(record) if not told["none"] else None
    told["single"] = single(record) if not told["none"] else []
    if not ranked or headline is None:
        return told
    n = record.numbers("importance")
    metric = words.title(str(n.get("metric") or headline.metric))
    told |= {
        "metric": metric,
        "samples": f"{count(int(n.get('samples') or 0))} {record.units}",
        "picture": draw.bars(
            "Importance of columns",
            f"{ranked[0].label} matters most.",
            ranked[:MOST_BARS],
            shown=shown,
            head=("column", f"{metric} lost", "interval"),
        ),
        "unclear": [r.label for r in ranked[:MOST_BARS] if r.low is not None and r.low <= 0],
        "left": max(0, len(ranked) - MOST_BARS),
    }
    return told


def _absent(record: RunRecord) -> str:
    """Why nothing is shown."""
    if record.signal is False:
        return "No model was kept, so nothing drives it."
    if record.kind == "forecast":
        return (
            "A forecast goes by earlier values of its own series, so there is no column to shuffle. "
            "What each candidate looks at stands in its name: the last value or that of one season "
            "before, as a difference or a ratio."
        )
    ended = "the run ended before it" if not record.finished else "the time was up before it"
    return f"Not measured: {ended}. A longer `--budget` measures it."


def importance(record: RunRecord) -> list[draw.Bar]:
    """Loss of score when a column is shuffled, largest first."""
    if record.signal is False or record.headline is None:
        return []
    rows = record.numbers("importance").get("rows") or ()
    bars = [
        draw.Bar(str(r["column"]), drop, as_float(r.get("low")), as_float(r.get("high")))
        for r in rows
        if (drop := as_float(r.get("drop"))) is not None
    ]
    return sorted(bars, key=lambda b: -b.value)


def _digits(ranked: list[draw.Bar], headline: Headline | None) -> Digits:
    shown = words.digits(headline) if headline is not None else Digits(3)
    scale = max((abs(b.value) for b in ranked), default=1.0)
    if scale and scale < 10**-shown.places:
        return Digits(min(6, max(0, 2 - math.floor(math.log10(scale)))))
    return shown


def in_words(record: RunRecord) -> list[str]:
    """The first ten as sentences, for the card."""
    ranked = importance(record)
    shown = _digits(ranked, record.headline)
    return [
        f"{b.label}: shuffled, the score worsens by {shown(b.value)}"
        + (f" ({shown(b.low)} to {shown(b.high)})" if None not in (b.low, b.high) else "")
        for b in ranked[:10]
    ]


def partial(record: RunRecord) -> draw.Picture | None:
    """The mean answer if every row had a value, for the columns that matter most."""
    found = record.numbers("partial_dependence")
    columns = list(found.get("columns") or ())[:MOST_PARTIAL]
    output = str(found.get("output") or record.target)
    classes = record.kind not in ("regression", "forecast", "vector_regression")
    ends = [
        as_float(p.get(k)) for c in columns for p in c.get("points") or () for k in ("low", "high", "mean")
    ]  # fmt: skip
    if not any(e is not None for e in ends):
        return None
    y = draw.around(ends)
    if classes:
        y = draw.Scale(max(0.0, y.low), min(1.0, y.high))
    made = [p for c in columns if (p := _one(c, output, y, classes)) is not None]
    if not made:
        return None
    return draw.small(
        "Partial dependence",
        f"The mean answer if every {record.unit} had this value, all else as it is. The band holds "
        f"the middle 80 % of single {record.units}: where it is wide, other columns change what this "
        "one does. All have the same scale upward.",
        made,
    )


def _one(column: Numbers, output: str, y: draw.Scale, classes: bool) -> draw.Picture | None:
    points = [p for p in column.get("points") or () if as_float(p.get("mean")) is not None]
    if len(points) < 2:
        return None
    name, shown = str(column.get("column")), percent if classes else _value
    top = max(points, key=lambda p: float(p["mean"]))
    bottom = min(points, key=lambda p: float(p["mean"]))
    says = (
        f"From {shown(float(bottom['mean']))} at {_label(bottom)} to "
        f"{shown(float(top['mean']))} at {_label(top)}."
    )
    up = f"probability of {output}" if classes else output
    numbers = [p for p in points if as_float(p.get("value")) is not None]
    if len(numbers) == len(points) or (len(numbers) >= 3 and len(points) - len(numbers) == 1):
        xs = [float(p["value"]) for p in numbers]
        missing = [p for p in points if p not in numbers]
        if missing:
            says += f" Missing: {shown(float(missing[0]['mean']))}."
        return draw.lines(
            name, says,
            [draw.Series("", xs, [float(p["mean"]) for p in numbers], _ends(numbers, "low"), _ends(numbers, "high"))],
            right=name, up=up, y=y, height=140, shown=shown, square=True, band="80 %",
        )  # fmt: skip
    bars = [
        draw.Bar(_label(p), float(p["mean"]), as_float(p.get("low")), as_float(p.get("high")))
        for p in points[:MOST_STEPS]
    ]
    return draw.bars(name, says, bars, shown=shown, points=True, scale=y, head=(name, up, "80 %"))


def _ends(points: list[Numbers], key: str) -> list[float] | None:
    found = [as_float(p.get(key)) for p in points]
    return [float(v) for v in found if v is not None] if None not in found else None


def _label(point: Numbers) -> str:
    text = point.get("label")
    if text in (None, ""):
        text = "missing" if point.get("value") is None else point["value"]
    return f"{text:,.4g}" if isinstance(text, float) else str(text)


def _value(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def single(record: RunRecord) -> list[draw.Picture]:
    """Some answers taken apart: what each column moved, from an ordinary row to this one."""
    found = record.numbers("contributions")
    told = []
    for row in found.get("rows") or ():
        parts = [p for p in row.get("parts") or () if as_float(p.get("effect")) is not None]
        answer, base = as_float(row.get("answer")), as_float(row.get("base"))
        if not parts or answer is None or base is None:
            continue
        classes = record.kind not in ("regression", "forecast", "vector_regression")
        shown = _points if classes else _value
        level = percent if classes else _value
        bars = [draw.Bar(_part(p, record), float(p["effect"])) for p in parts[:MOST_STEPS]]
        rest = answer - base - sum(b.value for b in bars)
        bars.append(draw.Bar("all else, and columns together", rest))
        what = str(found.get("output") or record.target)
        told.append(
            draw.bars(
                f"{str(row.get('why') or 'One answer').capitalize()}: {record.unit} {count(int(row.get('row', 0)))}",
                f"An ordinary {record.unit} gets {level(base)} for {what}; this one {level(answer)}. "
                f"Truly {row.get('truth')}.",
                bars, shown=shown, head=("column", "moves the answer by", ""),
            )
        )  # fmt: skip
    return told


def _part(part: Numbers, record: RunRecord) -> str:
    return f"{part.get('column')} = {record.cell(str(part.get('column')), part.get('value'))}"


def _points(value: float) -> str:
    """A difference of two shares, in percentage points.

    >>> _points(0.123), _points(-0.02)
    ('+12.3', '-2.0')
    """
    return f"{round(100 * value, 1) + 0.0:+.1f}"
