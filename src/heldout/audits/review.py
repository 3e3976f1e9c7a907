"""Run the checks of the shelf in order, and say which did not get their turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from heldout.audits.finding import CHECKS, CheckCard, Finding, Look
from heldout.audits.watch import OutOfTime

ORDER = {"block": 0, "warn": 1, "note": 2}


def review(look: Look, reads: Literal["structure", "target"]) -> list[Finding]:
    """All findings of the checks that read the structure, or the target; blocking ones first.

    A check that ran into the deadline, or never started, is itself a finding (code A000).
    """
    found: list[Finding] = []
    missed: list[str] = []
    for name, card in cards(reads):
        if look.deadline.passed:
            missed.append(name)
            continue
        try:
            found += list(card.run(look))
        except OutOfTime:
            missed.append(name)
    found.sort(key=lambda f: (ORDER[f.severity], f.code))
    return found + _not_run(missed)


def cards(reads: str) -> list[tuple[str, CheckCard]]:
    """Names and cards of the checks that read the structure, or the target, by code."""
    named = [(name, CHECKS.get(name)) for name in CHECKS.names()]
    return sorted(((n, c) for n, c in named if c.reads == reads), key=lambda pair: pair[1].code)


def not_run(findings: Iterable[Finding]) -> list[str]:
    """Names of the checks that did not get their turn."""
    return [name for f in findings if f.code == "A000" for name in f.evidence["checks"]]


def _not_run(names: list[str]) -> list[Finding]:
    if not names:
        return []
    return [
        Finding(
            "A000",
            "review",
            "note",
            f"not looked at, for want of time: {', '.join(names)}",
            evidence={"checks": names},
            why="what was not looked at may still be there",
            advice="heldout inspect DATA --target COLUMN, or a longer --budget",
        )
    ]
