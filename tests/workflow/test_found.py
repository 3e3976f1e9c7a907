"""Groups and time that nobody named: found, acted upon where certain, overruled by a word."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.workflow.protocol import find
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import NONE, Spec


def found(columns: dict[str, Any], spec: Spec | None = None) -> tuple[Any, list[str]]:
    """The task after the search, and the codes of what was seen."""
    table = read(columns)
    table = table.with_schema(table.schema.with_roles({"y": "target"}, "the target"))
    task = state(table, "y")
    _, task, seen = find(
        table, task, encode(task, table), spec or Spec(), quick_learner(task), Seed(0),
        Deadline.never(),
    )  # fmt: skip
    return task, [f.code for f in seen if f.severity == "warn"]


def noise(rows: int, seed: int = 0) -> dict[str, Any]:
    """Four numbers."""
    rng = np.random.default_rng(seed)
    return {f"x{i}": rng.normal(size=rows) for i in range(4)}


def people() -> dict[str, Any]:
    """Visits of patients, a few each, in no order."""
    rng = np.random.default_rng(1)
    person = rng.permutation(np.repeat(np.arange(300), 4))
    own = rng.normal(size=300)[person]
    y = np.where(own + rng.normal(size=1200) > 0, "yes", "no")
    return {**noise(1200), "patient_nbr": person + 10_000, "y": y}


@pytest.mark.requirement("EVAL-10")
def test_an_identifier_that_repeats_groups_the_rows() -> None:
    """And a word overrules it, told all the same."""
    task, seen = found(people())
    assert task.group == ("patient_nbr",)
    assert seen == ["A502"]
    task, seen = found(people(), Spec(group=NONE))
    assert task.group == ()
    assert seen == ["A502"]
    assert found(people(), Spec(protocol="kfold"))[0].group == ()


def test_people_are_found_by_a_value_that_is_theirs_alone() -> None:
    """No name says so: a fine number repeats, and its rows are alike, unlike those of the next."""
    columns = people()
    person = columns.pop("patient_nbr") - 10_000
    columns["reading"] = np.random.default_rng(2).normal(size=300)[person]
    assert found(columns)[0].group == ("reading",)


@pytest.mark.requirement("EVAL-08", "EVAL-09")
def test_a_recording_is_found_by_its_runs() -> None:
    """Labels in runs, sensors that drift: later rows validate."""
    rng = np.random.default_rng(0)
    state_of = (np.arange(1500) // 100) % 2
    drift = {f"s{i}": np.cumsum(rng.normal(size=1500)) for i in range(4)}
    y = np.where(state_of == 1, "open", "shut")
    assert found({**drift, "y": y})[0].time == ("row",)
    assert found({**drift, "y": y}, Spec(time=NONE))[0].time == ()


def test_a_file_sorted_by_its_target_is_not_in_order_of_time() -> None:
    """As iris and many others are."""
    columns = noise(900)
    y = np.sort(np.array(["a", "b", "c"])[np.argsort(np.argsort(columns["x0"])) // 300])
    assert found({**{n: np.sort(v) for n, v in columns.items()}, "y": y})[0].time == ()


@pytest.mark.parametrize("seed", range(5))
def test_honest_tables_keep_their_rows_apart(seed: int) -> None:
    """Rounded numbers, levels, a smooth dependence: nothing is grouped."""
    rng = np.random.default_rng(seed)
    columns = noise(1000, seed)
    columns["age"] = rng.integers(18, 80, 1000)
    columns["income"] = np.exp(rng.normal(size=1000)).round(2)
    columns["town"] = rng.choice([f"t{i}" for i in range(40)], 1000)
    columns["y"] = np.sin(columns["age"] / 9) + columns["x0"] + rng.normal(size=1000)
    task, seen = found(columns)
    assert (task.group, task.time, seen) == ((), (), [])


def test_a_file_in_order_of_its_dates_is_validated_forward() -> None:
    """A model that knows the days on both sides of a gap loses nothing; the next season is new."""
    rng = np.random.default_rng(0)
    rows = 600
    warm = 10 + 12 * np.sin(2 * np.pi * (np.arange(rows) // 2) / 365) + rng.normal(0, 2, rows)
    first = datetime.date(2023, 1, 1)
    data = {
        "day": [str(first + datetime.timedelta(days=i // 2)) for i in range(rows)],
        "warm": warm.round(2).tolist(),
        "calm": rng.normal(size=rows).round(2).tolist(),
        "sold": (40 + 5 * warm + rng.normal(0, 1, rows)).round(1).tolist(),
    }
    table = read(data)
    task = state(table, "sold")
    y = encode(task, table)
    said = Spec(target="sold")
    _, found, told = find(table, task, y, said, quick_learner(task), Seed(0), Deadline.never())
    assert found.time == ("day",)
    assert "in order of `day`" in next(f.what for f in told if f.code == "A501")
    order = rng.permutation(rows)
    mixed = read({k: [v[i] for i in order] for k, v in data.items()})
    y = encode(task, mixed)
    _, found, _ = find(mixed, task, y, said, quick_learner(task), Seed(0), Deadline.never())
    assert found.time == ("day",), "the dates say the same in any order of the rows"
