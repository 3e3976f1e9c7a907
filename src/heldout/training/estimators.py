"""Networks for scikit-learn: ``NetClassifier`` and ``NetRegressor`` fit, predict, and clone.

A dense net by default, or any compiled Keras model by ``build(features, outputs)``: one sigmoid
unit for two classes, a softmax unit a class for more, one plain unit a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from heldout.core.arrays import Array
from heldout.core.seed import Seed
from heldout.training import batch_size, initializers, optimizers
from heldout.training.data import Data
from heldout.training.engine import train_members
from heldout.training.member import EarlyStopping, Member, Regime
from heldout.training.population import Structure

KEPT = 16  # structures whose programs are kept
RATE = 3e-3  # of Adam, for small tables
_STRUCTURES: dict[tuple[Any, ...], Structure] = {}


class _Net(BaseEstimator):  # type: ignore[misc,unused-ignore]
    """Inputs are standardized by the training rows; the seed is ``random_state``. ``batch`` None,
    ``optimizer`` and ``initializer`` "auto": what is usual for so many rows, for these inputs, for
    the activation; ``learning_rate`` None: the optimizer's usual one (Adam's a little higher)."""

    def __init__(
        self,
        hidden: Sequence[int] = (64, 64),
        *,
        build: Callable[[int, int], Any] | None = None,
        epochs: int = 100,
        batch: int | None = None,
        learning_rate: float | None = None,
        optimizer: str = "auto",
        activation: str = "relu",
        initializer: str = "auto",
        validation: float = 0.0,
        patience: int = 10,
        random_state: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.build = build
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.activation = activation
        self.initializer = initializer
        self.validation = validation
        self.patience = patience
        self.random_state = random_state

    def _train(self, x: Array, y: Array, outputs: int, loss: str) -> None:
        """Keep the weights; the compiled structure is shared by all estimators like this one."""
        self.optimizer_ = self.optimizer
        if self.optimizer == "auto":
            self.optimizer_ = optimizers.usual(self.hidden, x)
        self.mean_ = x.mean(axis=0, dtype=np.float64)
        deviation = x.std(axis=0, dtype=np.float64)
        self.scale_ = np.where(deviation > 0, deviation, 1.0)
        data = Data.of(self._scaled(x), y)
        seed = Seed(int(check_random_state(self.random_state).randint(2**31 - 1)))
        train, held, stopping = np.arange(len(x)), None, None
        if self.validation > 0:
            order = seed.child("validation").rng().permutation(len(x))
            count = max(1, round(self.validation * len(x)))
            train, held = order[count:], order[:count]
            stopping = EarlyStopping(patience=self.patience)
        batch = batch_size.usual(len(train)) if self.batch is None else self.batch
        regime = Regime(epochs=self.epochs, batch=batch, padded=True, stopping=stopping)
        structure = self._structure(x.shape[1], outputs, loss, data)
        structure.regime = regime
        rate = self.learning_rate
        if rate is None:
            rate = RATE if self.optimizer_ == "adam" else optimizers.RATES[self.optimizer_]
        settings = {"learning_rate": rate}
        member = Member("0", train, held, seed, settings, data)
        self.trained_ = train_members(structure, [member], None)[0]
        self.n_iter_ = max(1, self.trained_.epochs)
        self._key_ = self._key(x.shape[1], outputs, loss)

    def _key(self, features: int, outputs: int, loss: str) -> tuple[Any, ...]:
        made = (self.optimizer_, self.activation, self.initializer)
        return features, outputs, loss, tuple(self.hidden), self.build, *made

    def _structure(self, features: int, outputs: int, loss: str, data: Data) -> Structure:
        key = self._key(features, outputs, loss)
        if key not in _STRUCTURES:
            while len(_STRUCTURES) >= KEPT:
                _STRUCTURES.pop(next(iter(_STRUCTURES)))
            make, hidden = self.build, tuple(self.hidden)
            style = Style(self.optimizer_, self.activation, self.initializer)

            def build() -> Any:
                if make:
                    return make(features, outputs)
                return dense(features, outputs, hidden, loss, style)

            _STRUCTURES[key] = Structure.of(build, Regime(padded=True), data)
        return _STRUCTURES[key]

    def _scaled(self, x: Array) -> Array:
        made: Array = ((x - self.mean_) / self.scale_).astype(np.float32)
        return made

    def _raw(self, X: Any) -> Array:
        check_is_fitted(self)
        x = self._scaled(validate_data(self, X, reset=False))
        features, outputs, loss, *_ = self._key_
        y = np.zeros(1, np.int32) if outputs > 1 else np.zeros((1, 1), np.float32)
        few = Data(x[:1], y)
        structure = self._structure(features, outputs, loss, few)
        structure.model.set_weights(self.trained_.weights)
        size, found = 64, []
        for start in range(0, len(x), size):
            part = x[start : start + size]
            filled = np.concatenate([part, np.zeros((size - len(part), x.shape[1]), np.float32)])
            found.append(np.asarray(structure.predict(filled), np.float64)[: len(part)])
        return np.concatenate(found)


class NetClassifier(ClassifierMixin, _Net):  # type: ignore[misc,unused-ignore]
    """A network that tells classes apart."""

    def fit(self, X: Any, y: Any) -> NetClassifier:
        """Learn from rows X (n, d) and labels y (n,)."""
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("a classifier needs two classes at least: this y has one class")
        two = len(self.classes_) == 2
        target = codes.astype(np.float32)[:, None] if two else codes.astype(np.int32)
        loss = "binary_crossentropy" if two else "sparse_categorical_crossentropy"
        self._train(X, target, 1 if two else len(self.classes_), loss)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Probabilities (n, classes)."""
        p = self._raw(X)
        if p.shape[1] == 1:
            return np.concatenate([1.0 - p, p], axis=1)
        made: Array = p / p.sum(axis=1, keepdims=True)
        return made

    def predict(self, X: Any) -> Array:
        """The likeliest class."""
        made: Array = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[made])


