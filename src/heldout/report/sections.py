"""What each section of the page says; the templates only lay it out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heldout.core.names import count, plural, quoted
from heldout.report import answer, words
from heldout.report.figures import times
from heldout.report.record import Headline, Numbers, RunRecord, as_float
from heldout.report.screen import aside_groups, aside_text
from heldout.report.shell import sentence


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
        ignored = plural(len(record.ignored), "column") if record.ignored else "No column"
        asked = asked if record.questions else "No question"
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
                f"{shown(as_float(first.get('score_without')))}; we report without."
            )
        told.append({"text": aside_text(group).removeprefix("SET ASIDE "), "both": both})
    columns = ",".join(str(a["column"]) for a in record.set_aside)
    return {"aside": told, "keep": f"--keep {quoted(columns)}", "many": len(record.set_aside) > 1}


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
        why = words.not_sealed(record, headline).removeprefix("Cross-validated, not sealed: ")
        facts.append(Fact("not sealed", f"Cross-validated: {why}"))
    facts += [*_agreement(record, headline), *_causes(record), *_looks(record), _leak_fact(record)]
    facts += in_use(record)
    facts += [Fact("asks you", q, _why_asked(record, q)) for q in record.questions]
    facts.append(Fact("not shown", " ".join(not_shown(record))))
    return [f for f in facts if f.text]


def _why_asked(record: RunRecord, question: str) -> str:
    """Why the answer counts: of a question by a check, what the check says."""
    asked = next((f for f in record.findings if f.get("question") == question), None)
    if asked is None or "would you know" in question.lower():
        return _WHY_ASK
    told = [str(asked.get(k) or "") for k in ("what", "why", "did", "advice")]
    return " ".join(sentence(t) for t in told if t)


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
    low, high = as_float(cross.get("low")), as_float(cross.get("high"))
    ends = f" ({shown(low)} to {shown(high)})" if low is not None and high is not None else ""
    text = f"cross-validated {shown(float(cross['value']))}{ends} before the opening"
    inside = headline.low is None or headline.high is None or low is None or high is None
    meets = inside or (low <= headline.high and headline.low <= high)  # type: ignore[operator]
    more = ""
    if not meets:
        greater = bool(record.task.get("greater_is_better", True))
        better = (headline.value > float(cross["value"])) == greater
        more = (
            f"The two intervals do not meet: the sealed {record.units} were easier than those before, "
            "or more of them to learn from helped. The next ones need not be as easy."
            if better
            else f"The two intervals do not meet: look for what differs between the {record.units}."
        )
    return [Fact("agrees" if meets else "differs", text, more)]


def _causes(record: RunRecord) -> list[Fact]:
    """Why the sealed score is worse than validation, where it is (EVAL-14)."""
    entry = record.entry("causes")
    if entry is None:
        return []
    return [Fact("why worse", str(entry.numbers.get("words") or entry.reason or entry.decision))]


def _looks(record: RunRecord) -> list[Fact]:
    """How often validation rows were looked at, and what choosing by them has cost (EVAL-12)."""
    entry = record.entry("looks")
    if entry is None:
        return []
    return [Fact("looks", words.of_units(record, entry.decision), answer.looks_words(record))]


def in_use(record: RunRecord) -> list[Fact]:
    """Whether the rows are like those of --production; nothing where none were given."""
    found = [f for f in record.findings if str(f.get("check", "")).startswith("production")]
    if found:
        more = " ".join(
            sentence(str(f.get(k))) for f in found for k in ("why", "did", "advice") if f.get(k)
        )
        text = "; ".join(str(f["what"]) for f in found)
        return [Fact("in use", re.sub(r"(?<=\d)%", " %", text), more)]
    if "--production" in str(record.begun.get("command") or ""):
        return [Fact("in use", f"The {record.units} of --production look like these.")]
    return []


def _leak_fact(record: RunRecord) -> Fact:
    if record.entry("audit") is None:
        return Fact("leaks", "The run ended before it looked for leaks.")
    examined = sum(c.get("role") == "input" for c in record.columns)
    found = len(record.set_aside)
    told = f"{plural(found, 'column')} set aside" if found else "none found"
    text = f"{plural(examined, 'column')} examined, {told}" if examined else told
    not_run = [str(n) for n in record.numbers("audit").get("not_run") or ()]
    more = _HOW_WE_LOOK
    if not_run:
        text += f"; {plural(len(not_run), 'check')} left out for want of time"
        more += f" Left out: {', '.join(n.replace('_', ' ') for n in not_run)}."
    return Fact("leaks", text, more)


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
    if record.task.get("time") or record.numbers("plan").get("unit") == "time":
        texts.append(f"Scored on the latest {units}; what comes after them may be otherwise.")
    elif dated:
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
        warning = words.of_units(record, headline.warning)
        texts.append(warning[:1].upper() + warning[1:] + ".")
    rare = [str(c) for c in record.numbers("plan").get("rare_classes") or ()]
    if rare:
        texts.append(f"Too rare to be scored, so nothing is claimed for them: {', '.join(rare)}.")
    texts += [f"Assumed until you answer: {q}" for q in record.questions]
    texts += [
        _assumed(str(a["text"]), str(a.get("question") or ""))
        for a in record.numbers("assumptions").get("assumptions") or ()
        if a.get("text")
    ]
    texts += not_shown(record)
    for column in record.ignored:
        texts.append(f"{column['name']} was not used: {column.get('reason') or 'ignored'}")
    texts += [str(n) for n in record.numbers("read").get("notes") or ()]
    parity = answer.parity_words(record)
    if parity:
        texts.append(f"The bundle was {parity}.")
    return [t if t.endswith((".", "?")) else t + "." for t in texts]


def _assumed(text: str, question: str) -> str:
    """An assumption, a gap in what is known, or a plan, each called what it is."""
    if question == "rhythm":
        return f"Planned: {text}"
    if " is not known" in text or text.startswith("No limit"):
        return f"Not said: {text}"
    return f"Assumed: {text}"


def findings(record: RunRecord) -> Sequence[Numbers]:
    """What the audit found, worst first."""
    order = {"block": 0, "warn": 1, "note": 2}
    return sorted(record.findings, key=lambda f: order.get(str(f.get("severity")), 3))
