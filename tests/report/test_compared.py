"""The page of two runs: what it says, and how it opens in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import records
from test_chromium import THEMES, axe, browser, faults, show  # noqa: F401

from heldout.report.compared import Comparison, Side, page, screen

FOUND = {
    "better": ("plain", True, (0.0092, 0.0031, 0.0153)),
    "equal": ("a_name_without_a_blank" * 3, True, (0.001, -0.003, 0.005)),
    "foreign": ("other", False, None),
}


def compared(name: str) -> Comparison:
    """Two sides of one record: told apart, not, or without rows in common."""
    second, same, difference = FOUND[name]
    record = records.record(records.ALL["decided"]())
    sides = [
        Side(
            n, f"runs/{n}", value, value - 0.015, value + 0.014, 1409, 0.5, True, "churn.csv",
            "7,043", columns, 41.0, 262_000, 2, record,
        )
        for n, value, columns in (("churn", 0.848, ("a", "b")), (second, 0.839, ("a", "c")))
    ]  # fmt: skip
    made = Comparison((sides[0], sides[1]), "roc_auc", same, same or None, record)
    return made if difference is None else made.with_difference(*difference, 5_634, "")


def test_the_answer_stands_first() -> None:
    """Better, equal, not comparable: in the heading and in the first line of the screen."""
    heads = {"better": "churn is better", "equal": "Cannot be told apart", "foreign": "Not compar"}
    for name, head in heads.items():
        found = compared(name)
        assert f"<h1>{head}" in page(found)
        first = screen(found).split("\n")[0]
        assert ("cannot be compared" if name == "foreign" else head.lower()) in first.lower()
        assert "0.003" in screen(found) or name == "foreign"


@pytest.mark.browser
@pytest.mark.parametrize("name", list(FOUND))
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Any,  # noqa: F811
    axe: str,  # noqa: F811
    tmp_path: Path,
    name: str,
) -> None:
    """Desktop in the light, phone in the dark; no request but the page's own."""
    path = tmp_path / "compare.html"
    path.write_text(page(compared(name)), encoding="utf-8")
    for theme, width in zip(THEMES, (1000, 320), strict=True):
        show(browser, path, width, theme)
        assert faults(browser, axe) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        asked = browser.execute_script(
            "return performance.getEntriesByType('resource').map(r => r.name)"
        )
        assert [a for a in asked if not a.startswith("data:")] == []
