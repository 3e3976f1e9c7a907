"""What was tried: the leaderboard, what more rows would bring, and every decision with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heldout.core.journal import Entry
from heldout.report import answer, draw, words
from heldout.report.figures import Digits, number, percent, seconds, size
from heldout.report.record import Headline, Numbers, RunRecord, as_float

MOST_CANDIDATES, MOST_DRAWN = 30, 10
DECISIONS = (
    ("read", "Reading"),
    ("define", "Task"),
    ("plan", "Protocol"),
    ("audit", "Looking for leaks"),
    ("hypotheses", "Hypotheses"),
    ("baseline", "Baseline"),
    ("leaderboard", "Candidates"),
    ("ensemble", "Ensemble"),
    ("calibrate", "Calibration"),
    ("threshold", "Threshold"),
    ("stability", "Stability of the folds"),
    ("looks", "Looks at validation rows"),
    ("gate", "Signal or not"),
    ("refit", "Final fit"),
    ("parity", "Same numbers anywhere"),
    ("seal", "The seal"),
)


def tried(record: RunRecord) -> dict[str, Any]:
    """Leaderboard, what happened to the fits, and every decision."""
    headline, rows = record.headline, record.leaderboard
    board = _board(record, headline) if headline is not None else []
    fits = [str(e.numbers.get("status", "done")) for e in record.all("fit")]
    return {
        "board": board,
        "columns": [c for c in ("seconds", "size", "apart") if any(r[c] for r in board)],
        "picture": _picture(record, headline) if headline is not None and len(board) > 1 else None,
        "left": max(0, len(rows) - len(board)),
        "metric": words.title(headline.metric) if headline else "",
        "model": answer.model_line(record) if record.signal is not False else answer.NONE_KEPT,
        "fits": {status: fits.count(status) for status in dict.fromkeys(fits)},
        "learning": _learning(record),
        "decisions": [
            _decision(label, step, record) for step, label in DECISIONS if record.entry(step)
        ],
        "lost": record.lost,
        "baselines": _baselines(record, headline),
    }


def _board(record: RunRecord, headline: Headline) -> list[dict[str, Any]]:
    shown, spent, told = words.digits(headline), _spent_by_candidate(record), []
    for rank, row in _ranked(record)[:MOST_CANDIDATES]:
        low, high = as_float(row.get("low")), as_float(row.get("high"))
        told.append(
            {
                "rank": rank,
                "name": row.get("name"),
                "model": words.model_title(str(row.get("model") or row.get("name"))),
                "score": shown(as_float(row.get("score"))),
                "ends": f"{shown(low)} to {shown(high)}" if None not in (low, high) else "",
                "weight": percent(as_float(row.get("weight"))) if row.get("weight") else "",
                "seconds": _spent(row, spent),
                "size": size(as_float(row.get("bytes"))) if as_float(row.get("bytes")) else "",
                "apart": _apart(row, shown),
                "complete": row.get("complete", True),
            }
        )
    return told


def _ranked(record: RunRecord) -> list[tuple[int, Numbers]]:
    """Candidates with their place, best first."""
    return [(int(row.get("rank") or i), row) for i, row in enumerate(record.leaderboard, 1)]


def _apart(row: Numbers, shown: Digits) -> str:
    """Whether a candidate can be told from the first, by the corrected paired test with Holm."""
    if row.get("rank") == 1 or not row.get("complete", True):
        return ""
    behind, low, high = (as_float(row.get(k)) for k in ("behind", "behind_low", "behind_high"))
    if behind is None:
        return ""
    if row.get("cannot_be_told"):
        return "cannot be told apart"
    ends = f" ({shown(low)} to {shown(high)})" if low is not None and high is not None else ""
    return f"behind by {shown(behind)}{ends}"


def _picture(record: RunRecord, headline: Headline) -> draw.Picture | None:
    """The first candidates with their intervals, and the baseline."""
    members = {str(m.get("name")) for m in record.members}
    bars = [
        draw.Bar(
            f"{rank}. {r.get('name')}", score, as_float(r.get("low")),
            as_float(r.get("high")), main=bool(r.get("weight")) or str(r.get("name")) in members,
        )
        for rank, r in _ranked(record)
        if r.get("complete", True) and (score := as_float(r.get("score"))) is not None
    ][:MOST_DRAWN]  # fmt: skip
    if len(bars) < 2:
        return None
    return draw.bars(
        "Candidates and their intervals",
        "Filled dots are part of the final model. Where the lines overlap widely, the order is mostly chance.",
        bars, shown=words.digits(headline), points=True,
        head=("candidate", words.title(headline.metric), "interval"),
    )  # fmt: skip


def _learning(record: RunRecord) -> draw.Picture | None:
    """What more rows brought a quick model, and what twice as many promise: the finding's numbers."""
    found = next((f for f in record.findings if f.get("check") == "learning_curve"), None)
    seen = (found or {}).get("evidence") or {}
    xs = [float(v) for v in seen.get("shares") or ()]
    ys = [float(v) for v in seen.get("skill") or ()]
    gain, low, high = (as_float(seen.get(k)) for k in ("gain", "low", "high"))
    if found is None or len(xs) < 2 or len(xs) != len(ys):
        return None
    mark = []
    if gain is not None and low is not None and high is not None:
        mark = [draw.Point(2.0, ys[-1] + gain, "twice the rows", ys[-1] + low, ys[-1] + high)]
    told = str(found.get("what") or "").partition(":")[0]
    return draw.lines(
        "Learning curve", f"{told[:1].upper()}{told[1:]}. Measured with a quick model; the last point is a guess.",
        [draw.Series("", xs, ys)], right="share of the training rows", up="share of the target explained",
        marks=mark, shown=percent, shown_x=lambda v: number(v, 3).rstrip("0").rstrip("."),
    )  # fmt: skip


