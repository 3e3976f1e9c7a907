"""What a column holds is counted over all its rows, and nothing of one row shows where none may."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.tables.read import read
from heldout.tables.summary import entropy, hidden, summary
from heldout.tables.together import correlations, missing_along, over_time


@pytest.mark.requirement("DATA-01", "DATA-13")
def test_a_number_has_ends_middle_spread_and_a_histogram() -> None:
    """As NumPy counts them; the ends with their rows."""
    rng = np.random.default_rng(0)
    values = rng.normal(3, 2, 500)
    found = summary(read(pl.DataFrame({"a": values})), "a")
    assert found.low == values.min()
    assert found.lowest_row == int(values.argmin())
    assert found.highest_row == int(values.argmax())
    assert found.mean == pytest.approx(values.mean())
    assert found.sd == pytest.approx(values.std(ddof=1))
    counts, _ = np.histogram(values, np.array(found.edges))
    assert np.abs(np.array(found.counts) - counts).max() <= 1
    assert sum(found.counts) == 500


def test_whole_numbers_have_a_bar_each_and_far_values_share_the_last() -> None:
    """Five marks are five bars; one rich man does not flatten the others."""
    rng = np.random.default_rng(0)
    marks = summary(read(pl.DataFrame({"m": rng.integers(1, 6, 200)})), "m")
    assert marks.edges == (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
    income = np.r_[rng.normal(50, 5, 999), 1e9]
    found = summary(read(pl.DataFrame({"i": income})), "i")
    assert found.cut
    assert found.edges[-1] < 1e3
    assert sum(found.counts) == 1000


@pytest.mark.requirement("DATA-14", "X-043")
def test_entropy_is_at_most_one_bit_where_there_are_two_levels() -> None:
    """1 bit at one half, 0.469 at nine tenths; 0 where nothing varies."""
    assert entropy([1, 1]) == 1.0
    assert entropy([9, 1]) == pytest.approx(0.468996, abs=1e-6)
    assert entropy([9, 1]) * math.log(2) == pytest.approx(0.325083, abs=1e-6)
    assert entropy([7]) == 0.0
    found = summary(read(pl.DataFrame({"c": ["red", "blue"] * 40})), "c")
    assert found.entropy == 1.0
    assert found.levels == (("blue", 40), ("red", 40))


def test_nothing_of_a_single_row_shows_where_none_may() -> None:
    """No ends, no rare level, no bar beyond 1 and 99 %."""
    rng = np.random.default_rng(0)
    values = np.r_[rng.normal(50, 5, 998), 71.5, -3.5]
    found = hidden(summary(read(pl.DataFrame({"i": values})), "i"))
    assert found.low is found.high is found.lowest_row is None
    assert found.edges[0] > 30
    assert sum(found.counts) == 1000
    names = ["Oslo"] * 60 + ["Rome"] * 30 + ["Atlantis"]
    towns = hidden(summary(read(pl.DataFrame({"t": names})), "t"))
    assert towns.levels == (("Oslo", 60), ("Rome", 30))
    assert towns.others == 1


@settings(deadline=None, max_examples=40)
@given(st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=1, max_size=60))
def test_no_number_breaks_it(values: list[float | None]) -> None:
    """Infinities, the largest and the smallest numbers, nothing at all."""
    frame = pl.DataFrame({"a": values}, schema={"a": pl.Float64})
    table = read(frame, types={"a": "number"})
    found = summary(table, "a")
    finite = [v for v in values if v is not None and math.isfinite(v)]
    assert sum(found.counts) == len(finite)
    assert sum(hidden(found).counts) == len(finite)


def test_pairs_gaps_and_time() -> None:
    """Ranks over rows that both fill; missing by parts of the file; means by stretches."""
    day = pl.datetime_range(
        pl.datetime(2024, 1, 1), pl.datetime(2024, 12, 31), "1d", eager=True
    ).dt.strftime("%Y-%m-%d")
    n = len(day)
    up = np.arange(n) + 0.5
    gaps: list[float | None] = [None if i < n // 2 else float(i) for i in range(n)]
    table = read(pl.DataFrame({"day": day, "up": up, "down": -(up**3), "gaps": gaps}))
    made = correlations(table, ["up", "down", "gaps"])
    assert made[0, 1] == pytest.approx(-1)
    assert made[0, 2] == pytest.approx(1)
    assert missing_along(table, ["gaps"], 2).tolist() == [[1.0, 0.0]]
    course = over_time(table, "day", ["up"])
    assert course is not None
    assert sum(course.rows) == n
    means = course.means[0][1]
    assert list(means) == sorted(means)
