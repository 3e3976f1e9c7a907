"""A network of the person's own in `heldout run`, from the file of the documentation to the bundle."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from small_runs import Said, entries, table, write

PAGE = Path(__file__).resolve().parents[2] / "docs" / "one-network.md"
SORTED = """
import keras
from keras import layers, ops

EPOCHS = 4

class Sorted(layers.Layer):
    def call(self, x):
        return ops.sort(x, axis=-1)

def build(task):
    return keras.Sequential([layers.Dense(8, "relu"), Sorted(), layers.Dense(task.outputs)])
"""


def documented() -> str:
    """The file on the page."""
    blocks = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return next(b for b in blocks if b.startswith("import keras"))


@pytest.mark.slow
@pytest.mark.requirement("PLATFORM-02", "PLATFORM-04", "PLATFORM-06", "MODEL-26")
def test_it_competes_and_ships_and_what_cannot_be_a_graph_stays_out(
    tmp_path: Path, heldout: Callable[..., Said]
) -> None:
    """One is in the bundle, whose graph was compared with Keras; the other is on the leaderboard
    with the reason; the bundle answers without the file, and is refitted with it."""
    columns = table(400)
    columns.pop("house")
    data = write(tmp_path / "t.csv", columns)
    (tmp_path / "my_net.py").write_text(documented())
    (tmp_path / "sorts.py").write_text(SORTED)
    said = heldout(
        "run", data, "--target", "left", "--allow-code", f"{tmp_path / 'my_net.py'}:build",
        "--allow-code", tmp_path / "sorts.py", "--models", "my_net,sorts", "--set",
        "my_net.epochs=6", "--work", "4", "--protocol", "holdout", "--out", tmp_path / "run",
        "--json",
    )  # fmt: skip
    assert said.code in (0, 4), said.err
    run = tmp_path / "run"
    board = {r["name"]: r for r in entries(run, "leaderboard")[-1]["numbers"]["rows"]}
    assert {"my_net", "sorts"} <= set(board)
    assert board["my_net"]["model"] == "my_net (a network of your own)"
    left = next(e for e in entries(run, "limits") if e["decision"] == "sorts is left out")
    assert "the operation sort" in left["reason"]
    if said.code == 0:
        assert "my_net" in entries(run, "ensemble")[-1]["decision"]
        assert heldout("predict", run, data).code == 0
        refused = heldout("retrain", run, data, "--out", tmp_path / "again")
        assert refused.code == 2 and "--allow-code" in refused.err
