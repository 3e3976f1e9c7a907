"""Run the checks of the shelf in order, and say which did not get their turn and which do not apply."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from heldout.audits.finding import CHECKS, CheckCard, Finding, Look, Reads
from heldout.audits.watch import OutOfTime

ORDER = {"block": 0, "warn": 1, "note": 2}
MISSED, RULED_OUT = "A000", "A001"


def review(look: Look, reads: Reads, only: Collection[str] | None = None) -> list[Finding]:
    """All findings of the checks of one pass, or of those named in ``only``; blocking ones first.

    A check that ran into the deadline, or never started, is itself a finding (A000), and so are
    those that do not apply to this table, each with its reason (A001).
    """
    found: list[Finding] = []
    late: list[str] = []
    ruled_out: dict[str, str] = {}
    silent: list[str] = []
    for name, card in cards(reads):
        if only is not None and name not in only:
            continue
        why = card.applies(look)
        if why:
            ruled_out[name] = why
            continue
        if look.deadline.passed:
            late.append(name)
            continue
        try:
            seen = list(card.run(look))
        except OutOfTime:
            late.append(name)
            continue
        found += seen
        if not seen:
            silent.append(name)
    found.sort(key=lambda f: (ORDER[f.severity], f.code))
    return found + missed(late) + _ruled_out(ruled_out, silent)


def cards(reads: str) -> list[tuple[str, CheckCard]]:
    """Names and cards of the checks of one pass, by code."""
    named = [(name, CHECKS.get(name)) for name in CHECKS.names()]
    return sorted(((n, c) for n, c in named if c.reads == reads), key=lambda pair: pair[1].code)


def not_run(findings: Iterable[Finding]) -> list[str]:
    """Names of the checks that did not get their turn."""
    return [name for f in findings if f.code == MISSED for name in f.evidence["checks"]]


def missed(names: list[str]) -> list[Finding]:
    """The finding that names checks which had no time; none where there are none."""
    if not names:
        return []
    return [
        Finding(
            MISSED,
            "review",
            "note",
            f"not looked at, for want of time: {', '.join(names)}",
            evidence={"checks": names},
            why="what was not looked at may still be there",
            advice="heldout inspect DATA --target COLUMN, or a longer --budget",
        )
    ]


def _ruled_out(reasons: Mapping[str, str], silent: list[str]) -> list[Finding]:
    """What found nothing and what could not be asked: both are outcomes."""
    if not reasons:
        return []
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    told = "; ".join(f"{', '.join(names)}: {why}" for why, names in by_reason.items())
    return [
        Finding(
            RULED_OUT,
            "review",
            "note",
            f"not applicable here: {told}",
            evidence={"checks": dict(reasons), "silent": silent},
            why="a question that makes no sense here is named, so that nobody thinks it was asked",
        )
    ]
