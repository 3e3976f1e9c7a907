"""Partial dependence follows the model, and says how many rows stand behind each point."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.explain.partial import dependence
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns

DAY = 86_400_000_000
SCHEMA = Schema(
    (
        Column("a", "number"),
        Column("k", "category"),
        Column("d", "date"),
        Column("t", "boolean", levels=("no", "yes")),
        Column("w", "text"),
        Column("one", "number"),
    )
)


def table(n: int = 200) -> dict[str, np.ndarray]:
    """Some values missing in each."""
    rng = Seed(0).rng()
    made = {
        "a": rng.normal(size=n),
        "k": rng.choice(np.array(["x", "y", NULL], dtype=object), n, p=[0.6, 0.3, 0.1]),
        "d": rng.integers(0, 100, n) * DAY,
        "t": rng.integers(0, 2, n).astype(float),
        "w": np.array(["w"] * n, dtype=object),
        "one": np.ones(n),
    }
    made["a"][:20] = np.nan
    made["d"][:10] = NULL_DATE
    return made


def model(c: Columns) -> np.ndarray:
    """a counts twice; x is worth 5, a missing k 9; yes turns the sign of a."""
    a = np.where(np.isnan(c["a"]), 7.0, 2 * c["a"] * np.where(c["t"] == 1, -1, 1))
    k = np.where(c["k"] == "x", 5.0, 0.0) + np.where(c["k"] == NULL, 9.0, 0.0)
    return np.stack([np.zeros(len(a)), a + k], axis=1)


def test_the_curve_is_the_models_own() -> None:
    """Levels from the commonest, missing last; numbers rise by quantiles; constants have none."""
    columns = table()
    made = dependence(model, columns, list(columns), SCHEMA, output=1)
    found = {d.column: d.points for d in made}
    assert set(found) == {"a", "k", "d", "t"}
    assert [p.label for p in found["k"]] == ["x", "y", "missing"]
    x, y, gone = (p.mean for p in found["k"])
    assert x - y == pytest.approx(5.0)
    assert gone - y == pytest.approx(9.0)
    assert found["a"][-1].value is None
    assert found["a"][-1].mean == pytest.approx(7.0 + (columns["k"] == "x").mean() * 5
                                                + (columns["k"] == NULL).mean() * 9)  # fmt: skip
    assert sum(p.n for p in found["a"]) == 200
    values = [p.value for p in found["a"][:-1]]
    assert values == sorted(values, key=float)  # type: ignore[arg-type]
    assert [p.label for p in found["t"]] == ["no", "yes"]
    assert str(found["d"][0].value).startswith("1970-")


def test_the_band_is_wide_where_columns_act_together() -> None:
    """The sign of a depends on t: the mean of a is flat, the band is not."""
    columns = table()
    columns["t"] = np.tile([0.0, 1.0], 100)
    (found,) = dependence(model, columns, ["a"], SCHEMA, output=1)
    last = found.points[-2]
    assert last.high - last.low > 3.0


def test_time_is_kept() -> None:
    """Nothing is begun after the deadline."""
    assert dependence(model, table(), ["a"], SCHEMA, output=1, deadline=Deadline(0.0)) == []
