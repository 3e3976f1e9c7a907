"""What is compiled: a loop over the model's own pure ``train_step`` (JAX).

One program serves every member, any number of steps (the loop's ends are inputs), every
schedule and every setting that is a knob. Loss, metrics, weights, penalties, averages of weights
and a person's own ``train_step`` come along unchanged, so that a training without randomness is
bit for bit that of ``Model.fit`` with the same batches.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from heldout.training import knobs
from heldout.training.compiled import remember
from heldout.training.precision import mixed
from heldout.training.state import State, batch_of
from heldout.training.unfold import unfolded

Tree = Any


class Program:
    """The compiled functions of one structure. ``names`` are the settings that are inputs, in
    the order of the columns of ``values``; ``unfold`` computes convolutions as products of
    matrices (for a loop on a CPU), ``cpu`` poolings by comparing slices; ``precision`` is the type of the arithmetic of a step."""

    def __init__(
        self,
        model: Any,
        names: tuple[str, ...],
        *,
        padded: bool = False,
        augment: Callable[[Any, Any], Any] | None = None,
        unfold: bool = False,
        cpu: bool = False,
        precision: str = "float32",
    ) -> None:
        remember()
        self.model, self.names = model, names
        self.padded, self.augment = padded, augment
        self.unfold, self.cpu, self.precision = unfold, cpu, precision
        self.rate_at = self._learning_rate_at() if "learning_rate" in names else None
        self.loop = jax.jit(self._loop, donate_argnums=0)
        self.step = jax.jit(self.step_on, donate_argnums=0)
        self.batch_step = jax.jit(self._one, donate_argnums=0)
        self.judge_loop = jax.jit(self.judge_loop_on)
        self.judge = jax.jit(self.judge_on)
        self.measures = jax.jit(self.measures_on)
        self.finite = all_finite if cpu else jax.jit(finite_on)
        self.forward = jax.jit(self._forward)
        self.many: Any = None  # the same functions for many members (together.py)

    def _learning_rate_at(self) -> int:
        """Where the learning rate stands among the optimizer's variables."""
        optimizer = self.model.optimizer
        rate = getattr(knobs.inner(optimizer), "_learning_rate", None)
        for i, variable in enumerate(optimizer.variables):
            if variable is rate:
                return i
        raise ValueError(
            "the optimizer's learning rate is a Keras schedule object: compile with a number, and"
            " give the schedule as the setting learning_rate (heldout.training.schedules)"
        )

    # what happens to one batch

    def _one(self, state: State, batch: tuple[Any, Any, Any], values: Any, key: Any) -> State:
        """One step on one batch, with the settings ``values`` (K,)."""
        x, y, weights = batch
        if self.augment is not None:
            x = self.augment(x, key)
        optimizer = list(state[2])
        settings = dict(zip(self.names, values, strict=True)) if self.names else {}
        rate = settings.pop("learning_rate", None)
        if rate is not None and self.rate_at is not None:
            optimizer[self.rate_at] = rate.astype(optimizer[self.rate_at].dtype)
        given = (list(state[0]), list(state[1]), optimizer, list(state[3]))
        with self._changed(settings), mixed(self.model, self.precision):
            _, made = self.model.train_step(given, batch_of(x, y, weights))
        like: State = _like(made, state)
        return like

    def step_on(
        self, state: State, data: Tree, rows: Any, count: Any, values: Any, key: Any
    ) -> State:
        """One step on these rows (B,) of the data on the device; ``count`` of them are real."""
        x, y, weights = take(data, rows)
        if not self.padded:
            return self._one(state, (x, y, weights), values, key)
        weights = self._masked(rows, count, weights)
        made = self._one(state, (x, y, weights), values, key)
        share = count / rows.shape[0]  # measures are sums over rows: filled-up ones do not count
        sums = [
            jnp.where(share < 1, old + (new - old) * share, new).astype(old.dtype)
            for old, new in zip(state[3], made[3], strict=True)
        ]
        return (*made[:3], sums)

    def _masked(self, rows: Any, count: Any, weights: Any) -> Any:
        """Weights that make the mean over a filled-up batch that over its real rows."""
        size = rows.shape[0]
        own = jnp.where(jnp.arange(size) < count, size / jnp.maximum(count, 1), 0.0).astype(
            jnp.float32
        )
        return own if weights is None else own * weights

    def _loop(
        self, state: State, data: Tree, order: Any, values: Any, begin: Any, end: Any, key: Any
    ) -> State:
        """Steps ``begin`` to ``end``; ``order`` = (rows (S, B), real rows (S,)), ``values``
        (S, K)."""
        rows, counts = order

        def body(i: Any, carry: State) -> State:
            return self.step_on(
                carry, data, rows[i], counts[i], values[i], jax.random.fold_in(key, i)
            )

        made: State = jax.lax.fori_loop(begin, end, body, state)
        return made

    @contextlib.contextmanager
    def _changed(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """The model as it is traced."""
        slow = self.cpu or self.unfold
        way = unfolded(self.model, self.unfold) if slow else contextlib.nullcontext()
        with knobs.bound(self.model, settings), way:
            yield

    # judging

    def judge_on(self, state: Tree, data: Tree, rows: Any, weights: Any, values: Any) -> Tree:
        """``test_step`` on these rows; ``state`` = (trainable, non-trainable, metrics)."""
        x, y, own = take(data, rows)
        if weights is not None:
            own = weights if own is None else own * weights
        settings = dict(zip(self.names, values, strict=True)) if self.names else {}
        settings.pop("learning_rate", None)
        with self._changed(settings):
            _, made = self.model.test_step(state, batch_of(x, y, own))
        return _like(made, state)

    def judge_loop_on(
        self, state: Tree, data: Tree, rows: Any, weights: Any, end: Any, values: Any
    ) -> Tree:
        """``rows`` (V, B); ``weights`` (V, B) where batches are filled up."""

        def body(i: Any, carry: Tree) -> Tree:
            own = None if weights is None else weights[i]
            return self.judge_on(carry, data, rows[i], own, values)

        return jax.lax.fori_loop(0, end, body, state)

    def measures_on(self, metrics: list[Any]) -> Mapping[str, Any]:
        """What the model's metrics tell in this state."""
        mapping = list(zip(self.model.metrics_variables, metrics, strict=True))
        with knobs.bound(self.model, {}), keras.StatelessScope(state_mapping=mapping):
            logs: Mapping[str, Any] = self.model.get_metrics_result()
        return logs

    def _forward(self, trainable: Tree, others: Tree, x: Tree) -> Tree:
        """The model's output, as in prediction."""
        with knobs.bound(self.model, {}):
            outputs, _ = self.model.stateless_call(trainable, others, x, training=False)
        return outputs


def finite_on(state: Tree) -> Any:
    """Whether all weights are finite."""
    finite = jnp.array(True)
    for part in (*state[0], *state[1]):
        if jnp.issubdtype(part.dtype, jnp.floating):
            finite &= jnp.isfinite(part).all()
    return finite


def all_finite(state: Tree) -> bool:
    """The same by NumPy: on a CPU arrays are not copied, and compiling it took longer than a
    hundred epochs of it."""
    return all(
        np.isfinite(np.asarray(part)).all()
        for part in (*state[0], *state[1])
        if jnp.issubdtype(part.dtype, jnp.floating)
    )


def take(data: Tree, rows: Any) -> Tree:
    """These rows of every array."""
    return jax.tree.map(lambda part: part.at[rows].get(mode="promise_in_bounds"), data)


def _like(made: Tree, state: Tree) -> Tree:
    """The same types as before: a loop's state must not change its form."""
    parts = tuple(list(part) for part in made)
    return jax.tree.map(lambda new, old: jnp.asarray(new, old.dtype), parts, tuple(state))
