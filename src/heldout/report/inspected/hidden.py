"""The same inspection where no row may show (contract 17): counts stay, cells go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heldout.audits.finding import Finding
from heldout.report.inspected.inspection import Inspection
from heldout.tables.schema import Column, Schema
from heldout.tables.summary import hidden as hidden_summary

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'(?=[\s,.;:)]|$)")


def hidden(found: Inspection) -> Inspection:
    """No rows, places, ends, rare levels, or cells that findings quote."""
    summaries = tuple(hidden_summary(s) for s in found.summaries)
    named = {s.name: tuple(level for level, _ in s.levels) for s in summaries}
    return replace(
        found,
        summaries=summaries,
        schema=Schema(tuple(_column(c, named.get(c.name, ())) for c in found.schema)),
        findings=tuple(_finding(f) for f in found.findings),
        notes=tuple(_unquoted(n) for n in found.notes),
        spots=(),
        examples=None,
    )


def _column(column: Column, levels: tuple[str, ...]) -> Column:
    kept = column.levels if column.kind == "boolean" else levels
    return column.replace(levels=kept, low=None, high=None, reason=_unquoted(column.reason))


def _finding(finding: Finding) -> Finding:
    return replace(
        finding, what=_unquoted(finding.what), question=_unquoted(finding.question),
        did=_unquoted(finding.did), evidence=_numbers(finding.evidence),
    )  # fmt: skip


def _unquoted(text: str) -> str:
    """
    >>> _unquoted('`town`: "Oslo" and "oslo" differ only in spelling')
    '`town`: (a value) and (a value) differ only in spelling'
    """
    return QUOTED.sub("(a value)", text)


def _numbers(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is no cell: numbers, and columns by name."""
    kept: dict[str, Any] = {}
    for key, value in found.items():
        if isinstance(value, (bool, int, float)):
            kept[key] = value
        elif key in ("columns", "checks", "skill") and isinstance(value, Mapping):
            kept[key] = {k: _numbers(v) if isinstance(v, Mapping) else v for k, v in value.items()}
    return kept
