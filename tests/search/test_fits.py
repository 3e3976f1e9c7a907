"""The store: whole or not there; and keys that name everything a fit depends on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.models.portfolio import Candidate
from heldout.primitives.views import make_spec
from heldout.search.data import FINAL, TrainingData
from heldout.search.fits import Store
from heldout.search.orders import Orders
from small_searches import QUICK, Problem

META = {"rounds": 3, "stopped": False, "cpu_seconds": 0.1}


def filled(folder: Path) -> Store:
    store = Store(folder)
    store.put("k", np.array([[0.25, 0.75]]), META, {"coef": np.arange(3.0)})
    return store


def test_what_is_put_is_got(tmp_path: Path) -> None:
    found = filled(tmp_path).get("k")
    assert found is not None
    assert found.prediction.tolist() == [[0.25, 0.75]]
    assert (found.rounds, found.stopped) == (3, False)
    state = found.state()
    assert state is not None
    assert state["coef"].tolist() == [0.0, 1.0, 2.0]
    assert filled(tmp_path).get("other") is None
    assert [p.name for p in tmp_path.iterdir()] == ["k"]


@pytest.mark.parametrize("file", ["prediction.npy", "meta.json", "state.npz"])
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_a_damaged_entry_is_not_there_and_is_replaced(
    tmp_path: Path, file: str, damage: str
) -> None:
    store = filled(tmp_path)
    path = tmp_path / "k" / file
    raw = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    else:
        raw[len(raw) // 2] ^= 0xFF
        path.write_bytes(raw)
    assert store.get("k") is None
    assert filled(tmp_path).get("k") is not None


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".k.123.part").mkdir()
    (tmp_path / ".k.123.part" / "meta.json").write_text("{")
    store = Store(tmp_path)
    assert store.get("k") is None
    store.sweep()
    assert list(tmp_path.iterdir()) == []


def written(problem: Problem, folder: Path, **changes: object) -> TrainingData:
    specs = {v: make_spec(v, problem.schema, problem.task) for v in ("trees", "linear")}
    fields = {"y": problem.y, "plan": problem.plan, **changes}
    return TrainingData.write(
        folder, problem.table.arrays(), problem.schema, problem.task, specs=specs, seed=Seed(0),
        **fields,
    )  # fmt: skip


def test_every_part_of_a_fit_moves_its_key(problem: Problem, tmp_path: Path) -> None:
    data = written(problem, tmp_path / "a")
    orders = Orders(data, "data", Seed(0))
    one = QUICK[0]
    key = orders.key(one, 0)
    assert key == Orders(data, "data", Seed(0)).key(Candidate("other name", *tuple_of(one)), 0)
    flipped = problem.y.copy()
    flipped[0] = 1 - flipped[0]
    other = written(problem, tmp_path / "b", y=flipped)
    heavy = written(problem, tmp_path / "c", weights=np.full(len(problem.y), 2.0))
    assert len({
        key,
        orders.key(one, 1),
        orders.key(one, FINAL),
        orders.key(Candidate("logistic", "logistic", {"strength": 0.1}), 0),
        orders.key(Candidate("l", "lightgbm", {"strength": 0.01}), 0),
        Orders(data, "other data", Seed(0)).key(one, 0),
        Orders(data, "data", Seed(1)).key(one, 0),
        Orders(other, "data", Seed(0)).key(one, 0),
        Orders(heavy, "data", Seed(0)).key(one, 0),
    }) == 9  # fmt: skip
    told = dataclasses.replace(data, task=dataclasses.replace(data.task, questions=("sure?",)))
    assert Orders(told, "data", Seed(0)).key(one, 0) == key


def tuple_of(candidate: Candidate) -> tuple[str, object]:
    return candidate.card, candidate.settings
