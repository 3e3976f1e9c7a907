"""The step of a series, its season, and the times that come next."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.tables import steps
from heldout.tables.dateforms import parser

DATE = parser("%Y-%m-%d")


def times(*texts: str) -> np.ndarray:
    return np.array([DATE(t) for t in texts])


@pytest.mark.parametrize(
    ("given", "name", "season", "following"),
    [
        (("2020-01-01", "2020-02-01", "2020-03-01"), "month", 12, "2020-04-01"),
        (("2020-01-01", "2020-04-01", "2020-07-01"), "quarter", 4, "2020-10-01"),
        (("1990-01-01", "1991-01-01", "1992-01-01"), "year", 1, "1993-01-01"),
        (("2020-03-02", "2020-03-09", "2020-03-16"), "week", 52, "2020-03-23"),
        (("2020-02-27", "2020-02-28", "2020-02-29"), "day", 7, "2020-03-01"),
        (("2020-03-05", "2020-03-06", "2020-03-09", "2020-03-10"), "working day", 5, "2020-03-11"),
        (
            ("2020-01-01 22:00", "2020-01-01 23:00", "2020-01-02 00:00"),
            "hour",
            24,
            "2020-01-02T01:00:00",
        ),
    ],
)
def test_steps_seasons_and_what_follows(
    given: tuple[str, ...], name: str, season: int, following: str
) -> None:
    step = steps.of_dates(times(*given))
    assert (step.name, step.season) == (name, season)
    assert steps.written(step.after(float(times(*given)[-1]), 1)[0], "date") == following
    assert steps.Step.from_dict(step.as_dict()) == step


def test_working_days_leap_over_the_weekend() -> None:
    step = steps.of_dates(times("2020-03-03", "2020-03-04", "2020-03-05"))
    found = [steps.written(t, "date") for t in step.after(float(DATE("2020-03-05")), 3)]
    assert found == ["2020-03-06", "2020-03-09", "2020-03-10"]


def test_months_keep_their_day_where_there_is_one() -> None:
    assert steps.written(steps.add_months(DATE("2024-01-31"), 1), "date") == "2024-02-29"
    assert steps.written(steps.add_months(DATE("1969-12-15"), 14), "date") == "1971-02-15"


def test_numbers_and_rows_go_on_by_their_step() -> None:
    step = steps.of_numbers(np.array([1700.0, 1701.0, 1702.0]))
    assert step.after(1702.0, 2) == [1703.0, 1704.0]
    assert [steps.written(t, "row") for t in (3.0, 0.5)] == ["3", "0.5"]
