"""What another threshold would do: money, other choices, and the curves behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heldout.core.names import count
from heldout.report import draw
from heldout.report.figures import number, percent, percents
from heldout.report.record import Numbers, RunRecord, as_float

TWO = draw.Scale(0.0, 1.0)
Shown = Any


def choices(record: RunRecord) -> dict[str, Any]:
    """Nothing where the task has no threshold or the run kept no signal."""
    found = record.numbers("curves")
    if not found or record.signal is False or record.positive is None:
        return {"any": False}
    pictures = [
        p
        for p in (
            _roc(record, found),
            _pr(record, found),
            _gain(record, found),
            _lift(record, found),
        )
        if p
    ]
    others, head = _others(record, found)
    money = _money(record, found)
    return {
        "any": bool(pictures or others or money),
        "money": money,
        "money_words": _money_words(record, found) if money else "",
        "others": draw.table(
            f"Of every 1,000 {record.units}, counted out of fold", head, others
        ) if others else "",
        "pictures": pictures,
        "samples": f"{count(int(found.get('samples') or 0))} {record.units}",
    }  # fmt: skip


def _pairs(part: object) -> tuple[list[float], list[float]]:
    points = part.get("points") or () if isinstance(part, Mapping) else ()
    kept = [(as_float(p[0]), as_float(p[1])) for p in points if len(p) >= 2]
    known = [(x, y) for x, y in kept if x is not None and y is not None]
    return [x for x, _ in known], [y for _, y in known]


def _at(part: Mapping[str, Any], text: str) -> list[draw.Point]:
    at = part.get("at") or ()
    x, y = (as_float(v) for v in (*at, None, None)[:2])
    return [] if x is None or y is None else [draw.Point(x, y, text)]


def _roc(record: RunRecord, found: Numbers) -> draw.Picture | None:
    x, y = _pairs(found.get("roc"))
    if len(x) < 2:
        return None
    pos, neg = record.positive, record.negative
    return draw.lines(
        "ROC curve",
        f"Each point is a threshold. The nearer to the upper left corner, the more {pos} are found "
        f"for each {neg} flagged with them; chance is the dashed line.",
        [draw.Series("", x, y)],
        right=f"share of {neg} that is flagged (false positive rate)",
        up=f"share of {pos} that is found (recall)",
        marks=_at(found["roc"], "in use"), diagonal=True, x=TWO, y=TWO, square=True, height=260, shown=percent,
        shown_x=percent,
    )  # fmt: skip


def _pr(record: RunRecord, found: Numbers) -> draw.Picture | None:
    x, y = _pairs(found.get("pr"))
    if len(x) < 2:
        return None
    pos, chance = record.positive, as_float((found["pr"] or {}).get("chance"))
    return draw.lines(
        "Precision and recall",
        f"Who wants to find more {pos} must look at more alarms that are false."
        + (f" Chance gives {percent(chance)} everywhere." if chance is not None else ""),
        [draw.Series("", x, y), *_flat("chance", chance)],
        right=f"share of {pos} that is found (recall)",
        up=f"share of the flagged that are {pos} (precision)",
        marks=_at(found["pr"], "in use"), x=TWO, y=TWO, square=True, height=260, shown=percent,
        shown_x=percent,
    )  # fmt: skip


def _gain(record: RunRecord, found: Numbers) -> draw.Picture | None:
    x, y = _pairs(found.get("gain"))
    if len(x) < 2:
        return None
    return draw.lines(
        "Gain",
        f"How many of the {record.positive} are found when the {record.units} with the highest "
        "probability are looked at first; by chance the dashed line.",
        [draw.Series("", x, y)],
        right=f"share of the {record.units} looked at",
        up=f"share of {record.positive} that is found",
        marks=_at(found["gain"], "in use"), diagonal=True, x=TWO, y=TWO, square=True, height=260, shown=percent,
        shown_x=percent,
    )  # fmt: skip


def _lift(record: RunRecord, found: Numbers) -> draw.Picture | None:
    x, y = _pairs(found.get("lift"))
    if len(x) < 2:
        return None
    return draw.lines(
        "Lift",
        f"How many times more {record.positive} than by chance are among those looked at first.",
        [draw.Series("", x, y), *_flat("chance", as_float((found["lift"] or {}).get("chance")))],
        right=f"share of the {record.units} looked at",
        up="times as many as by chance",
        marks=_at(found["lift"], "in use"), x=TWO, y=draw.around(y, zero=True), square=True, height=260,
        shown=_times, shown_x=percent,
    )  # fmt: skip


def _flat(label: str, value: float | None) -> list[draw.Series]:
    return [] if value is None else [draw.Series(label, [0.0, 1.0], [value, value])]


def _times(value: float) -> str:
    return f"{value:.2f}"


def _amount(values: Sequence[float | None]) -> Shown:
    """Money without decimals; with them where the amounts are small."""
    most = max((abs(v) for v in values if v is not None), default=0.0)
    places = 0 if most >= 20 else 1 if most >= 2 else 2
    return lambda v: number(v, places)


def _money(record: RunRecord, found: Numbers) -> draw.Picture | None:
    money = found.get("money")
    if not isinstance(money, Mapping):
        return None
    x, y = _pairs(money)
    if len(x) < 2:
        return None
    none, every = as_float(money.get("none")), as_float(money.get("all"))
    shown = _amount([*y, none, every])
    series = [draw.Series("the model", x, y)]
    ends = [min(x), max(x)]
    if none is not None:
        series.append(draw.Series("flag nobody", ends, [none, none]))
    if every is not None:
        series.append(draw.Series("flag everybody", ends, [every, every]))
    return draw.lines(
        "Cost by threshold",
        "The lowest point is the cheapest threshold; where the line is flat around it, the exact "
        "threshold matters little.",
        series, right="threshold (flagged from this probability on)",
        up=f"cost of 1,000 {record.units}, in the unit of --cost",
        marks=_at(money, "in use"), y=draw.around([*y, none, every], zero=True), shown=shown,
        shown_x=_times,
    )  # fmt: skip


def _money_words(record: RunRecord, found: Numbers) -> str:
    money = found["money"]
    at, none, every = (
        as_float((money.get("at") or (None, None))[1]),
        money.get("none"),
        money.get("all"),
    )
    none, every = as_float(none), as_float(every)
    if at is None or none is None or every is None:
        return ""
    shown = _amount([at, none, every])
    miss, alarm = as_float(money.get("miss")) or 0.0, as_float(money.get("alarm")) or 0.0
    best = min((none, "flagging nobody"), (every, "flagging everybody"))
    saved = best[0] - at
    end = (
        f"So the model saves {shown(saved)} of every 1,000 {record.units} against {best[1]}."
        if saved > 0
        else f"So at these costs the model saves nothing against {best[1]}."
    )
    return (
        f"If a miss costs {miss:g} and a false alarm {alarm:g}, 1,000 {record.units} cost "
        f"{shown(at)} with the model in use, {shown(none)} if nobody is flagged and {shown(every)} "
        f"if everybody is. {end}"
    )


def _others(record: RunRecord, found: Numbers) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Operating points at other thresholds, a row each; the shipped one is the page's first."""
    rows, priced = [], bool(record.task.get("cost"))
    for choice in sorted(found.get("choices") or (), key=lambda c: float(c.get("threshold") or 0)):
        n = as_float(choice.get("samples"))
        if not n or as_float(choice.get("flagged")) is None:
            continue
        per = {k: 1000 * float(choice.get(k) or 0) / n for k in ("flagged", "right", "missed")}
        low, high = as_float(choice.get("precision_low")), as_float(choice.get("precision_high"))
        ends = f" ({percents(low, high)})" if low is not None and high is not None else ""
        cost = as_float((choice.get("cost") or {}).get("per_sample"))
        price = [number(None if cost is None else 1000 * cost, 0)] if priced else []
        rows.append(
            (
                f"{float(choice['threshold']):.2f}: {choice.get('why') or ''}".rstrip(": "),
                count(per["flagged"]), count(per["right"]), count(per["missed"]),
                percent(as_float(choice.get("precision"))) + ends, *price,
            )
        )  # fmt: skip
    head = ("threshold", "flagged", "rightly", "missed", f"of the flagged {record.positive}")
    return rows, (*head, *(["cost"] if priced else []))
