"""scikit-learn's own checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from heldout.training.estimators import NetClassifier, NetRegressor
from training.small_models import rows

SMALL = {"hidden": (32,), "epochs": 60, "batch": 16, "learning_rate": 0.02}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([NetClassifier(**SMALL), NetRegressor(**SMALL)])
def test_scikit_learn_finds_nothing_wrong(estimator: Any, check: Any) -> None:
    """All of its checks."""
    check(estimator)


def test_a_classifier_learns_and_gives_the_same_answer_twice() -> None:
    """Labels of any kind; stopped early on rows of its own."""
    x, y = rows(400)
    labels = np.where(y > 0, "yes", "no")
    settings = {**SMALL, "validation": 0.2, "patience": 5}
    made = NetClassifier(**settings).fit(x[:300], labels[:300])
    assert made.score(x[300:], labels[300:]) > 0.75
    again = NetClassifier(**settings).fit(x[:300], labels[:300])
    assert np.array_equal(made.predict_proba(x), again.predict_proba(x))
    assert made.predict_proba(x).shape == (400, 2)
