"""``card.md``: the model card, in Markdown, from the journal.

Sections follow Mitchell et al. 2019, Model Cards for Model Reporting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from heldout.core.names import count
from heldout.report import answer, drives, sections, words
from heldout.report.record import RunRecord
from heldout.report.screen import printable, score_line


def text(record: RunRecord) -> str:
    """The whole card. No row of the data is in it."""
    parts = [
        f"# Model card: {_safe(record.target)}",
        _safe(answer.verdict_line(record)),
        _section("Score", _score(record)),
        _section("Intended use", _use(record)),
        _section("In use", [answer.business(record)] if record.signal else []),
        _section("Model", [answer.model_line(record)]),
        _section(
            "How it was evaluated", [f"{f.label}: {f.text}" for f in sections.believe(record)]
        ),
        _section("What drives it", drives.in_words(record)),
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
    if inputs:
        told.append(f"Needs {count(len(inputs))} columns: {', '.join(inputs)}.")
    return [*told, "It predicts; it does not say what would happen if somebody acted."]


def _made(record: RunRecord) -> list[str]:
    head, begun = sections.header(record), record.begun
    return [
        ", ".join([head["source"], *head["facts"]]),
        f"`{begun['command']}`" if begun.get("command") else "",
        f"Seed {begun.get('seed', 0)}." if begun else "",
    ]


def _safe(line: str) -> str:
    """One line that Markdown shows as it is: no tags, no line breaks, no control characters."""
    line = printable(line.replace("\n", " "), ascii_only=False)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
