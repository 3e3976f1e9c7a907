"""What drives the model, where it fails and what was tried: the evidence of the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from heldout.core.names import count
from heldout.report import answer, pictures, words
from heldout.report.figures import number, percent, percents, seconds
from heldout.report.record import Headline, Numbers, RunRecord, as_float

MOST_CANDIDATES, MOST_FAILURES, MOST_VALUES = 30, 12, 12
DECISIONS = (
    ("read", "Reading"),
    ("define", "Task"),
    ("plan", "Protocol"),
    ("audit", "Looking for leaks"),
    ("baseline", "Baseline"),
    ("leaderboard", "Candidates"),
    ("ensemble", "Ensemble"),
    ("calibrate", "Calibration"),
    ("threshold", "Threshold"),
    ("gate", "Signal or not"),
    ("refit", "Final fit"),
    ("parity", "Same numbers anywhere"),
    ("seal", "The seal"),
)


def drives(record: RunRecord) -> dict[str, Any]:
    """Permutation importance."""
    n, headline = record.numbers("importance"), record.headline
    rows = [r for r in n.get("rows") or () if r.get("drop") is not None]
    if not rows or headline is None or record.signal is False:
        return {"rows": (), "none": record.signal is False}
    scale = max(abs(float(r["drop"])) for r in rows)
    shown = words.digits(headline)
    if scale < 10**-shown.places:
        shown = type(shown)(min(6, max(0, 2 - math.floor(math.log10(scale or 1)))))
    line = pictures.importance(rows, shown)
    unclear = [str(r["column"]) for r in rows if r.get("low") is not None and float(r["low"]) <= 0]
    return {
        "rows": line.marks,
        "line": line,
        "metric": words.title(str(n.get("metric") or headline.metric)),
        "samples": f"{count(int(n.get('samples') or 0))} {record.units}",
        "units": record.units,
        "best": line.marks[0].label,
        "unclear": unclear,
        "left": max(0, len(rows) - len(line.marks)),
    }


def fails(record: RunRecord) -> dict[str, Any]:
    """The worst answers, reliability and the curve."""
    rows = list(record.numbers("failures").get("rows") or ())[:MOST_FAILURES]
    bins = [b for b in record.numbers("reliability").get("bins") or () if b.get("n")]
    told = []
    for row in rows:
        values = list((row.get("values") or {}).items())
        told.append(
            {
                "row": count(int(row.get("row", 0))),
                "truth": _plain(row.get("truth")),
                "said": _said(record, row),
                "values": values[:MOST_VALUES],
                "more": max(0, len(values) - MOST_VALUES),
            }
        )
    return {
        "rows": told,
        "unit": record.unit,
        "positive": record.positive,
        "bins": [_bin(b) for b in bins],
        "dots": pictures.reliability(bins),
        "curve": pictures.curve(record.numbers("curve").get("points") or ()),
        "box": pictures.BOX,
        "confusion": _confusion(record),
        "finished": record.entry("finish") is not None,
    }


def _said(record: RunRecord, row: Mapping[str, Any]) -> str:
    if row.get("probability") is not None:
        p = float(row["probability"])
        what = record.positive or _plain(row.get("truth"))
        return f"gave {what} a probability of {percent(p)}"
    value = as_float(row.get("prediction"))
    return f"answered {_plain(row.get('prediction') if value is None else value)}"


def _bin(b: Mapping[str, Any]) -> dict[str, str]:
    low, high = as_float(b.get("share_low")), as_float(b.get("share_high"))
    return {
        "between": f"{number(as_float(b.get('low')), 2)} to {number(as_float(b.get('high')), 2)}",
        "n": count(int(b["n"])),
        "mean": percent(as_float(b.get("mean"))),
        "share": percent(as_float(b.get("share"))),
        "ends": percents(low, high) if low is not None and high is not None else "",
    }


def _confusion(record: RunRecord) -> dict[str, Any] | None:
    """Decisions against the truth: given for several classes, counted for two."""
    point = record.operating
    if point is not None:
        alarms = point.flagged - point.right
        rest = point.samples - point.flagged - point.missed
        return {
            "classes": [record.positive, record.negative],
            "rows": [
                (record.positive, [count(point.right), count(point.missed)]),
                (record.negative, [count(alarms), count(rest)]),
            ],
            "samples": count(point.samples),
        }
    given = record.numbers("operating").get("confusion")
    classes = [str(c) for c in record.task.get("classes") or ()]
    if not given or len(given) != len(classes) or len(classes) > 12:
        return None
    return {
        "classes": classes,
        "rows": [(c, [count(v) for v in r]) for c, r in zip(classes, given, strict=True)],
        "samples": count(sum(map(sum, given))),
    }


def tried(record: RunRecord) -> dict[str, Any]:
    """Leaderboard, what happened to the fits, and every decision."""
    headline, rows = record.headline, record.leaderboard
    board, spent = [], _spent_by_candidate(record)
    if headline is not None:
        shown = words.digits(headline)
        for row in rows[:MOST_CANDIDATES]:
            low, high = as_float(row.get("low")), as_float(row.get("high"))
            board.append(
                {
                    "rank": row.get("rank"),
                    "name": row.get("name"),
                    "model": words.model_title(str(row.get("model") or row.get("name"))),
                    "score": shown(as_float(row.get("score"))),
                    "ends": f"{shown(low)} to {shown(high)}" if None not in (low, high) else "",
                    "weight": percent(as_float(row.get("weight"))) if row.get("weight") else "",
                    "seconds": _spent(row, spent),
                    "complete": row.get("complete", True),
                }
            )
    fits = [str(e.numbers.get("status", "done")) for e in record.all("fit")]
    return {
        "board": board,
        "left": max(0, len(rows) - len(board)),
        "metric": words.title(headline.metric) if headline else "",
        "model": answer.model_line(record),
        "fits": {status: fits.count(status) for status in dict.fromkeys(fits)},
        "decisions": [
            (label, entry) for step, label in DECISIONS if (entry := record.entry(step)) is not None
        ],
        "lost": record.lost,
        "baselines": _baselines(record, headline),
    }


def _spent_by_candidate(record: RunRecord) -> dict[str, float]:
    """CPU seconds of all fits of each candidate."""
    spent: dict[str, float] = {}
    for entry in record.all("fit"):
        used = entry.cost if entry.cost is not None else entry.numbers.get("cpu_seconds")
        name = str(entry.numbers.get("candidate"))
        spent[name] = spent.get(name, 0.0) + (as_float(used) or 0.0)
    return spent


def _spent(row: Numbers, spent: Mapping[str, float]) -> str:
    used = as_float(row.get("seconds"))
    used = spent.get(str(row.get("name"))) if used is None else used
    return "" if used is None else seconds(used)


def _baselines(record: RunRecord, headline: Headline | None) -> list[tuple[str, str]]:
    if headline is None:
        return []
    shown = words.digits(headline)
    nulls = record.numbers("baseline").get("nulls") or ()
    told = [(words.null_words(str(n["name"])), shown(as_float(n.get("value")))) for n in nulls]
    if headline.column is not None:
        told.append((f"The best single column, {headline.column}", shown(headline.column_value)))
    return told


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value)
