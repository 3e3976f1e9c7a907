"""The table of tasks: one place for last layer, loss, metrics, null models."""

import pytest

from heldout.metrics.score import METRICS
from heldout.tasks.null import NULLS
from heldout.tasks.table import MODEL_TABLE, TASK_TABLE, row
from heldout.tasks.task import TASKS, Task


@pytest.mark.requirement("LOSS-01", "X-040")
def test_the_corrected_table():
    assert (row("binary").activation, row("multiclass").activation) == ("sigmoid", "softmax")
    assert row("multilabel").activation == "sigmoid"
    assert row("regression").activation == "none"
    assert row("bounded_regression").activation == "sigmoid"
    assert (row("count").activation, row("count").loss) == ("exponential", "Poisson deviance")
    assert row("quantile").loss == "pinball"
    assert "iou" in row("segmentation").metrics and row("ranking").loss
    assert "mse" in row("regression").metrics and "accuracy" not in row("regression").metrics
    models = {m.name: m for m in MODEL_TABLE}
    assert models["decision tree, forest"].activation == "none"
    assert "Gini" in models["decision tree, forest"].loss
    assert models["support vector machine"].loss == "hinge"
    assert models["K-means"].loss == "inertia" and models["PCA"].loss == "reconstruction error"
    assert models["naive Bayes"].loss == "negative log likelihood"


@pytest.mark.requirement("TASK-02")
def test_every_kind_of_task_has_its_row():
    names = {r.name for r in TASK_TABLE}
    assert names >= {
        *("binary", "multiclass", "multilabel", "regression", "vector_regression"),
        *("segmentation", "ranking", "clustering", "reinforcement", "object_detection"),
        *("sequence_generation", "dimension_reduction", "anomaly_detection", "forecast"),
    }
    assert row("forecasting").name == "forecast"
    with pytest.raises(KeyError):
        row("astrology")


@pytest.mark.requirement("TASK-10", "EVAL-20")
def test_what_runs_has_metrics_and_null_models():
    """A task without a null model is not a task."""
    assert TASKS.names() == sorted(r.name for r in TASK_TABLE if r.runs)
    for card in TASKS.all():
        assert card.null_models
        for name in card.null_models:
            assert card.name in NULLS.get(name).forms
        for name in card.metrics:
            assert card.name in METRICS.get(name).forms
        for metric in METRICS.all():
            if card.name in metric.forms and (metric.name, card.name) != ("f1_macro", "binary"):
                assert metric.name in card.metrics
    defaults = {c.name: c.metrics[0] for c in TASKS.all()}
    assert defaults == {
        "binary": "roc_auc",
        "multiclass": "log_loss",
        "regression": "mae",
        "forecast": "mae",
        "multilabel": "roc_auc",
        "vector_regression": "mae",
    }


def test_a_task_survives_json():
    import json

    task = Task("binary", "y", "roc_auc", True, ("a", "b"), "b", {"a": "a", "b": "b"})
    assert Task.from_dict(json.loads(json.dumps(task.as_dict()))) == task
