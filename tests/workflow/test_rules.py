"""A person's own rules as a model that is scored beside the others (MODEL-25)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.core.seed import Seed
from heldout.tables.read import read
from heldout.tasks.options import Said
from heldout.tasks.state import encode, state
from heldout.workflow.context import Clock, Context
from heldout.workflow.existing import enter, predictions
from heldout.workflow.folder import RunFolder
from heldout.workflow.spec import resolve
from small_runs import entries, table

RULES = 'where(town == "Rom" and a > -1, 1, where(a - b > 0.5, 1, 0))'


@pytest.mark.requirement("MODEL-25")
def test_rules_are_read_and_answered_as_written() -> None:
    """If in Rome and not far down: yes; else if the difference is large: yes; else no."""
    columns = {
        "town": ["Rom", "Rom", "Bern", "Bern"] * 10, "a": [0.0, -2.0, 1.0, 0.0] * 10,
        "b": [0.0, 0.0, 0.0, 0.0] * 10, "left": ["yes", "no", "yes", "no"] * 10,
    }  # fmt: skip
    made = read(pl.DataFrame(columns))
    task = state(made, "left")
    told = predictions(RULES, made, task)[:4, task.positive_code]
    assert np.array_equal(told, [1.0, 0.0, 1.0, 0.0])
    with pytest.raises(HeldoutError) as caught:
        predictions("where(a > 0, 3, 0)", made, task)
    assert caught.value.code == "H102"


@pytest.mark.requirement("MODEL-25", "TASK-05")
def test_rules_are_scored_on_the_same_rows_with_the_models_gain(tmp_path: Path) -> None:
    """With an interval; the entry is that of the journal."""
    columns = table(500)
    columns.pop("house")
    made = read(pl.DataFrame(columns))
    task = state(made, "left", Said(metric="balanced_accuracy"))
    y = encode(task, made)
    model = predictions('where(a - 0.5 * b + where(town == "Rom", 1, 0) > 0, 1, 0)', made, task)
    journal = Journal(tmp_path / "journal.jsonl")
    context = Context(
        resolve({"target": "left"}), RunFolder(tmp_path), journal, Clock(0.0, None, 1), Seed(0)
    )
    enter(RULES, task, y, predictions(RULES, made, task), model, context, where="open rows")
    (told,) = [e["numbers"] for e in entries(tmp_path, "existing")]
    assert told["samples"] == 500
    assert 0.55 < told["low"] < told["value"] < told["high"] < 0.8
    assert told["gain"] > 0
