"""How runs, tables and findings show themselves in a notebook: whole, escaped, and nothing leaves."""

from __future__ import annotations

from pathlib import Path

import records

from heldout.audits.finding import Finding
from heldout.report import notebook, page
from heldout.tables.read import read


def test_a_run_shows_its_page_in_a_frame_that_runs_nothing(tmp_path: Path) -> None:
    """The page's styles stay inside; the sandbox allows no script, no form, no way out."""
    shown = notebook.framed(page.render(records.record(records.leak())))
    assert shown.startswith('<iframe sandbox="" title="heldout"')
    assert shown.count("<") == 2  # the frame alone: the page is text of an attribute
    assert "SET ASIDE" in shown
    assert "src=" not in shown.replace("srcdoc=", "")


def test_a_table_shows_its_columns_with_their_reasons() -> None:
    """Name, kind, part, gaps and why; names are text."""
    table = read({"<b>age</b>": [31, 27, None] * 9, "member": ["yes", "no", "yes"] * 9})
    shown = table._repr_html_()
    assert "27 rows, 2 columns" in shown
    assert "<td>&lt;b&gt;age&lt;/b&gt;</td><td>number</td><td>input</td><td>9</td>" in shown
    assert "<td>member</td><td>boolean</td>" in shown
    assert "<b>age" not in shown


def test_a_finding_says_what_why_what_was_done_and_what_to_do() -> None:
    """All four, escaped."""
    found = Finding(
        "A304", "special_value", "block", "`boat`: <filled>", ("boat",), {}, "written afterwards",
        "set aside", "drop it", "--keep boat", "Would you know it?",
    )  # fmt: skip
    shown = found._repr_html_()
    assert "<strong>A304 block</strong> `boat`: &lt;filled&gt;" in shown
    for words in ("written afterwards", "Done: set aside", "Advice: drop it", "Would you know it?"):
        assert words in shown
