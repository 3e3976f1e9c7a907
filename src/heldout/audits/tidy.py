"""Findings as people read them: worst first, one for many columns of which the same is true."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from heldout.audits.finding import Finding
from heldout.audits.review import MISSED, ORDER, RULED_OUT
from heldout.core.names import plural

SHOWN = 3  # of the columns that share a finding
FEWEST = 3  # columns, from which they share one


def tidy(findings: Iterable[Finding]) -> list[Finding]:
    """By severity, those of a review itself last; notes and warnings of one check about single
    columns become one finding. Findings that block, ask, or speak of several columns stay."""
    groups: dict[Any, list[Finding]] = {}
    for place, finding in enumerate(findings):
        alone = finding.severity == "block" or finding.question or len(finding.where) != 1
        own = place if alone and finding.code not in (MISSED, RULED_OUT) else -1
        groups.setdefault((finding.code, finding.severity, own), []).append(finding)
    made: list[Finding] = []
    for members in groups.values():
        if members[0].code in (MISSED, RULED_OUT):
            made.append(_of_the_review(members))
        elif len(members) < FEWEST:
            made += members
        else:
            made.append(_one(members))
    made.sort(key=lambda f: (ORDER[f.severity], f.check == "review", f.code))
    return made


def _one(members: list[Finding]) -> Finding:
    """What is true of many columns, once: the first of them in words, all of them by name."""
    first = members[0]
    told = "; ".join(f.what for f in members[:SHOWN])
    left = len(members) - SHOWN
    names = [f.where[0] for f in members]
    return dataclasses.replace(
        first,
        what=told + (f"; and {plural(left, 'column')} more" if left else ""),
        where=tuple(names),
        evidence={"columns": {f.where[0]: dict(f.evidence) for f in members}},
        overrule=_joined([f.overrule for f in members], names),
    )


def _joined(overrules: list[str], names: list[str]) -> str:
    """`--drop a` and `--drop b` as `--drop a,b`."""
    heads = {o[: -len(n)] for o, n in zip(overrules, names, strict=True) if o.endswith(n)}
    if len(heads) != 1 or not all(overrules):
        return overrules[0]
    return f"{heads.pop()}{','.join(names)}"


def _of_the_review(members: list[Finding]) -> Finding:
    """What no pass had time for, or what does not apply, of all passes together."""
    if len(members) == 1:
        return members[0]
    first = members[0]
    if first.code == MISSED:
        names = [n for f in members for n in f.evidence["checks"]]
        return dataclasses.replace(
            first,
            what=f"not looked at, for want of time: {', '.join(names)}",
            evidence={"checks": names},
        )
    heads = [f.what.removeprefix("not applicable here: ") for f in members]
    return dataclasses.replace(
        first,
        what=f"not applicable here: {'; '.join(heads)}",
        evidence={
            "checks": {k: v for f in members for k, v in f.evidence["checks"].items()},
            "silent": [n for f in members for n in f.evidence["silent"]],
        },
    )
