"""Several targets: each by itself, as a picture with its table, and as lines of the screen."""

from __future__ import annotations

from heldout.report import words
from heldout.report.draw import Bar, Picture, bars
from heldout.report.figures import Digits, decimals, percent
from heldout.report.record import Numbers, RunRecord, as_float

SHOWN = 6  # targets on the screen


def rows(record: RunRecord) -> list[Numbers]:
    """What the run entered about each target; empty where there is one."""
    return list(record.numbers("targets").get("targets") or ())


def lines(record: RunRecord) -> list[str]:
    """A line for each target, the hardest of many only."""
    every = rows(record)
    some = every if len(every) <= SHOWN else _hardest(record, every)[:SHOWN]
    told = [line(one) for one in some]
    if len(every) > len(some):
        told.append(f"and {len(every) - len(some)} that are easier, on the report")
    return told


def line(one: Numbers) -> str:
    """Score with interval and baseline; in the target's own unit where it is a number."""
    value, low, high, base = (as_float(one.get(k)) for k in ("value", "low", "high", "baseline"))
    if value is None:
        return f"{one['target']}: no score"
    shown = Digits(decimals(value, (low, high), of_target="scale" in one))
    between = (
        f"{shown(low)} to {shown(high)}" if low is not None and high is not None else "no interval"
    )
    text = f"{one['target']}: {shown(value)} ({between})"
    if base is not None:
        text += f", baseline {shown(base)}"
    if one.get("positive") is not None and as_float(one.get("share")) is not None:
        text += f"; {percent(float(one['share']))} are {one['positive']}"
    return text


def pictures(record: RunRecord) -> list[Picture]:
    """Labels as points with their intervals; numbers, which have units of their own, in standard
    deviations of each."""
    every = [r for r in rows(record) if as_float(r.get("value")) is not None]
    if not every:
        return []
    metric = str(record.numbers("targets").get("metric") or "")
    made = []
    for one in _hardest(record, every):
        unit = float(one.get("scale") or 1.0) if words.is_of_target(metric) else 1.0
        value, low, high = (as_float(one.get(k)) for k in ("value", "low", "high"))
        base = as_float(one.get("baseline"))
        note = "" if base is None else f"baseline {base / unit:.3f}"
        if unit != 1.0 and value is not None:
            own = Digits(decimals(value, (low, high), of_target=True))
            note += f", {own(value)} in its unit"
        made.append(
            Bar(
                str(one["target"]),
                float(value or 0.0) / unit,
                None if low is None else low / unit,
                None if high is None else high / unit,
                note,
            )
        )
    says = f"The hardest is {made[0].label}. The score of this run is the mean over all of them."
    if words.is_of_target(metric):
        says += " Errors are in standard deviations of each target."
    name = f"Each target by itself: {words.title(metric)}"
    return [bars(name, says, made, shown=Digits(3), points=True)]


def _hardest(record: RunRecord, every: list[Numbers]) -> list[Numbers]:
    """Worst first, numbers in their standard deviations."""
    greater = bool(record.task.get("greater_is_better", True))

    def rank(one: Numbers) -> float:
        value = as_float(one.get("value"))
        size = 0.0 if value is None else value / float(one.get("scale") or 1.0)
        return size if greater else -size

    return sorted(every, key=rank)
