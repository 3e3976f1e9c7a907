"""``report.html`` and ``card.md``: the page and the card of a run, made from its journal alone."""

from __future__ import annotations

from pathlib import Path

from heldout.core import files
from heldout.report import answer, card, glossary, sections, shell, targets
from heldout.report.capacity import capacity
from heldout.report.choices import choices
from heldout.report.drives import drives
from heldout.report.fails import fails
from heldout.report.opening import opening
from heldout.report.record import RunRecord
from heldout.report.remedies import remedies
from heldout.report.tried import tried


def write(run_folder: str | Path) -> Path:
    """Write ``report.html`` and ``card.md`` of a run from its journal; returns the page's path."""
    folder = Path(run_folder)
    record = RunRecord.from_journal(folder)
    page = folder / "report.html"
    files.write(folder / "card.md", card.text(record))
    files.write(page, render(record))
    return page


def render(record: RunRecord) -> str:
    """The whole page as text."""
    return shell.render(
        "page.html",
        title=answer.page_title(record),
        record=record,
        header=sections.header(record),
        banner=sections.banner(record),
        opening=opening(record),
        targets=targets.pictures(record),
        choices=choices(record),
        believe=sections.believe(record),
        drives=drives(record),
        fails=fails(record),
        tried=tried(record),
        capacity=capacity(record),
        remedies=remedies(record),
        limits=sections.limits(record),
        findings=sections.findings(record),
        words=glossary.by_section(record),
    )
