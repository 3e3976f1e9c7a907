"""Counts and edges, never rows."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heldout.bundle.reference import bin_counts, build_reference, describe, outwards
from heldout.core.seed import Seed
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema


def test_twenty_bins_of_about_equal_counts() -> None:
    """Edges are quantiles."""
    told = describe(Seed(0).rng().normal(size=5000), Column("x", "number"))
    assert len(told["counts"]) == 20
    assert sum(told["counts"]) == 5000
    assert max(told["counts"]) < 2 * min(told["counts"])


@pytest.mark.requirement("DEPLOY-07")
def test_rare_levels_have_no_name() -> None:
    """Levels under five fold into "rare"; at most fifty are counted."""
    values = np.array(["a"] * 9 + ["b"] * 5 + ["Ada L."] * 4 + [NULL] * 2, dtype=object)
    told = describe(values, Column("x", "category"))
    assert told["levels"] == {"a": 9, "b": 5}
    assert told["rare"] == {"levels": 1, "rows": 4}
    assert told["nulls"] == 2
    many = np.repeat(np.array([f"l{i:03}" for i in range(80)], dtype=object), 6)
    told = describe(many, Column("x", "category"))
    assert len(told["levels"]) == 50
    assert len(told["more"]) == 30
    assert told["rare"] == {"levels": 30, "rows": 180}


def test_no_edge_tells_an_exact_value() -> None:
    """Ranges are rounded outwards; few rows give few bins."""
    values = Seed(1).rng().uniform(1000, 99000, size=40) + 0.123456
    told = describe(values, Column("x", "number"))
    assert len(told["counts"]) <= 8
    assert told["low"] < values.min()
    assert told["high"] > values.max()
    assert not set(told["edges"]) & set(values.tolist())


def test_dates_texts_and_booleans() -> None:
    """Each kind has its measure."""
    days = np.array([NULL_DATE, *(86_400_000_000 * np.arange(100))], dtype=np.int64)
    told = describe(days, Column("d", "date"))
    assert told["nulls"] == 1
    assert sum(told["counts"]) == 100
    told = describe(np.array(["ab", NULL, "abc"] * 10, dtype=object), Column("t", "text"))
    assert told["nulls"] == 10
    told = describe(np.array([0.0, 1.0, 1.0, np.nan]), Column("b", "boolean", levels=("no", "yes")))
    assert told["levels"] == {"no": 1, "yes": 2}
    assert told["nulls"] == 1


@settings(max_examples=200, deadline=None)
@given(
    arrays.arrays(np.float64, st.integers(0, 60), elements=st.floats(allow_nan=True, width=64)),
    st.booleans(),
)
def test_whatever_the_numbers(values: np.ndarray, whole: bool) -> None:
    """Always JSON, always complete, always in order."""
    told = describe(values, Column("x", "number", whole=whole))
    json.dumps(told, allow_nan=False)
    assert told["edges"] == sorted(set(told["edges"]))
    finite = values[np.isfinite(values)]
    assert sum(told["counts"]) == len(finite)
    assert told["nulls"] == len(values) - len(finite)
    if len(finite):
        assert told["low"] <= finite.min()
        assert told["high"] >= finite.max()


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300))
def test_outwards_is_outwards(low: float, width: float) -> None:
    """At every size."""
    high = low + width
    if math.isfinite(high):
        below, above = outwards(low, high)
        assert below <= low
        assert above >= high


def test_bins_are_closed_on_the_right() -> None:
    """As the head of the file says."""
    assert bin_counts(np.array([0.0, 1.0, 1.5, 2.0, 3.0]), [1.0, 2.0]).tolist() == [2, 2, 1]


def test_scores_of_every_output() -> None:
    """A histogram a class."""
    p = Seed(0).rng().random((300, 2))
    told = build_reference({"x": np.arange(300.0)}, Schema((Column("x", "number"),)), p)
    assert told["rows"] == 300
    assert len(told["scores"]) == 2
    assert sum(told["scores"][1]["counts"]) == 300
