"""The task that every real table suggests, with nothing said but the target."""

import json

import numpy as np
import pytest

from heldout.tables import read
from heldout.tasks.state import encode, state

# by the manifest ordinal or coded: chosen here, and asked
ORDERED = {"wine_red": "regression", "wine_white": "regression", "heart_cleveland": "regression"}
SMALL = 3_000_000  # bytes: the larger ones teach nothing more here


def _wanted(entry):
    if entry["name"] in ORDERED:
        return ORDERED[entry["name"]]
    return entry["task"].split()[0]


@pytest.mark.requirement("TASK-02", "TASK-03")
def test_every_table_gets_its_task(data_folder):
    manifest = json.loads((data_folder / "manifest.json").read_text())["datasets"]
    wrong, looked = {}, 0
    for entry in manifest:
        if not entry["path"].startswith("tables/") or entry.get("target") is None:
            continue
        if entry["bytes"] > SMALL:
            continue
        table = read.read(data_folder / entry["path"])
        target = read.find_column(table.schema, str(entry["target"]))
        task = state(table, target)
        looked += 1
        if task.kind != _wanted(entry):
            wrong[entry["name"]] = (task.kind, task.reason)
        if entry["name"] in ORDERED:
            assert task.questions
        if task.is_classification and "class_counts" in entry:
            y = encode(task, table)
            counts = np.bincount(y[~np.isnan(y)].astype(int), minlength=len(task.classes))
            assert sorted(counts.tolist()) == sorted(entry["class_counts"].values()), entry["name"]
    assert wrong == {}
    assert looked >= 40
