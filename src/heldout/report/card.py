"""``card.md``: the model card, in Markdown, from the journal.

Sections follow Mitchell et al. 2019, Model Cards for Model Reporting. A section whose numbers the
run does not have is left out. No row of the data is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from heldout.core.names import count
from heldout.report import answer, choices, drives, fails, sections, slices, words
from heldout.report.record import RunRecord, as_float
from heldout.report.screen import printable, score_line
from heldout.report.shell import sentence

MOST_GROUPS = 5


def text(record: RunRecord) -> str:
    """The whole card."""
    signal = record.signal is not False
    parts = [
        f"# Model card: {_safe(record.target)}",
        _safe(answer.verdict_line(record)),
        _section("Score", _score(record)),
        _section("Intended use", _use(record)),
        _section("In use", _in_use(record) if record.signal else []),
        _section("Model", [answer.model_line(record) if signal else answer.NONE_KEPT]),
        _section("How it was evaluated", _evaluated(record)),
        _section("What drives it", drives.in_words(record)),
        _section("Where it fails", _fails(record) if signal else []),
        _section("Groups that were named", _named(record)),
        _section("Do the probabilities hold", _probabilities(record) if signal else []),
        _section("Findings", _findings(record)),
        _section("Limits and assumptions", sections.limits(record)),
        _section("Made by", _made(record)),
    ]
    return "\n\n".join(p for p in parts if p) + "\n"


def _section(title: str, lines: Iterable[str]) -> str:
    told = [f"- {_safe(line)}" for line in lines if line]
    return f"## {title}\n\n" + "\n".join(told) if told else ""


def _score(record: RunRecord) -> list[str]:
    headline = record.headline
    if headline is None:
        return []
    line = re.sub(r"\s{2,}|\x1f{2,}", "; ", score_line(record, headline)).replace("\x1f", " ")
    return [
        f"{words.title(headline.metric)}: {line}",
        words.meaning(record, headline),
        words.baseline(headline),
    ]


def _use(record: RunRecord) -> list[str]:
    inputs = [str(c["name"]) for c in record.columns if c.get("role") == "input"]
    aside = {str(a["column"]) for a in record.set_aside}
    inputs = [name for name in inputs if name not in aside]
    told = [f"Answers {record.target} for one {record.unit} at a time."]
    if record.kind == "forecast":
        horizon = int(record.task.get("horizon") or 1)
        told = [f"Foretells the next {count(horizon)} values of {record.target} from its own past."]
    if inputs:
        told.append(f"Needs {count(len(inputs))} columns: {', '.join(inputs)}.")
    return [*told, "It predicts; it does not say what would happen if somebody acted."]


def _in_use(record: RunRecord) -> list[str]:
    found = choices.choices(record)
    return [answer.business(record), answer.daily(record), found.get("money_words", "")]


def _evaluated(record: RunRecord) -> list[str]:
    told = [f"{f.label}: {f.text}" for f in sections.believe(record)]
    told.append(answer.looks_words(record))
    return told + [
        f"{one['state']}: {one['text']} ({one.get('reason') or 'by the gate'})"
        for one in record.numbers("hypotheses").get("hypotheses") or ()
        if one.get("state") in ("held", "refuted")
    ]


def _fails(record: RunRecord) -> list[str]:
    found = slices.slices(record)
    if found is None:
        return []
    looked = f"{found['looked']} groups were compared with the rest by {found['loss']}"
    if not found["found"]:
        return [f"{looked}; none loses more than so many looks would give by chance"]
    told = [
        f"{one['words']}: {found['metric']} {one['score']} on {one['samples']} {record.units}, "
        f"the rest {one['rest']}"
        for one in found["found"][:MOST_GROUPS]
    ]
    return [f"{looked}; these lose more than so many looks would give by chance:", *told]


def _named(record: RunRecord) -> list[str]:
    """Differences between the groups of --fairness, the certain ones with their numbers."""
    told = [
        f"{column.get('column')}: {slices.certain(column, record)}"
        for column in record.numbers("fairness").get("columns") or ()
    ]
    return [*told, sentence(str(record.numbers("fairness").get("words") or ""))] if told else []


def _probabilities(record: RunRecord) -> list[str]:
    kind = record.numbers("calibrate").get("kind")
    told = [fails.reliable(record), slices.conformal(record)]
    if record.entry("calibrate") is not None and any(told):
        told.insert(0, f"Calibrated by {kind}." if kind else "Not calibrated: nothing helped.")
    return told


def _findings(record: RunRecord) -> list[str]:
    """Those that need an answer; notes are on the report."""
    grave = [f for f in sections.findings(record) if f.get("severity") in ("block", "warn")]
    return [f"{f['severity']}: {sentence(str(f['what']))}" for f in grave]


def _made(record: RunRecord) -> list[str]:
    head, begun = sections.header(record), record.begun
    spent = as_float(record.numbers("finish").get("seconds"))
    return [
        ", ".join([head["source"], *head["facts"]]),
        f"`{begun['command']}`" if begun.get("command") else "",
        f"Seed {begun.get('seed', 0)}." + (f" {spent:.1f} s." if spent is not None else "")
        if begun
        else "",
    ]


def _safe(line: str) -> str:
    """One line that Markdown shows as it is: no tags, no line breaks, no control characters."""
    line = printable(line.replace("\n", " "), ascii_only=False)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
