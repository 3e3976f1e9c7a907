"""Groups of rows: the worst ones found, those that the user named, and sets with a promise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from heldout.core.names import count
from heldout.report import draw, words
from heldout.report.figures import Digits, decimals, number, percent, percents
from heldout.report.record import Numbers, RunRecord, as_float

MOST_SLICES, MOST_EXAMPLES, MOST_GROUPS = 8, 3, 12
MEASURES = (
    ("base_rate", "truly"),
    ("flagged", "flagged"),
    ("recall", "found of the true"),
    ("precision", "right when flagged"),
    ("false_positive_rate", "false alarms"),
)


def slices(record: RunRecord) -> dict[str, Any] | None:
    """The worst groups, with size, score, interval and examples; None where none were sought."""
    n = record.numbers("slices")
    if not n:
        return None
    metric = str(n.get("metric") or "")
    found = list(n.get("found") or ())[:MOST_SLICES]
    every = (
        as_float((n.get("score") or {}).get("value"))
        if isinstance(n.get("score"), Mapping)
        else as_float(n.get("score"))
    )
    values = [v for s in found if (v := _value(s.get("score"))) is not None]
    of_target = words.is_of_target(metric) and not record.task.get("parts")
    shown = Digits(
        decimals(every if every is not None else (values or [0.0])[0], (), of_target=of_target)
    )
    looked = count(int(n.get("looked_at") or 0))
    told = [_told(one, shown, record) for one in found]
    return {
        "found": told,
        "picture": _picture(found, every, shown, metric, record) if told else None,
        "metric": words.title(metric) if metric else "score",
        "loss": "absolute error" if record.kind in ("regression", "forecast", "vector_regression") else "log loss",
        "looked": looked,
        "score": shown(every) if every is not None else "",
        "many": len(n.get("found") or ()) - len(found),
    }  # fmt: skip


def _told(one: Numbers, shown: Digits, record: RunRecord) -> dict[str, Any]:
    return {
        "words": str(one.get("words") or ""),
        "score": _ends(one.get("score"), shown),
        "rest": _ends(one.get("rest"), shown),
        "samples": count(int(one.get("samples") or 0)),
        "share": percent(as_float(one.get("share"))),
        "examples": [_example(e, record) for e in list(one.get("examples") or ())[:MOST_EXAMPLES]],
    }


def _picture(
    found: list[Numbers], every: float | None, shown: Digits, metric: str, record: RunRecord
) -> draw.Picture | None:
    bars = [
        draw.Bar(str(s.get("words")), value, *_low_high(s.get("score")))
        for s in found
        if (value := _value(s.get("score"))) is not None
    ]
    if not bars:
        return None
    if every is not None:
        bars.append(draw.Bar(f"all {record.units}", every, main=True))
    return draw.bars(
        "The worst groups", f"{words.title(metric)} of each group, with its interval; last, of all {record.units}.",
        bars, shown=shown, points=True, head=("group", words.title(metric), "interval"),
    )  # fmt: skip


def _example(row: Numbers, record: RunRecord) -> dict[str, Any]:
    probability = as_float(row.get("probability"))
    answer = row.get("prediction")
    told = f"truly {_plain(row.get('truth'))}, answered {_plain(answer)}"
    if probability is not None:
        told += f" with a probability of {percent(probability)}"
    given = list((row.get("values") or {}).items())[:8]
    values = [(k, record.cell(k, v)) for k, v in given]
    return {"row": count(int(row.get("row", 0))), "told": told, "values": values}


def _plain(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _value(found: object) -> float | None:
    return as_float(found.get("value")) if isinstance(found, Mapping) else as_float(found)


def _low_high(found: object) -> tuple[float | None, float | None]:
    if not isinstance(found, Mapping):
        return None, None
    return as_float(found.get("low")), as_float(found.get("high"))


def _ends(found: object, shown: Digits) -> str:
    value, (low, high) = _value(found), _low_high(found)
    if value is None:
        return "not known"
    return shown(value) + (
        f" ({shown(low)} to {shown(high)})" if low is not None and high is not None else ""
    )


def fairness(record: RunRecord) -> dict[str, Any] | None:
    """Groups that the user named, side by side, and which gaps are beyond noise."""
    n = record.numbers("fairness")
    columns = n.get("columns") or ()
    told = []
    for column in columns:
        groups = list(column.get("groups") or ())[:MOST_GROUPS]
        measures = [
            (k, t) for k, t in MEASURES if any(_value(g.get(k)) is not None for g in groups)
        ]
        rows = [
            (
                group_name(record, str(column.get("column")), str(g.get("group"))),
                count(int(g.get("samples") or 0)),
                *(_rate(g.get(k)) for k, _ in measures),
            )
            for g in groups
        ]
        head = ("group", record.units, *(t for _, t in measures))
        told.append(
            {
                "column": str(column.get("column")),
                "table": draw.table(f"By {column.get('column')}, out of fold", head, rows)
                if rows
                else "",
                "words": certain(column, record),
            }
        )
    return {"columns": told, "words": str(n.get("words") or "")} if told else None


def certain(column: Numbers, record: RunRecord) -> str:
    """The differences between groups that are certain, in one sentence."""
    said = column.get("words") or ()
    told = [said] if isinstance(said, str) else [str(w) for w in said]
    name = str(column.get("column"))
    for group in (str(g.get("group")) for g in column.get("groups") or ()):
        shown = group_name(record, name, group)
        asked = re.compile(rf"\bof {re.escape(group)}(?=,|$)")
        told = [asked.sub(f"of {shown}".replace("\\", r"\\"), t) for t in told]
    return "; ".join(told) if told else "No difference between these groups is certain"


def group_name(record: RunRecord, column: str, group: str) -> str:
    """A group as the column writes it: 0 and not 0.0."""
    bare = group.removesuffix(".0")
    return record.cell(column, bare) if bare.lstrip("-").isdigit() else group


def _rate(found: object) -> str:
    value, (low, high) = _value(found), _low_high(found)
    if value is None:
        return ""
    return percent(value) + (
        f" ({percents(low, high)})" if low is not None and high is not None else ""
    )


def _bands(n: Mapping[str, Any], cover: Mapping[str, Any], record: RunRecord) -> str:
    """The width of each target's band, and what it held."""
    told, found = [], cover.get("each") or []
    for j, each in enumerate(n["each"]):
        width = as_float(each.get("width")) or 0.0
        part = f"{each['target']} {number(width, decimals(width, of_target=True))} wide"
        held = found[j] if j < len(found) else {}
        told.append(part + (f", {_rate(held)}" if _value(held) is not None else ""))
    where = "sealed" if cover.get("sealed") else "open"
    return (
        f"a band for each target that holds its truth {percent(as_float(n.get('level')) or 0.0)} of the"
        f" time. Widths, and what they held of {count(int(cover.get('samples') or 0))} {where}"
        f" {record.units}: {'; '.join(told)}."
    )


def conformal(record: RunRecord) -> str:
    """What the promised sets or bands do, in a sentence."""
    n = record.numbers("conformal")
    cover = n.get("coverage") or {}
    value, level = _value(cover), as_float(n.get("level"))
    if level is None:
        return ""
    unit, width = record.unit, as_float(n.get("width"))
    size = as_float(n.get("size"))
    text = f"On request each {unit} also gets "
    if n.get("each"):
        return text + _bands(n, cover, record)
    if size is not None:
        single = as_float(n.get("single"))
        text += f"a set of labels that holds the true one {percent(level)} of the time: {number(size, 2)} labels on average"
        text += f", one alone in {percent(single)} of cases." if single is not None else "."
    elif width is not None:
        wide = number(width, decimals(width, of_target=True))
        text += f"a band that holds the truth {percent(level)} of the time, {wide} wide."
    else:
        text += f"an answer that holds {percent(level)} of the time."
    if value is not None:
        where = "sealed" if cover.get("sealed") else "open"
        n_rows = count(int(cover.get("samples") or 0))
        text += f" Measured on {n_rows} {where} {record.units}: {_rate(cover)}."
    return text
