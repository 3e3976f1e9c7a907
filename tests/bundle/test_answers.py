"""The rule of decisions, outside of the graph as inside."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heldout.bundle.answers import decide, to_answers
from heldout.metrics.scoring import decide as scored
from heldout.tasks.task import Task
from small_bundles import BINARY

MANY = Task("multiclass", "t", "log_loss", False, classes=("a", "b", "c"))


@settings(max_examples=100, deadline=None)
@given(
    arrays.arrays(np.float64, (7, 2), elements=st.floats(0, 1)),
    arrays.arrays(np.float64, (7, 3), elements=st.sampled_from([0.0, 0.2, 0.4, 1.0])),
    st.floats(0, 1),
)
def test_it_is_the_rule_of_the_metrics(two: np.ndarray, three: np.ndarray, t: float) -> None:
    """Positive from t on; ties to the lowest index."""
    np.testing.assert_array_equal(decide(two, BINARY, t), scored(two, BINARY, t))
    np.testing.assert_array_equal(decide(three, MANY, None), scored(three, MANY, None))


def test_intervals_and_values() -> None:
    """What a regression graph may give besides."""
    task = Task("regression", "price", "mae", False)
    outputs = {
        "prediction": np.array([[1.5]]),
        "lower": np.array([[1.0]]),
        "upper": np.array([[np.inf]]),
    }
    assert to_answers(outputs, task).row(0, task) == {"prediction": 1.5, "low": 1.0, "high": None}
