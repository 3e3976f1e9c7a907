"""The table of tasks and models: last layer, loss, metrics, null models (LOSS-01).

One table that code, report and docs read. ``runs`` says which tasks heldout carries out; the
others are here so that what is told about them is right.
"""

from __future__ import annotations

from dataclasses import dataclass

from heldout.tasks.task import TaskCard


@dataclass(frozen=True)
class Row:
    """A task: what the last layer does, what is minimized, what is reported, what to beat."""

    name: str
    title: str
    activation: str
    loss: str
    metrics: tuple[str, ...]
    null_models: tuple[str, ...] = ()
    form: str = ""
    words: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""

    @property
    def runs(self) -> bool:
        """Whether heldout carries it out."""
        return self.form != ""


TASK_TABLE: tuple[Row, ...] = (
    Row(
        "binary",
        "two classes",
        "sigmoid",
        "binary cross-entropy",
        (
            "roc_auc",
            "average_precision",
            "log_loss",
            "brier",
            "balanced_accuracy",
            "f1",
            "precision",
            "recall",
            "mcc",
            "accuracy",
        ),
        ("prior", "most_frequent", "uniform"),
        form="probability",
        words="probability {value} of {positive}",
        aliases=("binary classification", "two classes"),
        note="the sigmoid alone does not make probabilities calibrated: that is measured",
    ),
    Row(
        "multiclass",
        "several classes that exclude each other",
        "softmax",
        "categorical cross-entropy (sparse: the same value from integer labels)",
        ("log_loss", "balanced_accuracy", "f1_macro", "roc_auc", "brier", "mcc", "accuracy"),
        ("prior", "most_frequent", "uniform"),
        form="probability",
        words="most probably {value}",
        aliases=("classification", "multiclass classification"),
    ),
    Row(
        "regression",
        "a number",
        "none",
        "mean squared error",
        ("mae", "rmse", "r2", "mse", "wape"),
        ("median", "mean"),
        form="value",
        words="{value}",
        aliases=("scalar regression",),
        note="mean squared error is also a metric; accuracy does not apply",
    ),
    Row(
        "forecast",
        "the next numbers of a series",
        "none",
        "mean squared error",
        ("mae", "rmse", "wape", "r2", "mse"),
        ("last_value", "seasonal"),
        form="value",
        words="{value}",
        aliases=("forecasting", "time series"),
        note="where no model beats the last value, the series is a random walk to us",
    ),
    Row(
        "multilabel",
        "several labels at once",
        "sigmoid",
        "binary cross-entropy per label",
        (
            "roc_auc",
            "average_precision",
            "log_loss",
            "brier",
            "balanced_accuracy",
            "f1",
            "precision",
            "recall",
            "accuracy",
        ),
        ("prior", "most_frequent", "uniform"),
        form="labels",
        words="probability {value} of {positive}",
        aliases=("multilabel classification", "several labels"),
        note="labels do not exclude each other, so no softmax; scores are means over labels",
    ),
    Row(
        "vector_regression",
        "several numbers at once",
        "none",
        "mean squared error",
        ("mae", "rmse", "r2", "mse"),
        ("median", "mean"),
        form="values",
        words="{value}",
        aliases=("vector regression", "multioutput regression"),
        note="errors count in standard deviations of each target, then their mean is taken",
    ),
    Row("bounded_regression", "a number between 0 and 1", "sigmoid",
        "mean squared error or binary cross-entropy", ("mae", "rmse"), ("mean",)),
    Row("count", "a count", "exponential", "Poisson deviance", ("mae",), ("mean",)),
    Row("quantile", "a quantile of a number", "none", "pinball", ("pinball",), ("median",)),
    Row("ranking", "an order of items", "none", "pairwise logistic or LambdaRank",
        ("ndcg", "average_precision"), ("popularity",)),
    Row("segmentation", "a class for every pixel", "softmax per pixel",
        "categorical cross-entropy per pixel", ("iou",), ("most_frequent",)),
    Row("object_detection", "boxes with classes", "softmax and none",
        "cross-entropy and smooth L1 of the box", ("average_precision",)),
    Row("sequence_labels", "labels not aligned with a sequence", "softmax per step",
        "connectionist temporal classification (CTC)", ("edit_distance",)),
    Row("sequence_generation", "the next token", "softmax", "categorical cross-entropy",
        ("perplexity",), ("prior",)),
    Row("clustering", "groups without labels", "none", "inertia (K-means)",
        ("silhouette", "davies_bouldin", "inertia"), ("uniform",)),
    Row("dimension_reduction", "fewer columns", "none", "reconstruction error (PCA)",
        ("variance_explained",), ("mean",)),
    Row("anomaly_detection", "the odd ones out", "none", "negative log likelihood or path length",
        ("average_precision", "roc_auc"), ("uniform",)),
    Row("reinforcement", "actions for a reward", "softmax (policy) or none (value)",
        "policy gradient or temporal-difference error", ("mean_return",), ("uniform",)),
)  # fmt: skip


@dataclass(frozen=True)
class ModelRow:
    """A family of models: what it does instead of a last layer, and what it minimizes."""

    name: str
    activation: str
    loss: str
    note: str = ""


MODEL_TABLE: tuple[ModelRow, ...] = (
    ModelRow("linear regression", "none", "squared error"),
    ModelRow("logistic regression", "sigmoid or softmax", "cross-entropy"),
    ModelRow(
        "decision tree, forest",
        "none",
        "Gini or entropy (classes), squared error (numbers)",
        "a tree has no activation: its leaves hold averages",
    ),
    ModelRow(
        "boosting",
        "identity, sigmoid, softmax or exponential link",
        "squared error, log loss or Poisson deviance",
    ),
    ModelRow("support vector machine", "none", "hinge", "a kernel is not an activation"),
    ModelRow(
        "naive Bayes",
        "none",
        "negative log likelihood",
        "maximum likelihood is a way to fit, not a loss",
    ),
    ModelRow("k nearest neighbors", "none", "none", "nothing is fitted"),
    ModelRow("K-means", "none", "inertia"),
    ModelRow("PCA", "none", "reconstruction error"),
)


def row(name: str) -> Row:
    """The row of a task by name or alias; KeyError where there is none."""
    for r in TASK_TABLE:
        if name == r.name or name in r.aliases:
            return r
    raise KeyError(name)


def card(name: str) -> TaskCard:
    """The card of a task that heldout carries out."""
    r = row(name)
    return TaskCard(
        name=r.name,
        title=r.title,
        form=r.form,
        activation=r.activation,
        loss=r.loss,
        metrics=r.metrics,
        null_models=r.null_models,
        words=r.words,
        aliases=r.aliases,
    )
