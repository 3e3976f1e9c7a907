"""The section on capacity: training and validation loss against size, the border, the remedies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heldout.core.names import count, plural
from heldout.report import draw, words
from heldout.report.figures import NONE, Digits, decimals, percent, seconds
from heldout.report.record import Numbers, RunRecord, as_float

ACTS = {"model": "the model", "loss": "the loss", "data": "the data", "all": "all of these"}
TURNED = "Validation was best at {border} and got worse beyond noise after it: the border."
NOT_TURNED = "Validation did not turn beyond noise; {why}."
FADED = "After {faded} it gained nothing beyond noise, while training fell on."
ENDED = {
    "time": "the time for the climb ended first",
    "top": "the largest model that was planned had been reached",
}


def capacity(record: RunRecord) -> dict[str, Any] | None:
    """What the template lays out; None where no ladder was climbed."""
    entry = record.entry("ladder")
    if entry is None:
        return None
    numbers = entry.numbers
    loss = str(numbers.get("loss") or "loss")
    made = [_ladder(one, loss, record) for one in numbers.get("ladders") or ()]
    if not made:
        return None
    return {
        "loss": words.title(loss),
        "rows": f"{count(int(numbers.get('samples') or 0))} open {record.units}",
        "folds": plural(int(numbers.get("folds") or 1), "fold"),
        "ladders": made,
        "overrule": entry.overrule,
    }


def _ladder(one: Numbers, loss: str, record: RunRecord) -> dict[str, Any]:
    steps, remedies = list(one.get("steps") or ()), list(one.get("remedies") or ())
    if one.get("together"):
        remedies.append(one["together"])
    shown = _digits(steps, loss)
    held = one.get("held")
    return {
        "title": str(one.get("title") or one.get("card")).capitalize(),
        "unit": one.get("unit") or "parameters",
        "says": _says(one, steps),
        "picture": _picture(one, steps, loss, shown),
        "steps": [_step(i, s, one, shown) for i, s in enumerate(steps)],
        "held": steps[held]["words"] if isinstance(held, int) and held < len(steps) else "",
        "remedies": [_remedy(r, shown) for r in remedies],
        "untried": [str(u) for u in one.get("untried") or ()],
        "kept": _kept(one, record),
    }


def _digits(steps: Sequence[Numbers], loss: str) -> Digits:
    """As many decimals as the best step needs, the same for all."""
    known = [s for s in steps if as_float(s.get("validation")) is not None]
    best = min(known, key=lambda s: float(s["validation"]), default={})
    value = as_float(best.get("validation")) or 0.0
    ends = (as_float(best.get("low")), as_float(best.get("high")))
    return Digits(decimals(value, ends, of_target=words.is_of_target(loss)))


def _says(one: Numbers, steps: Sequence[Numbers]) -> str:
    border = one.get("border")
    if isinstance(border, int) and border < len(steps):
        return TURNED.format(border=steps[border]["words"])
    told = NOT_TURNED.format(why=ENDED.get(str(one.get("ended")), "the climb ended"))
    faded = one.get("faded")
    if isinstance(faded, int) and faded < len(steps):
        told += " " + FADED.format(faded=steps[faded]["words"])
    return told


def _picture(
    one: Numbers, steps: Sequence[Numbers], loss: str, shown: Digits
) -> draw.Picture | None:
    """Both losses and the baseline against capacity; the border upright, the kept model marked."""
    if len(steps) < 2:
        return None
    x = [float(s["capacity"]) for s in steps]
    low = [_or(s.get("low"), s["validation"]) for s in steps]
    high = [_or(s.get("high"), s["validation"]) for s in steps]
    series = [
        draw.Series(
            "validation, with interval", x, [float(s["validation"]) for s in steps], low, high
        ),
        draw.Series("training", x, [float(s["training"]) for s in steps]),
    ]
    base = as_float((one.get("null") or {}).get("value"))
    if base is not None:
        series.append(draw.Series("baseline, learns nothing", [x[0], x[-1]], [base, base]))
    kept = one.get("kept") or {}
    marked = [(one.get("border"), "border"), (one.get("faded"), "gains fade")]
    upright = [(x[i], text) for i, text in marked if isinstance(i, int) and i < len(x)][:1]
    marks = []
    if as_float(kept.get("validation")) is not None and one.get("smallest") is not None:
        at = min(max(float(kept["capacity"]), x[0]), x[-1])
        told = "kept" if one.get("joins") else "best so far"
        marks.append(draw.Point(at, float(kept["validation"]), told))
    unit = str(one.get("unit") or "parameters")
    return draw.lines(
        f"Capacity and loss, {one.get('title')}", _says(one, steps), series,
        right=f"capacity ({unit}), by factors", up=f"{words.title(loss)} (low is good)",
        marks=marks, upright=upright, log=True, shown=shown, shown_x=lambda v: count(round(v)),
    )  # fmt: skip


def _step(i: int, step: Numbers, one: Numbers, shown: Digits) -> dict[str, str]:
    told = []
    if i == one.get("smallest"):
        told.append("the smallest that beats the baseline")
    if i == one.get("border"):
        told.append("the border: the best before validation turns")
    elif i == one.get("faded") and one.get("border") is None:
        told.append("from here on no gain beyond noise")
    if i == one.get("held"):
        told.append("memorizes: held back below")
    kept = one.get("kept") or {}
    if one.get("joins") and not kept.get("remedy") and kept.get("words") == step.get("words"):
        told.append("kept: the smallest within noise of the best")
    return {**_common(step, shown), "decided": "; ".join(told)}


def _remedy(one: Numbers, shown: Digits) -> dict[str, str]:
    gain, low, high = (as_float(one.get(k)) for k in ("gain", "gain_low", "gain_high"))
    ends = f" ({shown(low)} to {shown(high)})" if None not in (low, high) else ""
    zeros = as_float(one.get("zeros"))
    return {
        **_common(one, shown),
        "remedy": str(one.get("remedy")),
        "acts_on": ACTS.get(str(one.get("acts_on")), ""),
        "gain": (shown(gain) if gain is not None else NONE) + ends,
        "verdict": "helps" if one.get("helps") else _no_help(high),
        "zeros": percent(zeros) if zeros else "",
    }


def _no_help(high: float | None) -> str:
    return "worse" if high is not None and high < 0 else "not beyond noise"


def _common(step: Numbers, shown: Digits) -> dict[str, str]:
    low, high = as_float(step.get("low")), as_float(step.get("high"))
    return {
        "words": str(step.get("words")),
        "capacity": count(int(step.get("capacity") or 0)),
        "training": shown(as_float(step.get("training"))),
        "validation": shown(as_float(step.get("validation"))),
        "ends": f"{shown(low)} to {shown(high)}" if None not in (low, high) else "",
        "seconds": seconds(as_float(step.get("seconds"))),
    }


def _kept(one: Numbers, record: RunRecord) -> str:
    decision = str(one.get("decision") or "")
    if not one.get("joins"):
        return decision
    name = str(one["joins"].get("name"))
    row = next((r for r in record.leaderboard if r.get("name") == name), None)
    told = f"{decision}. It joined the candidates as `{name}`"
    if row is None:
        return f"{told}, but the budget ended before it was fitted on all folds."
    share = as_float(row.get("weight"))
    place = f"and came in at place {row.get('rank')} of {len(record.leaderboard)}"
    return f"{told} {place}" + (f", with {percent(share)} of the answer." if share else ".")


def _or(value: object, other: object) -> float:
    found = as_float(value)
    return float(str(other)) if found is None else found
