"""What each section of the page says; the templates only lay it out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heldout.core.names import count, plural, quoted
from heldout.report import answer, pictures, words
from heldout.report.figures import number, percent, percents, seconds, times
from heldout.report.record import Headline, Numbers, RunRecord
from heldout.report.screen import aside_groups, aside_text

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


@dataclass(frozen=True)
class Fact:
    """A short label and what it says."""

    label: str
    text: str
    more: str = ""


def header(record: RunRecord) -> dict[str, Any]:
    """Where the page comes from."""
    begun, first = record.begun, record.entries[0] if record.entries else None
    when = str(begun.get("started") or (first.time if first else ""))
    try:
        stamp = datetime.fromisoformat(when)
        day = f"{stamp.day} {stamp:%b} {stamp.year}"
    except ValueError:
        day = ""
    rows = plural(record.rows, "row") if record.rows is not None else ""
    version = begun.get("version")
    return {
        "source": record.source,
        "facts": [f for f in (rows, day, f"heldout {version}" if version else "") if f],
        "holds_rows": record.shows_rows,
    }


def banner(record: RunRecord) -> dict[str, Any]:
    """What was set aside, or that nothing was."""
    groups = aside_groups(record)
    asked = plural(len(record.questions), "question")
    if not groups:
        ignored = plural(len(record.ignored), "column")
        info = f"Nothing was set aside. {ignored} ignored. {asked} for you."
        return {"aside": [], "info": info if record.entry("audit") else ""}
    headline = record.headline
    told = []
    for group in groups:
        first = group[0]
        both = ""
        if first.get("score_with") is not None and headline is not None:
            shown = words.digits(headline)
            it = "it" if len(record.set_aside) == 1 else "them"
            both = (
                f"With {it} the score on open {record.units} would be "
                f"{shown(float(first['score_with']))}, without {it} "
                f"{shown(_float(first.get('score_without')))}; we report without."
            )
        told.append({"text": aside_text(group).removeprefix("SET ASIDE "), "both": both})
    columns = ",".join(str(a["column"]) for a in record.set_aside)
    return {"aside": told, "keep": f"--keep {quoted(columns)}", "many": len(record.set_aside) > 1}


def opening(record: RunRecord) -> dict[str, Any]:
    """Heading, sentence, bars, and the number on its line."""
    headline, point = record.headline, record.operating
    volume = answer.volume(point) if point is not None and record.signal is not False else None
    detectable = record.numbers("gate").get("detectable")
    none = record.signal is False
    found: dict[str, Any] = {
        "heading": answer.heading(record),
        "none": none,
        "sentence": answer.business(record) if not none else _no_signal(record, headline),
        "volume": volume,
        "bars": pictures.flagged(volume) if volume else (),
        "threshold": point.threshold if point else None,
        "headline": headline,
        "detectable": None,
    }
    if headline is not None:
        shown = words.digits(headline)
        found |= {
            "question": _question(headline),
            "value": shown(headline.value),
            "between": _between(headline),
            "metric": words.title(headline.metric),
            "line": pictures.score_line(record, headline),
            "plainly": _plainly(record, headline),
            "samples": f"{count(headline.samples)} {record.units}",
            "warning": headline.warning,
            "detectable": shown(_float(detectable)) if none and detectable is not None else None,
        }
    return found


def _no_signal(record: RunRecord, headline: Headline | None) -> str:
    text = "No model beat the baseline by more than chance."
    detectable = record.numbers("gate").get("detectable")
    if detectable is not None and headline is not None:
        shown = words.digits(headline)(float(detectable))
        text += (
            f" A true gain of {shown} over the baseline would have been found 4 times in 5; "
            "a smaller one may have been missed."
        )
    return text + " That the answer cannot be predicted was not shown."


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


def believe(record: RunRecord) -> list[Fact]:
    """How far the number can be believed."""
    facts, headline = [], record.headline
    if headline is not None and headline.sealed:
        opened = times(record.openings) if record.openings else "once"
        text = (
            f"{count(headline.samples)} {record.units}, set aside before any model, opened {opened}"
        )
        more = ""
        if record.openings and record.openings > 1:
            before = [str(b) for b in record.numbers("seal").get("before") or ()]
            more = " ".join(answer.seal_words(record.openings, before)) + (
                " By then the sealed rows were no longer unseen by whoever read those reports."
            )
        facts.append(Fact("sealed", text, more))
    elif headline is not None and record.sealed:
        facts.append(Fact("sealed", "The seal is shut: the run ended before it was opened."))
    elif headline is not None:
        facts.append(Fact("not sealed", words.not_sealed(record, headline)))
    facts += [*_agreement(record, headline), _leak_fact(record)]
    for question in record.questions:
        facts.append(Fact("asks you", question, _WHY_ASK))
    facts.append(Fact("not shown", " ".join(not_shown(record))))
    return [f for f in facts if f.text]


_WHY_ASK = (
    "A value that is only known after the outcome makes a score that no later use will reach. "
    "Nothing in the data can tell when a value was written; you can. Until you answer, the column "
    "is kept and this report assumes yes."
)


def _agreement(record: RunRecord, headline: Headline | None) -> list[Fact]:
    cross = record.numbers("crossval")
    if headline is None or not headline.sealed or cross.get("value") is None:
        return []
    shown = words.digits(headline)
    low, high = _float(cross.get("low")), _float(cross.get("high"))
    ends = f" ({shown(low)} to {shown(high)})" if low is not None and high is not None else ""
    text = f"cross-validated {shown(float(cross['value']))}{ends} before the opening"
    inside = headline.low is None or headline.high is None or low is None or high is None
    meets = inside or (low <= headline.high and headline.low <= high)  # type: ignore[operator]
    more = "" if meets else "The two intervals do not meet: look for what differs between the rows."
    return [Fact("agrees" if meets else "differs", text, more)]


def _leak_fact(record: RunRecord) -> Fact:
    if record.entry("audit") is None:
        return Fact("leaks", "The run ended before it looked for leaks.")
    examined = sum(c.get("role") == "input" for c in record.columns)
    found = len(record.set_aside)
    told = f"{plural(found, 'column')} set aside" if found else "none found"
    text = f"{plural(examined, 'column')} examined, {told}" if examined else told
    not_run = [str(n) for n in record.numbers("audit").get("not_run") or ()]
    if not_run:
        text += f"; not looked for, for want of time: {', '.join(not_run)}"
    return Fact("leaks", text, _HOW_WE_LOOK)


_HOW_WE_LOOK = (
    "A leak is a column that already contains the answer. Each column alone, its gaps, single "
    "values, pairs of columns and the order of rows were held against the target, on open rows "
    "only. What beats all other columns together, or marks the answer by being filled, is set "
    "aside; what is doubtful becomes a question."
)


def not_shown(record: RunRecord) -> list[str]:
    """What no table of this kind can show."""
    units, texts = record.units, []
    dated = any(c.get("kind") == "date" and c.get("role") != "ignored" for c in record.columns)
    if dated and not record.task.get("time"):
        texts.append(
            f"Time was not named (--time): whether later {units} are like these is an assumption."
        )
    elif record.columns:
        texts.append(
            f"The table has no dates: whether later {units} are like these is an assumption."
        )
    if record.positive is not None:
        texts.append(f"It says which {units} are {record.positive}, not what would change it.")
    else:
        texts.append(f"It says what {record.target} will be, not what would change it.")
    return texts


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
    value = _float(row.get("prediction"))
    return f"answered {_plain(row.get('prediction') if value is None else value)}"


def _bin(b: Mapping[str, Any]) -> dict[str, str]:
    low, high = _float(b.get("share_low")), _float(b.get("share_high"))
    return {
        "between": f"{number(_float(b.get('low')), 2)} to {number(_float(b.get('high')), 2)}",
        "n": count(int(b["n"])),
        "mean": percent(_float(b.get("mean"))),
        "share": percent(_float(b.get("share"))),
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
    board = []
    if headline is not None:
        shown = words.digits(headline)
        for row in rows[:MOST_CANDIDATES]:
            low, high = _float(row.get("low")), _float(row.get("high"))
            board.append(
                {
                    "rank": row.get("rank"),
                    "name": row.get("name"),
                    "model": words.model_title(str(row.get("model") or row.get("name"))),
                    "score": shown(_float(row.get("score"))),
                    "ends": f"{shown(low)} to {shown(high)}" if None not in (low, high) else "",
                    "weight": percent(_float(row.get("weight"))) if row.get("weight") else "",
                    "seconds": seconds(_float(row.get("seconds"))),
                    "complete": row.get("complete", True),
                }
            )
    fits = [e.numbers.get("status", "done") for e in record.all("fit")]
    return {
        "board": board,
        "left": max(0, len(rows) - len(board)),
        "metric": words.title(headline.metric) if headline else "",
        "model": answer.model_line(record),
        "fits": {s: fits.count(s) for s in ("done", "failed", "skipped") if fits.count(s)},
        "decisions": [
            (label, entry) for step, label in DECISIONS if (entry := record.entry(step)) is not None
        ],
        "baselines": _baselines(record, headline),
    }


def _baselines(record: RunRecord, headline: Headline | None) -> list[tuple[str, str]]:
    if headline is None:
        return []
    shown = words.digits(headline)
    nulls = record.numbers("baseline").get("nulls") or ()
    told = [(words.null_words(str(n["name"])), shown(_float(n.get("value")))) for n in nulls]
    if headline.column is not None:
        told.append((f"The best single column, {headline.column}", shown(headline.column_value)))
    return told


def limits(record: RunRecord) -> list[str]:
    """What the number rests on."""
    texts, headline, units = [], record.headline, record.units
    if headline is not None and headline.sealed:
        unit = record.numbers("plan").get("unit", "row")
        like = {"group": "new groups", "time": "later times"}.get(str(unit), f"new {units}")
        texts.append(f"The interval is of this bundle on {like} from the same population.")
    elif headline is not None:
        texts.append(
            f"The interval is of the average score of this recipe on as many {units} as here, "
            "corrected for the choice among candidates; the shipped model itself was not scored."
        )
    if headline is not None and headline.warning:
        texts.append(headline.warning[:1].upper() + headline.warning[1:] + ".")
    rare = [str(c) for c in record.numbers("plan").get("rare_classes") or ()]
    if rare:
        texts.append(f"Too rare to be scored, so nothing is claimed for them: {', '.join(rare)}.")
    texts += [f"Assumed until you answer: {q}" for q in record.questions]
    texts += not_shown(record)
    for column in record.ignored:
        texts.append(f"{column['name']} was not used: {column.get('reason') or 'ignored'}")
    texts += [str(n) for n in record.numbers("read").get("notes") or ()]
    parity = answer.parity_words(record)
    if parity:
        texts.append(f"The bundle was {parity}.")
    return [t if t.endswith((".", "?")) else t + "." for t in texts]


def findings(record: RunRecord) -> Sequence[Numbers]:
    """What the audit found, worst first."""
    order = {"block": 0, "warn": 1, "note": 2}
    return sorted(record.findings, key=lambda f: order.get(str(f.get("severity")), 3))


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value)
