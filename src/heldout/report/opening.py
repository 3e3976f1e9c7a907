"""The answer: heading, sentence, bars, and the number on its line."""

from __future__ import annotations

from typing import Any

from heldout.core.names import count
from heldout.report import answer, draw, words
from heldout.report.foretold import foretold
from heldout.report.record import Headline, Operating, RunRecord, as_float


def opening(record: RunRecord) -> dict[str, Any]:
    """What stands first on the page."""
    headline, point = record.headline, record.operating
    none = record.signal is False
    detectable = as_float(record.numbers("gate").get("detectable"))
    found: dict[str, Any] = {
        "heading": answer.heading(record),
        "sentence": _no_signal(record, headline, detectable) if none else answer.business(record),
        "bars": _flagged(record, point) if point is not None and not none else None,
        "daily": "" if none else answer.daily(record),
        "headline": headline,
        "foretold": foretold(record),
    }
    if headline is not None:
        shown = words.digits(headline)
        found |= {
            "question": _question(headline),
            "value": shown(headline.value),
            "between": _between(headline),
            "metric": words.title(headline.metric),
            "line": _line(record, headline),
            "samples": f"{count(headline.samples)} {record.units}",
            "warning": words.of_units(record, headline.warning),
            "baseline": shown(headline.baseline) if headline.baseline is not None else "",
        }
    return found


def _no_signal(record: RunRecord, headline: Headline | None, detectable: float | None) -> str:
    text = "No model beat the baseline by more than chance."
    if detectable is not None and headline is not None:
        shown = words.digits(headline)(detectable)
        text += (
            f" A true gain of {shown} over the baseline would have been found 4 times in 5; "
            "a smaller one may have been missed."
        )
    return text + f" That {record.target} cannot be predicted was not shown."


def _question(headline: Headline) -> str:
    if headline.metric == "roc_auc":
        return "How well does it rank?"
    if words.is_of_target(headline.metric):
        return "How far off is it?"
    return "How good is it?"


def _between(headline: Headline) -> str:
    if headline.low is None or headline.high is None:
        return "no interval"
    shown = words.digits(headline)
    return f"interval {shown(headline.low)} to {shown(headline.high)}"


def _plainly(record: RunRecord, headline: Headline) -> str:
    if headline.metric == "roc_auc" and record.positive is not None:
        return (
            f"Of one {record.positive} {record.unit} and one {record.negative} {record.unit}, it "
            f"ranks the {record.positive} higher in {round(1000 * headline.value):,} of 1,000 cases."
        )
    better = record.task.get("greater_is_better", True)
    side = "Further right is better." if better else "Further left is better."
    if record.operating is None:
        return side
    return f"{words.meaning(record, headline)} {words.baseline(headline)} {side}"


def _flagged(record: RunRecord, point: Operating) -> draw.Picture:
    """What is flagged and what is not, each split into right and wrong."""
    v = answer.volume(point)
    yes, no = record.positive or "right", record.negative
    return draw.columns(
        f"Of {count(v.size)} {record.units}",
        f"Of {count(v.size)} {record.units}: hatched are {yes}, plain are {no}.",
        ("flagged", "not flagged"),
        ((yes, "hatched"), (no, "plain")),
        ((v.right, v.false), (v.missed, v.rest)),
        shown=count,
    )


def _line(record: RunRecord, headline: Headline) -> draw.Picture:
    """Baseline, best column and model on one axis."""
    shown = words.digits(headline)
    rows = []
    if headline.baseline is not None:
        name = "chance" if headline.metric == "roc_auc" else "baseline"
        rows.append(draw.Bar(name, headline.baseline))
    if headline.column is not None and headline.column_value is not None:
        rows.append(draw.Bar(f"{headline.column} alone", headline.column_value))
    rows.append(draw.Bar("the model", headline.value, headline.low, headline.high, main=True))
    known = [v for r in rows for v in (r.value, r.low, r.high) if v is not None]
    scale = None
    if headline.metric == "roc_auc" and min(known) >= 0.5:
        scale = draw.Scale(0.5, 1.0)
    name = words.title(headline.metric)
    return draw.bars(
        name, _plainly(record, headline), rows, shown=shown, points=True, scale=scale, main=True
    )
