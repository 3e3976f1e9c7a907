"""Guests: estimators of a person's own file, which compete but cannot be bundled (contract 14).

Only ``--allow-code PATH`` makes heldout run such a file. It has a function ``model()``, or
``model(task)``, that returns something with ``fit`` and ``predict`` (and ``predict_proba`` for classes)
as scikit-learn has them, or a compiled Keras model. ``VIEW = "trees"`` asks for raw numbers with gaps
and codes instead of scaled ones; ``EPOCHS = 20`` is what a Keras model is trained for.
"""

from __future__ import annotations

import hashlib
import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.core.space import Settings
from heldout.models.card import MODELS, Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.rows import all_rows
from heldout.primitives.block import Block
from heldout.tasks.task import Task

VIEWS = ("linear", "trees")
EPOCHS = 20


def admit(path: str) -> ModelCard:
    """Run the file and put its model on the shelf, under the file's name; H102 where it has none."""
    file = Path(path)
    name = file.stem
    try:
        source = file.read_bytes()
    except OSError as error:
        raise _refused(path, error.strerror or str(error), "a file that can be read") from error
    if not name.isidentifier() or name.startswith("_"):
        raise _refused(path, f'"{name}" is no name for a model', "name the file like my_model.py")
    if b"keras" in source:
        import heldout.training  # noqa: F401 - settles the backend before Keras is imported
    module = types.ModuleType(f"heldout_guest_{name}")
    module.__file__ = str(file)
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)  # noqa: S102 - asked for by name
    except Exception as error:
        raise _refused(path, f"{type(error).__name__}: {error}", "run it alone first") from error
    make, view = getattr(module, "model", None), getattr(module, "VIEW", "linear")
    if not callable(make):
        raise _refused(path, "there is no function model", "def model(task): return ...")
    if view not in VIEWS:
        raise _refused(path, f"VIEW is {view!r}", f"VIEW is one of {', '.join(VIEWS)}")
    card = _card(name, view, make, int(getattr(module, "EPOCHS", EPOCHS)), source)
    MODELS.put(name, card)
    return card


def _refused(path: str, seen: str, do: str) -> HeldoutError:
    return HeldoutError(
        "H102",
        f"--allow-code {quoted(path)} cannot be used",
        seen=seen[:300],
        why="it must be a Python file with a function model that returns an estimator",
        do=[do],
    )


def _card(name: str, view: str, make: Callable[..., Any], epochs: int, source: bytes) -> ModelCard:
    version = int(hashlib.sha256(source).hexdigest()[:12], 16)  # another file, other fits
    return ModelCard(
        name=name,
        title=f"{name} (reference, cannot be bundled)",
        version=version,
        family="guest",
        tasks=("binary", "multiclass", "regression"),
        view=view,
        space={},
        fit_one=lambda given: _fit(given, make, epochs),
        to_onnx=None,
        cost=_cost,
        summary="a model of your own",
        invented="",
        source="",
        assumes="not known to heldout",
        when="as a reference: how far is the bundle from it?",
        when_not="a bundle is wanted: a graph cannot be made of it",
    )


def _cost(size: Size, _settings: Settings) -> Cost:
    """Not known: about what a forest takes."""
    return Cost(0.5 + 4e-6 * size.rows * size.features, 150e6 + 16.0 * size.rows * size.features)


def _fit(given: FitInput, make: Callable[..., Any], epochs: int) -> Fitted:
    """Made anew for every fit, so that nothing of a fold stays."""
    task, rows = given.task, all_rows(given)
    seed = given.seed.integer()
    keras = _keras()
    if keras is not None:
        keras.utils.set_random_seed(seed)
    model = make(task) if inspect.signature(make).parameters else make()
    y = np.asarray(rows.y, dtype=np.int64 if task.is_classification else np.float64)
    if keras is not None and isinstance(model, keras.Model):
        model.fit(rows.x, y, epochs=epochs, verbose=0, sample_weight=rows.weights)
        return Fitted({}, lambda block: _answers(model.predict(block.x, verbose=0), task))
    if "random_state" in getattr(model, "get_params", dict)():
        model.set_params(random_state=seed)
    weighted = "sample_weight" in inspect.signature(model.fit).parameters
    extra = {"sample_weight": rows.weights} if weighted and rows.weights is not None else {}
    model.fit(rows.x, y, **extra)

    def predict(block: Block) -> Doubles:
        if not task.is_classification:
            return _answers(model.predict(block.x), task)
        full = np.zeros((len(block.x), task.outputs))
        classes = np.asarray(getattr(model, "classes_", np.arange(task.outputs)), dtype=np.int64)
        full[:, classes] = model.predict_proba(block.x)
        return full

    return Fitted({}, predict)


def _answers(made: Array, task: Task) -> Doubles:
    """(rows, outputs): one column of probabilities is that of the second class."""
    values = np.asarray(made, dtype=np.float64).reshape(len(made), -1)
    if task.is_classification and values.shape[1] == 1:
        return np.concatenate([1 - values, values], axis=1)
    return values


def _keras() -> Any:
    """Keras, where the file imported it."""
    import sys

    return sys.modules.get("keras")
