"""What an interval counts by: rows, groups, stretches of time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from heldout.workflow.protocol import Protocol
from small_runs import table, write


@pytest.fixture(scope="module")
def grouped(place: Path, heldout: Callable[..., Any]) -> Path:
    """A run with rows of four to a house."""
    data = write(place / "houses.csv", table())
    out = place / "units-of-houses"
    said = heldout(
        "run", data, "--target", "left", "--group", "house", "--models", "logistic", "--work",
        "10", "--out", out, "--quiet", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    return out


@pytest.mark.requirement("EVAL-10", "EVAL-16")
def test_evaluate_counts_groups_and_says_when_it_cannot(
    grouped: Path, place: Path, heldout: Callable[..., Any]
) -> None:
    """Ten copies of each new house tell no more than one: over rows the interval is too narrow."""
    fresh = table(rows=400, seed=5)
    noise = np.random.default_rng(0).normal(0, 1e-3, 4_000)
    many = {k: [x for x in v for _ in range(10)] for k, v in fresh.items()}
    many["a"] = [x + e for x, e in zip(many["a"], noise, strict=True)]
    many["house"] = [f"new-{i // 40}" for i in range(4_000)]
    width = {}
    for name, columns in (
        ("with", many),
        ("without", {k: v for k, v in many.items() if k != "house"}),
    ):
        said = heldout("evaluate", grouped, write(place / f"{name}.csv", columns), "--json")
        assert said.code == 0, said.err
        width[name] = said.values["high"] - said.values["low"]
        told = "interval counts rows" in said.values["warning"]
        assert told == (name == "without")
    assert width["with"] > 2 * width["without"]


@pytest.mark.requirement("EVAL-09", "EVAL-16")
def test_where_time_rules_stretches_are_counted() -> None:
    rows = np.arange(200)
    samples = SimpleNamespace(group=rows // 4, time=rows, copy_of=rows)
    plan: Any = SimpleNamespace(unit="time", numbers={"interval": True})
    found = Protocol(None, samples, plan).units_of(rows)  # type: ignore[arg-type]
    assert found is not None
    assert len(np.unique(found)) == 10
    few: Any = SimpleNamespace(unit="time", numbers={"interval": False})
    kept = Protocol(None, samples, few).units_of(rows)  # type: ignore[arg-type]
    assert kept is not None
    assert (kept == rows // 4).all()
    by_group: Any = SimpleNamespace(unit="group", numbers={})
    assert (Protocol(None, samples, by_group).units_of(rows) == rows // 4).all()  # type: ignore[arg-type]
    alone = SimpleNamespace(group=None, time=None)
    assert Protocol(None, alone, by_group).units_of(rows) is None  # type: ignore[arg-type]