class NetRegressor(RegressorMixin, _Net):  # type: ignore[misc,unused-ignore]
    """A network that predicts a number; the target is standardized inside."""

    def fit(self, X: Any, y: Any) -> NetRegressor:
        """Learn from rows X (n, d) and numbers y (n,)."""
        X, y = validate_data(self, X, y, y_numeric=True)
        y = y.astype(np.float64)
        self.target_mean_ = float(y.mean())
        self.target_scale_ = float(y.std()) or 1.0
        target = ((y - self.target_mean_) / self.target_scale_).astype(np.float32)[:, None]
        self._train(X, target, 1, "mean_squared_error")
        return self

    def predict(self, X: Any) -> Array:
        """The numbers (n,)."""
        made: Array = self._raw(X)[:, 0] * self.target_scale_ + self.target_mean_
        return made


@dataclass(frozen=True)
class Style:
    """What besides sizes makes a dense net; ``initializer`` "auto" follows the activation."""

    optimizer: str = "adam"
    activation: str = "relu"
    initializer: str = "auto"


def dense(
    features: int, outputs: int, hidden: Sequence[int], loss: str, style: Style | None = None
) -> Any:
    """A compiled dense net with the last layer that belongs to the loss."""
    own = style or Style()
    first = own.initializer
    if first == "auto":
        first = initializers.for_activation(own.activation)
    last = {"binary_crossentropy": "sigmoid", "sparse_categorical_crossentropy": "softmax"}
    layers = keras.layers
    parts = [
        keras.Input((features,)),
        *(layers.Dense(w, own.activation, kernel_initializer=first) for w in hidden),
        layers.Dense(outputs, last.get(loss)),
    ]
    model = keras.Sequential(parts)
    model.compile(optimizers.optimizer(own.optimizer), loss)
    return model
