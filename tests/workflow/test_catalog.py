"""The catalogue of models, and its three axes."""

from __future__ import annotations

import pytest

from heldout.models.card import MODELS
from heldout.workflow.catalog import card_text, table


def named(**filters: object) -> set[str]:
    """Of the models that pass."""
    told = table(filters.pop("task", None), filters.pop("family", None), **filters)  # type: ignore[arg-type]
    return {row["name"] for row in told.values["models"]}


@pytest.mark.requirement("TASK-04", "MODEL-26")
def test_every_model_has_its_place_on_three_axes_and_they_filter() -> None:
    everyone = set(MODELS.names())
    assert named() == everyone
    assert named(linear=True) | named(linear=False) == everyone
    assert named(linear=True) >= {"logistic", "ridge", "linear", "elastic_net"}
    assert named(linear=False) >= {"lightgbm", "random_forest", "dense_net"}
    assert "ridge" in named(task="regression") and "ridge" not in named(task="binary")
    assert named(family="forest") == {"random_forest", "extra_trees"}
    assert named(supervision="supervised", linear=True, task="binary") >= {"logistic"}
    assert named(supervision="unsupervised") == {
        c.name for c in MODELS.all() if c.supervision == "unsupervised"
    }
    assert "branches blur" in table(None, None).text
    assert "supervised, nonlinear" in card_text("lightgbm").text
