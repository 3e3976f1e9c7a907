"""What the first look had no time for is looked at when time is left in the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import heldout


def entries(folder: Path, step: str) -> list[dict[str, Any]]:
    lines = (folder / "journal.jsonl").read_text().splitlines()
    return [e for e in map(json.loads, lines) if e["step"] == step]


@pytest.mark.requirement("DATA-07")
def test_time_that_is_left_is_used_for_looking(tmp_path: Path) -> None:
    """Of 16 s the first look gets two, too few for some checks; one quick model leaves most of
    the rest."""
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=4_500) for i in range(12)}
    frame = pl.DataFrame(columns).with_columns(y=pl.col("x0") + pl.Series(rng.normal(size=4_500)))
    run = heldout.run(frame, target="y", budget="16s", models="ridge", out=tmp_path / "run")
    first, *later = entries(run.folder, "audit")
    if not first["numbers"]["not_run"]:
        pytest.skip("this machine looked at everything at once")
    (late,) = later
    left = set(late["numbers"]["not_run"])
    assert left < set(first["numbers"]["not_run"])
    assert {f["code"] for f in late["numbers"]["findings"]} > {"A001"}
    assert late["numbers"]["set_aside"] == first["numbers"]["set_aside"] == []
