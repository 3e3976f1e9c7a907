"""A forecast drawn: the sealed stretch beside what was foretold, and how far off earlier ones were."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from heldout.report import draw
from heldout.report.record import Numbers, RunRecord, as_float

MOST_SERIES = 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def foretold(record: RunRecord) -> list[draw.Picture]:
    """One picture a series, the first ones; empty where nothing was foretold."""
    found = record.numbers("forecast")
    series = [str(name) for name in found.get("series") or ()]
    return [
        picture
        for i, name in enumerate(series[:MOST_SERIES])
        if (picture := _one(record, found, i, name)) is not None
    ]


def _one(record: RunRecord, found: Numbers, i: int, name: str) -> draw.Picture | None:
    predicted = _row(found, "predicted", i)
    steps = list(range(1, len(predicted) + 1))
    if len(steps) < 2:
        return None
    truth, low, high = (_row(found, key, i) for key in ("truth", "low", "high"))
    label = _dates(_row(found, "times", i), steps)
    series = []
    if len(truth) == len(steps):
        series.append(draw.Series("truth", steps, truth))
    banded = len(low) == len(high) == len(steps)
    series.append(
        draw.Series(
            "forecast, with band",
            steps,
            predicted,
            low if banded else None,
            high if banded else None,
        )
    )
    entry = record.entry("forecast")
    says = f"{entry.decision}; {entry.reason}" if entry else ""
    return draw.lines(
        f"The sealed stretch: {name}",
        f"{says[:1].upper()}{says[1:]}. Every step was foretold from what came before the first one.",
        series, right="step", up=record.target, shown=_shown, shown_x=label,
        names=[(0.0, label(1)), (100.0, label(len(steps)))], band="band",
    )  # fmt: skip


def earlier(record: RunRecord) -> draw.Picture | None:
    """The error of what ships at each earlier stretch: luck differs from stretch to stretch."""
    fits = [e.numbers for e in record.all("fit") if e.numbers.get("origins")]
    blend = next((f for f in fits if f.get("candidate") == "blend"), fits[0] if fits else None)
    values = [as_float(v) for v in (blend or {}).get("origins") or ()]
    known = [(i, v) for i, v in enumerate(values, 1) if v is not None]
    if len(known) < 2:
        return None
    from heldout.report import words

    metric = words.title(str(record.task.get("metric") or "error"))
    worst = max(known, key=lambda pair: pair[1])
    return draw.bars(
        "Earlier stretches",
        f"{metric[:1].upper()}{metric[1:]} at each of {len(known)} stretches before the sealed one, the "
        f"oldest first: how much a single stretch is luck. Worst: stretch {worst[0]}.",
        [draw.Bar(f"stretch {i}", v) for i, v in known],
        shown=words.digits(record.headline) if record.headline else _shown, head=("stretch", metric),
    )  # fmt: skip


def _row(found: Numbers, key: str, i: int) -> list[float]:
    """One series of an entry; gaps are NaN."""
    rows: Sequence[Sequence[object]] = found.get(key) or ()
    told = [as_float(v) for v in rows[i]] if i < len(rows) else []
    return [math.nan if v is None else v for v in told]


def _dates(times: list[float], steps: Sequence[int]) -> Callable[[float], str]:
    """Step number to its date, where the times are microseconds; else to its number."""
    if len(times) != len(steps) or not all(map(math.isfinite, times)):
        return lambda step: f"step {step:g}"
    try:
        at = [EPOCH + timedelta(microseconds=t) for t in times]
    except OverflowError:
        return lambda step: f"step {step:g}"
    form = "%Y-%m-%d %H:%M"
    if all((t.hour, t.minute, t.second) == (0, 0, 0) for t in at):
        form = "%Y-%m" if all(t.day == 1 for t in at) else "%Y-%m-%d"
    if at[-1].year - at[0].year == len(at) - 1 and form == "%Y-%m":
        form = "%Y"
    named = [t.strftime(form) for t in at]
    return lambda step: named[min(max(round(step), 1), len(named)) - 1]


def _shown(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e5 else f"{value:,.0f}"
