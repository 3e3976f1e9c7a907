"""Inspection: everything that a look at the data gave, as a screen, a page and values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heldout.audits.finding import Finding
from heldout.core.arrays import Array, Doubles
from heldout.core.names import count, plural
from heldout.report.screen import entry, printable
from heldout.tables.schema import Schema
from heldout.tables.summary import Summary
from heldout.tables.together import Course

WORDS = {"block": "LEAK", "warn": "Look at", "note": "Note"}


@dataclass(frozen=True)
class Examples:
    """Rows of the data as text, side by side: ``rows`` begin with a column's name, ``head`` says
    which row of the file stands where; ``pictures`` uint8 [h, w, 3] with what is known of each."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    pictures: tuple[tuple[Array, str], ...] = ()


@dataclass(frozen=True)
class Spots:
    """Places: names of both columns, degrees, and the class of each place where there are few."""

    latitude: str
    longitude: str
    at: tuple[tuple[float, float], ...]
    kinds: tuple[str, ...] | None = None


@dataclass(frozen=True, repr=False)
class Inspection:
    """``open_rows``: rows that a run would not seal, None without a target, among ``planned``
    rows (those that have a target, fewer where memory is short); ``looked_at`` rows were
    drawn for audits and pictures of many columns; ``skills`` (column, share of the target that it
    explains alone, whether beyond noise); ``correlated`` and ``gaps`` are (names, matrix);
    ``examples`` None where no row may be shown."""

    source: str
    rows: int
    schema: Schema
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    summaries: tuple[Summary, ...]
    target: str | None = None
    open_rows: int | None = None
    planned: int = 0
    looked_at: int = 0
    skills: tuple[tuple[str, float, bool], ...] = ()
    correlated: tuple[tuple[str, ...], Doubles] | None = None
    gaps: tuple[tuple[str, ...], Doubles] | None = None
    courses: tuple[Course, ...] = ()
    spots: tuple[Spots, ...] = ()
    examples: Examples | None = None

    def summary(self, name: str) -> Summary | None:
        """What was counted of one column; None where the table has more columns than are drawn."""
        return next((s for s in self.summaries if s.name == name), None)

    def __repr__(self) -> str:
        return self.screen()

    def _repr_html_(self) -> str:
        from heldout.report.notebook import framed

        return framed(self.page())

    def page(self) -> str:
        """One HTML file that asks nothing of the network."""
        from heldout.report.inspected.page import page

        return page(self)

    def write(self, path: str | Path) -> Path:
        """Write the page; raises H108 or H802 where that cannot be done."""
        from heldout.core.files import write

        write(Path(path), self.page())
        return Path(path)

    def screen(self) -> str:
        """For a terminal: the columns, then the findings, worst first."""
        told = entry("Read", f"{plural(self.rows, 'row')}, {plural(len(self.schema), 'column')}")
        for note in self.notes:
            told += entry("", note)
        width = min(30, max(len(c.name) for c in self.schema) + 2)
        told += ["", f"{'column':<{width}}{'kind':<10}{'part':<9}{'missing':>8}  why"]
        for c in self.schema:
            name = c.name[: width - 2]
            line = f"{name:<{width}}{c.kind:<10}{c.role:<9}{count(c.nulls):>8}  {c.reason}"
            told.append(line[:120])
        told.append("")
        for finding in self.findings:
            told += entry(WORDS[finding.severity], sentence(finding))
        if not self.findings:
            told += entry("Findings", "none")
        return printable("\n".join(told), ascii_only=False)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "rows": self.rows,
            "columns": self.schema.as_dict(),
            "notes": list(self.notes),
            "findings": [f.as_dict() for f in self.findings],
            "target": self.target,
            "open_rows": self.open_rows,
            "looked_at": self.looked_at,
            "summaries": [s.as_dict() for s in self.summaries],
            "skills": [{"column": n, "skill": s, "beyond_noise": z} for n, s, z in self.skills],
            "correlations": _matrix(self.correlated),
            "missing": _matrix(self.gaps),
        }


def _matrix(found: tuple[tuple[str, ...], Doubles] | None) -> dict[str, Any]:
    return {} if found is None else {"columns": list(found[0]), "values": found[1].tolist()}


def sentence(finding: Finding) -> str:
    """What was seen, why it matters, what to do."""
    parts = [finding.what, finding.why, finding.question or finding.advice]
    told = [p[0].upper() + p[1:] + ("" if p.endswith(("?", ".")) else ".") for p in parts if p]
    return " ".join(told)
