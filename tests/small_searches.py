"""A small search: a table with numbers, words and gaps, and everything that a search needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.portfolio import Candidate
from heldout.search.pool import Pool
from heldout.search.result import SearchInput
from heldout.splits.plan import Plan
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tables.schema import Schema
from heldout.tables.table import Table
from heldout.tasks.options import Said
from heldout.tasks.state import encode, state, with_roles
from heldout.tasks.task import Task

QUICK = [
    Candidate("logistic", "logistic", {"strength": 0.01}),
    Candidate("boosted", "lightgbm", {"learning_rate": 0.3, "leaves": 4, "patience": 20}),
    Candidate("tree", "decision_tree"),
]


@dataclass(frozen=True)
class Problem:
    """A stated question with its plan."""

    table: Table
    task: Task
    y: np.ndarray
    plan: Plan

    @property
    def schema(self) -> Schema:
        return self.table.schema

    def given(self, folder: Path, pool: Pool, **more: Any) -> SearchInput:
        fields: dict[str, Any] = {
            "candidates": QUICK,
            "deadline": Deadline.never(),
            "columns": self.table.arrays(),
            "seed": Seed(0),
            "draws": False,
            "y": self.y,
            **more,
        }
        return SearchInput(
            folder=folder,
            pool=pool,
            task=self.task,
            schema=self.schema,
            plan=self.plan,
            **fields,
        )


def make_problem(rows: int, metric: str | None = None, kind: str = "binary") -> Problem:
    import polars as pl

    from heldout.tables.read import read

    rng = np.random.default_rng(3)
    age, income = rng.normal(40, 10, rows), rng.lognormal(3, 1, rows)
    city = rng.choice(["Bern", "Chur", "Wil"], rows)
    score = 0.08 * (age - 40) + (city == "Chur") + 0.6 * np.sin(income / 8) + rng.normal(0, 1, rows)
    frame: dict[str, Any] = {
        "age": np.where(rng.random(rows) < 0.05, np.nan, age),
        "income": income,
        "city": city,
        "answer": score if kind == "regression" else np.where(score > 0.3, "yes", "no"),
    }
    table = read(pl.DataFrame(frame))
    task = state(table, "answer", Said(metric=metric))
    table = with_roles(table, task)
    y = encode(task, table)
    return Problem(table, task, y, make_plan(make_samples(table, task), y, task, Seed(0)))
