"""Places of marks on a picture, in percent of its width; the templates draw them as SVG.

Percentages and no view box: bars grow with the page while letters keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heldout.report import words
from heldout.report.answer import Volume
from heldout.report.figures import Digits
from heldout.report.record import Headline, Numbers, RunRecord


@dataclass(frozen=True)
class Axis:
    """A line from ``low`` to ``high``.

    >>> Axis(0.5, 1.0).at(0.75)
    50.0
    """

    low: float
    high: float

    def at(self, value: float | None) -> float:
        """Where a value stands, from 0 to 100."""
        if value is None or self.high <= self.low:
            return 0.0
        return round(min(100.0, max(0.0, 100 * (value - self.low) / (self.high - self.low))), 2)


@dataclass(frozen=True)
class Mark:
    """One row of a picture: a point with or without an interval; ``text`` is its value."""

    label: str
    text: str
    at: float
    low: float | None = None
    high: float | None = None
    main: bool = False
    note: str = ""


@dataclass(frozen=True)
class Line:
    """Marks on one axis."""

    start: str
    end: str
    marks: tuple[Mark, ...]
    zero: float = 0.0


@dataclass(frozen=True)
class Bar:
    """A bar of two parts, hatched and plain, in percent of the picture."""

    label: str
    count: int
    hatched: int
    plain: int
    hatched_width: float
    plain_width: float


def score_line(record: RunRecord, headline: Headline) -> Line:
    """Baseline, best column and model on one axis."""
    shown = words.digits(headline)
    values = [headline.value, headline.low, headline.high, headline.baseline, headline.column_value]
    known = [v for v in values if v is not None]
    low, high = min(known), max(known)
    if headline.metric == "roc_auc" and low >= 0.5:
        low, high = 0.5, 1.0
    else:
        pad = 0.06 * (high - low) or abs(high) * 0.1 or 1.0
        low, high = low - pad, high + pad
        if min(known) >= 0:
            low = max(0.0, low)
    axis = Axis(low, high)
    marks = []
    if headline.baseline is not None:
        name = "chance" if headline.metric == "roc_auc" else "baseline"
        marks.append(Mark(name, shown(headline.baseline), axis.at(headline.baseline)))
    if headline.column is not None and headline.column_value is not None:
        name = f"{headline.column} alone"
        marks.append(Mark(name, shown(headline.column_value), axis.at(headline.column_value)))
    marks.append(_model_mark(headline, axis, shown))
    del record
    return Line(shown(low), shown(high), tuple(marks))


def _model_mark(headline: Headline, axis: Axis, shown: Digits) -> Mark:
    if headline.low is None or headline.high is None:
        return Mark("the model", shown(headline.value), axis.at(headline.value), main=True)
    return Mark(
        "the model",
        shown(headline.value),
        axis.at(headline.value),
        axis.at(headline.low),
        axis.at(headline.high),
        main=True,
        note=f"interval {shown(headline.low)} to {shown(headline.high)}",
    )


def flagged(volume: Volume) -> tuple[Bar, Bar]:
    """What is flagged and what is not, each split into right and wrong."""
    most = max(volume.flagged, volume.missed + volume.rest, 1)

    def bar(label: str, hatched: int, plain: int) -> Bar:
        return Bar(
            label,
            hatched + plain,
            hatched,
            plain,
            round(100 * hatched / most, 2),
            round(100 * plain / most, 2),
        )

    return (
        bar("flagged", volume.right, volume.false),
        bar("not flagged", volume.missed, volume.rest),
    )


def importance(rows: Sequence[Numbers], shown: Digits, most: int = 15) -> Line:
    """Drop of the score when a column is shuffled, largest first."""
    kept = sorted(rows, key=lambda r: -float(r["drop"]))[:most]
    ends = [float(r[k]) for r in kept for k in ("drop", "low", "high") if r.get(k) is not None]
    axis = Axis(min([0.0, *ends]), max([0.0, *ends]) or 1.0)
    marks = []
    for row in kept:
        low, high = row.get("low"), row.get("high")
        known = low is not None and high is not None
        marks.append(
            Mark(
                str(row["column"]),
                shown(float(row["drop"])),
                axis.at(float(row["drop"])),
                axis.at(float(low)) if known and low is not None else None,
                axis.at(float(high)) if known and high is not None else None,
                note=f"{shown(float(low))} to {shown(float(high))}"  # type: ignore[arg-type]
                if known
                else "",
            )
        )
    return Line(shown(axis.low), shown(axis.high), tuple(marks), axis.at(0.0))


@dataclass(frozen=True)
class Dot:
    """A point of the reliability picture, in units of its view box."""

    x: float
    y: float
    low: float
    high: float
    radius: float


BOX = 260.0  # side of the square pictures


def reliability(bins: Sequence[Numbers]) -> list[Dot]:
    """Mean probability against the share that came true, by bin; larger dots hold more."""
    total = sum(float(b.get("n") or 0) for b in bins) or 1.0
    dots = []
    for b in bins:
        if b.get("mean") is None or b.get("share") is None:
            continue
        share = float(b["share"])
        low = share if b.get("share_low") is None else float(b["share_low"])
        high = share if b.get("share_high") is None else float(b["share_high"])
        dots.append(
            Dot(
                round(BOX * float(b["mean"]), 1),
                round(BOX * (1 - share), 1),
                round(BOX * (1 - low), 1),
                round(BOX * (1 - high), 1),
                round(3 + 6 * (float(b.get("n") or 0) / total) ** 0.5, 1),
            )
        )
    return dots


def curve(points: Sequence[Numbers] | Sequence[Sequence[float]]) -> str:
    """Points of a ROC curve as the ``points`` of a polyline."""
    pairs = []
    for point in points:
        if isinstance(point, dict):
            x, y = point.get("false_positive_rate"), point.get("recall")
        else:
            x, y = point[0], point[1]  # type: ignore[index]
        if x is not None and y is not None:
            pairs.append(f"{BOX * float(x):.1f},{BOX * (1 - float(y)):.1f}")
    return " ".join(pairs)
