"""Losses of a network, and of one whose outputs are those of several members."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from heldout.models.nets.head import Head


def loss(kind: Head) -> Any:
    """The loss of a task, on raw scores."""
    if kind.loss == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(from_logits=True)
    if kind.loss == "sparse_categorical_crossentropy":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if kind.loss == "mean_absolute_error":
        return keras.losses.MeanAbsoluteError()
    return keras.losses.MeanSquaredError()


class MeanOfMembers(keras.losses.Loss):  # type: ignore[misc,unused-ignore]
    """The mean of the members' losses, never the loss of their mean: members that are trained to
    be right together stop being right alone. ``y_pred`` (n, k, units)."""

    def __init__(self, kind: Head, **more: Any) -> None:
        super().__init__(name="mean_of_members", **more)
        self.kind = kind

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """(n,)"""
        return ops.mean(by_member(self.kind, y_true, y_pred), axis=1)


def by_member(kind: Head, y_true: Any, y_pred: Any) -> Any:
    """The loss of each member (n, k)."""
    if kind.loss == "sparse_categorical_crossentropy":
        codes = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        wanted = ops.one_hot(codes, kind.units, dtype=y_pred.dtype)[:, None, :]
        return ops.logsumexp(y_pred, axis=2) - ops.sum(y_pred * wanted, axis=2)
    z = y_pred[:, :, 0]
    y = ops.reshape(ops.cast(y_true, z.dtype), (-1, 1))
    if kind.loss == "binary_crossentropy":
        return ops.softplus(z) - y * z
    return ops.abs(z - y) if kind.loss == "mean_absolute_error" else ops.square(z - y)


def together(kind: Head) -> Any:
    """A measure named "together": the loss of the members' mean, which early stopping watches.
    Probabilities are averaged, not scores."""

    def of_mean(y_true: Any, y_pred: Any) -> Any:
        if kind.loss.endswith("crossentropy"):
            k = y_pred.shape[1]
            own = by_member(kind, y_true, y_pred)
            return ops.log(float(k)) - ops.logsumexp(-own, axis=1)
        return by_member(kind, y_true, ops.mean(y_pred, axis=1, keepdims=True))[:, 0]

    return keras.metrics.MeanMetricWrapper(of_mean, name="together")
