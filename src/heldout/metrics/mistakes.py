"""The confusion matrix in words: per class how many are found, and which are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.metrics.confusion import confusion
from heldout.stats.intervals import wilson

SHOWN = 12


def mistakes(y: Array, decision: Array, classes: Sequence[str]) -> dict[str, Any]:
    """Counts (truth, decision), each class's recall and precision with Wilson's intervals, and
    the commonest mistakes.

    >>> told = mistakes(np.array([0.0, 0, 1]), np.array([0, 1, 1]), ["a", "b"])
    >>> told["counts"], told["mistakes"][0]["truth"], told["mistakes"][0]["decided"]
    ([[1, 1], [0, 1]], 'a', 'b')
    """
    table = confusion(y, decision, len(classes))
    return {
        "classes": list(classes),
        "counts": table.tolist(),
        "samples": int(table.sum()),
        "decided": [
            {
                "class": name,
                "samples": int(table[k].sum()),
                "answered": int(table[:, k].sum()),
                "recall": rate(int(table[k, k]), int(table[k].sum())),
                "precision": rate(int(table[k, k]), int(table[:, k].sum())),
            }
            for k, name in enumerate(classes)
        ],
        "mistakes": _commonest(table, classes),
    }


def rate(k: int, n: int) -> dict[str, float | None]:
    """A rate with its interval; None where there is nothing to count.

    >>> rate(0, 0)
    {'value': None, 'low': None, 'high': None}
    """
    if n == 0:
        return {"value": None, "low": None, "high": None}
    low, high = wilson(k, n)
    return {"value": k / n, "low": low, "high": high}


def _commonest(table: Ints, classes: Sequence[str]) -> list[dict[str, Any]]:
    wrong = table - np.diag(np.diag(table))
    order = np.argsort(-wrong, axis=None, kind="stable")[:SHOWN]
    told = []
    for at in order:
        truth, decided = divmod(int(at), len(classes))
        if wrong[truth, decided] == 0:
            break
        told.append(
            {
                "truth": classes[truth],
                "decided": classes[decided],
                "rows": int(wrong[truth, decided]),
                "share": float(wrong[truth, decided] / max(1, table[truth].sum())),
            }
        )
    return told
