"""Real tables: what is known to leak blocks, what is known to be honest does not."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heldout.audits.finding import Finding, Look
from heldout.audits.review import review
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.splits.folds import three
from heldout.splits.protocol import plan
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.workflow.quick import quick_learner


def findings(source: Any, target: str) -> list[Finding]:
    """The checks with the target, as a run makes them, on at most 4,000 open rows."""
    table = read(source)
    target = target if target in table.schema else table.schema.names[int(target)]
    table = table.with_schema(table.schema.with_roles({target: "target"}, "the target"))
    task = state(table, target)
    y = encode(task, table)
    table, y = table.take(np.flatnonzero(~np.isnan(y))), y[~np.isnan(y)]
    samples = make_samples(table, task)
    rows = plan(samples, y, task, Seed(0)).open
    rows = rows[:: max(1, len(rows) // 4_000)]
    folds = three(len(rows), y[rows], samples.copy_of[rows], Seed(0))
    learner = quick_learner(task)
    look = Look(
        table.take(rows), task, y[rows], folds, Seed(0), Deadline.never(), learner, None, rows
    )
    return list(review(look, "target"))


def blocked(found: list[Finding]) -> set[str]:
    """Columns of blocking findings."""
    return {name for f in found if f.severity == "block" for name in f.where}


@pytest.mark.requirement("DATA-07")
def test_the_table_that_ships_shows_its_leak() -> None:
    """casual + registered = cnt; instant numbers the hours in order of time."""
    data = resources.files("heldout.workflow.data") / "bike_sharing.csv.gz"
    with resources.as_file(data) as path:
        assert blocked(findings(path, "cnt")) == {"casual", "registered", "instant"}


@pytest.mark.requirement("DATA-07")
@pytest.mark.parametrize(
    ("name", "target", "leaks"),
    [
        ("binary/titanic3.csv", "survived", {"boat"}),
        ("binary/titanic_seaborn.csv", "survived", {"alive"}),
        ("binary/magic_telescope.csv", "class:", {"ID"}),
        ("regression/lending_club_raw.csv", "interest_rate", {"grade", "sub_grade"}),
        ("binary/german_credit.csv", "class", set()),
        ("multiclass/penguins.csv", "species", set()),
        ("multiclass/glass.csv", "9", set()),
        ("regression/insurance.csv", "charges", set()),
        ("regression/yacht.txt", "6", set()),
        ("regression/energy.txt", "8", set()),
    ],
)
def test_known_leaks_block_and_honest_tables_do_not(
    data_folder: Path, name: str, target: str, leaks: set[str]
) -> None:
    """The tables whose leaks are known, and those that are easily cried at."""
    assert blocked(findings(data_folder / "tables" / name, target)) == leaks


def test_what_is_doubtful_is_asked(data_folder: Path) -> None:
    """PageValues is computed from what happened: only the person knows when it is known."""
    found = findings(data_folder / "tables" / "binary" / "online_shoppers.csv", "Revenue")
    assert not blocked(found)
    questions = [f.question for f in found if f.question]
    assert "Would you know `PageValues`, with this value, when you predict?" in questions
