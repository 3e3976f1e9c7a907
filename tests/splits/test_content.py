"""The content hash is frozen: the seal of every table that was ever split rests on it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.splits.content import column_hash, content, content_columns, numbers, texts, word
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema

SCHEMA = Schema(
    (
        Column("x", "number"),
        Column("flag", "boolean", levels=("No", "Yes")),
        Column("town", "category"),
        Column("day", "date"),
    )
)
COLUMNS = {
    "x": np.array([1.5, np.nan, -0.0]),
    "flag": np.array([1.0, 0.0, np.nan]),
    "town": np.array(["Oslo", NULL, "Zürich"], dtype=object),
    "day": np.array([0, 1_700_000_000_000_000, NULL_DATE], dtype=np.int64),
}


@pytest.mark.requirement("EVAL-03", "EVAL-10")
def test_the_hash_is_the_same_in_every_version() -> None:
    """Golden values: a change here moves every seal there is."""
    golden = [6127110851722510868, 10258682055439082959, 1418502866345934539]
    assert content(COLUMNS, SCHEMA).tolist() == golden
    assert int(word("Churn")) == 5577038423944671079


def test_order_of_columns_is_without_effect_and_names_are_not() -> None:
    """A file with its columns moved is the same data; a renamed column is not."""
    backwards = dict(reversed(COLUMNS.items()))
    assert np.array_equal(content(COLUMNS, SCHEMA), content(backwards, SCHEMA))
    pair = Schema((Column("a", "number"), Column("b", "number")))
    one, two = np.array([1.0]), np.array([2.0])
    assert content({"a": one, "b": two}, pair) != content({"a": two, "b": one}, pair)


def test_a_cell_counts_by_what_it_says() -> None:
    """--type moves nothing: 3 as a category is 3 as a number, Yes as a word is Yes as a boolean."""
    three, text = np.array([3.0, np.nan]), np.array(["3", NULL], dtype=object)
    assert np.array_equal(numbers(three), texts(text))
    flags = column_hash(COLUMNS["flag"], SCHEMA["flag"])
    assert np.array_equal(flags, texts(np.array(["Yes", "No", NULL], dtype=object)))


def test_zero_has_one_sign_and_nan_one_form() -> None:
    """-0.0 equals 0.0, and all NaN are one."""
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)
    assert np.array_equal(numbers(np.array([-0.0])), numbers(np.array([0.0])))
    assert np.array_equal(numbers(other_nan), numbers(np.array([np.nan])))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=30))
def test_different_numbers_have_different_hashes(values: list[float]) -> None:
    """A bijection of bits: equal hashes mean equal numbers."""
    hashes = numbers(np.array(values))
    assert len(set(hashes.tolist())) == len({v + 0.0 for v in values})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=20))
def test_any_text_can_be_hashed(values: list[str]) -> None:
    """Lone surrogates, digits of other scripts, the marker of null: no text stops the hash."""
    assert len(texts(np.array(values, dtype=object))) == len(values)


def test_identifiers_and_target_do_not_count_and_dropped_columns_do() -> None:
    """The seal belongs to the data: --drop does not move it, an id of the same row neither."""
    columns = (
        Column("id", "number", "ignored", "an identifier: it numbers the rows"),
        Column("x", "number", "ignored", "dropped: --drop", distinct=7),
        Column("key_id", "category", "ignored", "dropped: --drop", distinct=100),
        Column("z", "number"),
        Column("y", "category", "target"),
    )
    assert content_columns(Schema(columns), 100) == ["x", "z"]
    assert content_columns(Schema(columns[:1]), 100) == ["id"]
