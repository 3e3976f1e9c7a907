"""The page of planted leaks is what the store says."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.requirement("DATA-07")
def test_the_page_is_made_from_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Counts of the store stand on the page; a case that was measured is not measured again."""
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    page = runpy.run_path(str(ROOT / "bench" / "trust_page.py"))
    made = tmp_path / "page.md"
    lines = page["read"](ROOT / "bench" / "trust_leaks.jsonl")
    page["write"](ROOT / "bench" / "trust_leaks.jsonl", made, ["dev"], ["test"])
    text = made.read_text(encoding="utf-8")
    own = [r for r in lines if r["part"] == "test" and r["what"] == "planted" and r["rows"] == 1500]
    for look in {r.get("look", 1) for r in own}:
        seen = [r["asked"] for r in own if r.get("look", 1) == look]
        assert f"| all | {sum(seen)} of {len(seen)} |" in text
    store = page["Store"](ROOT / "bench" / "trust_leaks.jsonl", "test")
    assert store.holds({k: own[0][k] for k in ("what", "table", "kind", "rows")})
    kept = (ROOT / "docs" / "trust-leaks.md").read_text(encoding="utf-8")
    assert text.split("## Test tables")[1] == kept.split("## Test tables")[1]
    sys.modules.pop("trust_page", None)
