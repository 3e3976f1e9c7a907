"""A small question and real workers for the tests of the search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heldout.search.pool import Pool
from small_searches import Problem, make_problem


@pytest.fixture(scope="session")
def problem() -> Problem:
    """1,200 rows: 10 folds, no seal."""
    return make_problem(1_200)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Two real workers."""
    with Pool(workers=2) as made:
        yield made
