"""Synthetic rows, repeated by every runtime."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.bundle.session import Session
from heldout.bundle.vectors import (
    build_vectors,
    decode,
    decode_columns,
    encode,
    flipped,
    largest_difference,
)
from heldout.core.seed import Seed
from heldout.tables.schema import NULL, NULL_DATE
from small_bundles import BINARY as TASK
from small_bundles import SCHEMA, content, graph, table


def test_they_survive_json() -> None:
    """Every bit of every number, NULL, infinities, the largest integers."""
    vectors = content().vectors
    again = json.loads(json.dumps(vectors, allow_nan=False))
    assert again == vectors
    columns = decode_columns(again, SCHEMA)
    assert columns["since"].dtype == np.int64
    assert NULL_DATE in columns["since"]
    assert NULL in columns["plan"]
    assert np.isinf(columns["age"]).any()
    assert all(len(v) == 64 for v in columns.values())
    session = Session(graph(TASK), SCHEMA)
    assert largest_difference(again["outputs"], session.run(columns)) == 0.0


def test_they_are_drawn_from_the_seed_and_copy_no_row() -> None:
    """Same seed, same vectors; another seed, others."""
    session = Session(graph(TASK), SCHEMA)
    one, two = (build_vectors(SCHEMA, session.run, Seed(i)) for i in (0, 1))
    assert one == build_vectors(SCHEMA, session.run, 0)
    assert one != two
    columns, rows = decode_columns(content().vectors, SCHEMA), table()
    seen = set(zip(*(rows[n].tolist() for n in columns), strict=True))
    assert not seen & set(zip(*(columns[n].tolist() for n in columns), strict=True))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(width=64), min_size=1, max_size=20))
def test_numbers_come_back_bit_for_bit(values: list[float]) -> None:
    """Negative zero too."""
    array = np.array(values)
    again = decode(json.loads(json.dumps(encode(array), allow_nan=False)), "number")
    np.testing.assert_array_equal(array, again)
    finite = np.isfinite(array)
    np.testing.assert_array_equal(np.signbit(array[finite]), np.signbit(again[finite]))


def test_differences_are_relative_and_shapes_count() -> None:
    """A missing output, another shape and a NaN are as far as can be."""
    expected = {"prediction": encode(np.array([[1000.0], [np.nan]]))}
    same = np.array([[1000.0], [np.nan]])
    assert largest_difference(expected, {"prediction": same}) == 0
    assert np.isclose(largest_difference(expected, {"prediction": same + 1e-3}), 1e-6)
    assert np.isclose(largest_difference(expected, {"prediction": same + 1e-3}, 1e6), 1e-9)
    assert largest_difference(expected, {}) == np.inf
    assert largest_difference(expected, {"prediction": same[:1]}) == np.inf
    assert largest_difference(expected, {"prediction": same * 0 + 1}) > 0


def test_a_flip_at_the_edge_of_a_tie_is_no_flip() -> None:
    """Where the probability stands within the tolerance of the threshold either is right."""
    p = np.array([[0.5, 0.5], [0.2, 0.8]])
    found = {"probability": p, "decision": np.array([1, 1])}
    assert flipped({"decision": ["0", "1"]}, found, 1e-9, 0.5) == 0
    assert flipped({"decision": ["0", "0"]}, found, 1e-9, 0.5) == 1
