"""Tasks and predictions that the tests of the metrics share."""

import numpy as np

from heldout.tasks.task import Task


def task_of(kind, classes=3, **more):
    names = {"binary": ("No", "Yes"), "multiclass": tuple("abcdefgh"[:classes])}.get(kind, ())
    return Task(
        kind=kind,
        target="y",
        metric="",
        greater_is_better=True,
        classes=names,
        positive="Yes" if kind == "binary" else None,
        **more,
    )


def binary(n=120, seed=0, rate=0.3, digits=1):
    """Probabilities with ties (``digits``) and what happened."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rate).astype(float)
    z = rng.normal(0, 1, n) + 1.2 * y - 0.6
    p = np.clip(np.round(1 / (1 + np.exp(-z)), digits), 0.01, 0.99)
    return task_of("binary"), y, np.stack([1 - p, p], axis=1)


def multiclass(n=150, seed=0, classes=3):
    rng = np.random.default_rng(seed)
    y = rng.choice(classes, n, p=np.array([0.5, 0.3, 0.2])[:classes]).astype(float)
    z = rng.normal(0, 1, (n, classes))
    z[np.arange(n), y.astype(int)] += 1.0
    p = np.exp(z)
    return task_of("multiclass", classes), y, p / p.sum(axis=1, keepdims=True)


def regression(n=100, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(5, 2, n)
    return task_of("regression"), y, (y + rng.normal(0, 1, n))[:, None]


MAKERS = {"binary": binary, "multiclass": multiclass, "regression": regression}
