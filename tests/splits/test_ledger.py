"""How often anyone has looked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from heldout.splits.ledger import Ledger, Opening

NOW = "2026-01-01T00:00:00+00:00"


@pytest.mark.requirement("EVAL-03", "EVAL-12")
def test_every_opening_is_counted_by_the_samples_and_not_by_the_run() -> None:
    """The second run sees the first; other samples do not."""
    assert Ledger().open("f", "one", NOW) == []
    assert Ledger().open("f", "two", NOW) == [Opening("one", NOW)]
    assert Ledger().open("g", "two", NOW) == []
    assert [o.run for o in Ledger().openings("f")] == ["one", "two"]


def test_openings_at_once_are_all_counted(tmp_path: Path) -> None:
    """Eight at the same moment: each sees another number of earlier ones."""
    path = tmp_path / "ledger.sqlite"
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda i: len(Ledger(path).open("f", f"run{i}", NOW)), range(8)))
    assert sorted(seen) == list(range(8))


def test_a_ledger_that_cannot_be_written_stops_nothing_and_says_so(tmp_path: Path) -> None:
    """A folder in its place, or bytes that are no database."""
    folder = Ledger(tmp_path)
    assert folder.open("f", "one", NOW) == []
    assert "could not be written" in folder.problem
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    ledger = Ledger(broken)
    assert ledger.open("f", "one", NOW) == []
    assert ledger.problem
    assert broken.read_bytes().startswith(b"no database")