def _decision(label: str, step: str, record: RunRecord) -> dict[str, Any]:
    entry = record.entry(step)
    assert entry is not None
    decision, reason = _in_words(step, entry, record)
    return {
        "label": label,
        "decision": decision,
        "reason": reason,
        "overrule": entry.overrule,
        "others": [_other(a) for a in entry.alternatives if a],
        "after": seconds(at) if (at := as_float(entry.numbers.get("at"))) is not None else "",
    }


def _in_words(step: str, entry: Entry, record: RunRecord) -> tuple[str, str]:
    """Decision and reason; names and numbers as the rest of the page has them."""
    headline, n = record.headline, entry.numbers
    if headline is None:
        return entry.decision, entry.reason
    shown = words.digits(headline)
    best = n.get("best_null") or {}
    if step == "baseline" and best.get("name"):
        value = shown(as_float(best.get("value")))
        return (
            f"{words.null_words(str(best['name']))}: {value}, on open {record.units}",
            entry.reason,
        )
    gain, low, high = (as_float(n.get(k)) for k in ("gain", "low", "high"))
    if step == "gate" and gain is not None and low is not None and high is not None:
        level = f"{100 * (as_float(n.get('level')) or 0.95):g} % interval"
        told = f"gain over the baseline {shown(gain)}, {level} {shown(low)} to {shown(high)}"
        rule = "signal means that the lower end of the paired interval is above 0"
        return entry.decision, f"{told}; {rule}"
    if step == "looks" and (told := answer.looks_words(record)):
        return entry.decision, told
    if step == "parity" and (told := answer.parity_words(record)):
        return entry.decision, told
    return entry.decision, entry.reason


def _other(alternative: Any) -> str:
    if not isinstance(alternative, Mapping):
        return str(alternative)
    rest = {k: v for k, v in alternative.items() if k not in ("name", "decision")}
    name = str(alternative.get("name") or alternative.get("decision") or "")
    told = ", ".join(f"{k.replace('_', ' ')} {_short(v)}" for k, v in rest.items())
    return f"{name} ({told})" if name and told else name or told


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _spent_by_candidate(record: RunRecord) -> dict[str, float]:
    """CPU seconds of all fits of each candidate; those not timed are left out."""
    spent: dict[str, float] = {}
    for entry in record.all("fit"):
        used = as_float(entry.cost if entry.cost is not None else entry.numbers.get("cpu_seconds"))
        if used is not None:
            name = str(entry.numbers.get("candidate"))
            spent[name] = spent.get(name, 0.0) + used
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
