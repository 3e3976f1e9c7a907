"""A user's own columns: expressions that become part of the graph, never code (contract 14)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import heldout as library
from heldout.core.errors import HeldoutError
from heldout.tables.schema import Column, Schema
from heldout.workflow.computed import without_orphans
from heldout.workflow.define import load
from heldout.workflow.spec import resolve
from small_runs import Rows, Said, entries, write


def made(rows: int, seed: int) -> Rows:
    """The answer follows the ratio of two columns, which no sum of them tells."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-1, 1, rows), rng.choice([-1, 1], rows) * rng.uniform(0.2, 1, rows)
    left = np.where(a / b + rng.normal(0, 0.3, rows) > 0, "yes", "no")
    return {"a": a.tolist(), "b": b.tolist(), "left": left.tolist()}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 rows of it."""
    return write(tmp_path_factory.mktemp("computed") / "ratio.csv", made(600, 0))


@pytest.mark.slow
@pytest.mark.requirement("PREP-13")
def test_an_expression_is_learned_from_and_not_asked_for(
    data: Path, tmp_path: Path, heldout: Callable[..., Said]
) -> None:
    """The bundle asks for a and b only, and computes their ratio in its graph."""
    arguments = (
        "run",
        data,
        "--target",
        "left",
        "--models",
        "logistic",
        "--work",
        "10",
        "--quiet",
        "--json",
    )
    plain = heldout(*arguments, "--out", tmp_path / "plain")
    said = heldout(*arguments, "--out", tmp_path / "own", "--column", "ratio=a / b")
    assert said.values["score"] > plain.values["score"] + 0.3
    bundle = library.load(tmp_path / "own")
    assert [c.name for c in bundle.schema.inputs] == ["a", "b"]
    high, low = (bundle.predict_row({"a": 1, "b": b})["probability"]["yes"] for b in (0.5, -0.5))
    assert high > 0.9
    assert low < 0.1
    ranked = entries(tmp_path / "own", "importance")[-1]["numbers"]["rows"]
    assert {r["column"] for r in ranked} == {"a", "b"}
    new = write(tmp_path / "new.csv", made(1500, 1))
    again = heldout(
        "retrain", tmp_path / "own", new, "--out", tmp_path / "new", "--quiet", "--json"
    )
    assert again.values["challenger"]["value"] > 0.9


def spec(data: Path, **columns: str) -> object:
    """The table with computed columns."""
    said = resolve({"data": str(data), "target": "left", "columns": columns})
    return load(said.data, said)


@pytest.mark.parametrize(
    ("columns", "code"),
    [({"a": "b"}, "H216"), ({"c": "left"}, "H102"), ({"c": "nobody"}, "H104"), ({"c": "eval(a)"}, "H102")],
)  # fmt: skip
def test_what_cannot_be_computed_is_said(data: Path, columns: dict[str, str], code: str) -> None:
    """Names taken, the target, columns that are not there, other languages."""
    with pytest.raises(HeldoutError) as told:
        spec(data, **columns)
    assert told.value.code == code


def test_one_may_build_on_another(data: Path) -> None:
    """In the order in which they are written."""
    table = spec(data, ratio="a / b", bent="max(ratio, 0)")
    assert table.schema["bent"].low == 0.0  # type: ignore[attr-defined]


def test_a_computed_column_leaves_with_what_it_is_computed_from() -> None:
    """Else a leak would stay in another dress."""
    schema = Schema(
        (
            Column("a", "number", role="ignored"),
            Column("twice", "number", formula="2 * a"),
            Column("four", "number", formula="2 * twice"),
        )
    )
    assert without_orphans(schema).inputs == []
