"""What is wrong with a training, and what to do first (section DIAG).

``diagnose`` trains a model while it is watched; each symptom is a file of
``heldout.training.symptoms``. ``pairing.refuse`` says why a last layer, loss and target do not fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heldout.training.diagnosis.by_heart import memorize, random_labels
    from heldout.training.diagnosis.examination import diagnose
    from heldout.training.diagnosis.finding import Diagnosis, Finding
    from heldout.training.diagnosis.rates import range_test

__all__ = ["Diagnosis", "Finding", "diagnose", "memorize", "random_labels", "range_test"]

_WHERE = {
    "Diagnosis": "finding",
    "Finding": "finding",
    "diagnose": "examination",
    "memorize": "by_heart",
    "random_labels": "by_heart",
    "range_test": "rates",
}


def __getattr__(name: str) -> Any:
    """The public names, each loaded when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'heldout.training.diagnosis' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"heldout.training.diagnosis.{_WHERE[name]}"), name)
