"""One network, written five ways: the page of the documentation runs, and all agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "one-network.md"


@pytest.mark.requirement(
    "PLATFORM-01", "PLATFORM-02", "PLATFORM-03", "PLATFORM-04", "LOSS-11", "LOSS-12"
)
def test_five_ways_to_write_a_network_train_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asserts that each curve is that of ``Model.fit`` within 1e-3."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    space: dict[str, object] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), space)
    curves = space["curves"]
    assert isinstance(curves, dict) and len(curves) == 5
