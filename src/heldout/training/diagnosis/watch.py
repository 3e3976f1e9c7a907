"""Watching a training: gradients, activations, the loss as in prediction, between two epochs (JAX).

One compiled function looks at a few training rows after each epoch: a forward and a backward
pass with the layers' outputs listened to while tracing. The training itself is untouched, its
weights stay the same bits. On other backends only the curves are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from heldout.training import knobs
from heldout.training import state as states
from heldout.training.data import Data
from heldout.training.diagnosis import layers
from heldout.training.diagnosis.evidence import Heard, Look

ROWS = 256  # looked at
SLOPES = {"sigmoid": 0.0127, "tanh": 0.9747}  # beyond: the slope is a twentieth of the steepest


def few(data: Data, rows: Any = None, most: int = ROWS) -> Data:
    """The rows to look at: the first of those trained on, evenly spread."""
    own = np.arange(len(data)) if rows is None else np.asarray(rows)
    return data.take(own[np.unique(np.linspace(0, len(own) - 1, min(most, len(own))).astype(int))])


class Watch:
    """For ``Regime.watch``; ``records`` holds a list of looks for each member by its name."""

    def __init__(self) -> None:
        self.records: dict[str, list[Look]] = {}
        self._looker: Looker | None = None

    def __call__(self, course: Any) -> None:
        """Before the first epoch of a member, and after each."""
        state = getattr(course, "state", None)
        looks = self.records.setdefault(course.member.name, [])
        if state is None:
            return
        model = course.program.model
        if self._looker is None or self._looker.model is not model:
            self._looker = Looker(model)
        if not looks:
            self._looker.begin(few(course.source.data, course.rows), state)
        looks.append(self._looker.look(state, _numbers_of(course.settings)))


def _numbers_of(settings: Mapping[str, Any]) -> dict[str, float]:
    """Those that are numbers and change what a layer or loss does."""
    return {
        name: float(value)
        for name, value in settings.items()
        if isinstance(value, (int, float)) and name != "learning_rate"
    }


class Looker:
    """The compiled look at one model."""

    def __init__(self, model: Any) -> None:
        import jax

        self.model = model
        self.kernels = [
            i for i, v in enumerate(model.trainable_variables) if v.path.endswith("kernel")
        ]
        self.names: list[tuple[str, str, int]] = []
        self.run = jax.jit(self._run)
        self.first: list[Any] = []
        self.batch: Any = None

    def begin(self, probe: Data, state: states.State) -> None:
        """The weights of now are the first ones: copies, for the program reuses its memory."""
        import jax.numpy as jnp

        self.first = [jnp.array(value, copy=True) for value in state[0]]
        self.batch = (probe.x, probe.y, probe.weights)

    def look(self, state: states.State, settings: Mapping[str, float]) -> Look:
        """At this state; ``settings`` are inputs of the compiled look."""
        own = self.model.trainable_variables
        parts = (list(state[0]), list(state[1]), list(state[3]), list(state[2]))
        made = self.run(parts, self.first, self.batch, dict(settings))
        loss, penalty, moved, grown, gradients, heard = (np.asarray(m, np.float64) for m in made)
        paths = [own[i].path.rsplit("/", 1)[0] for i in self.kernels]
        return Look(
            float(loss),
            float(penalty),
            dict(zip(paths, gradients.tolist(), strict=True)),
            float(moved),
            float(grown),
            tuple(
                Heard(name, kind, units, float(d), float(s), float(r), i == len(heard) - 1)
                for i, ((name, kind, units), (d, s, r)) in enumerate(
                    zip(self.names, heard.reshape(-1, 3), strict=True)
                )
            ),
        )

    def _run(self, parts: Any, first: Any, batch: Any, settings: Any) -> Any:
        """Traced once for each shape of the rows."""
        with knobs.bound(self.model, settings):
            return self._traced(parts, first, batch)

    def _traced(self, parts: Any, first: Any, batch: Any) -> Any:
        import jax
        import jax.numpy as jnp

        own, others, metrics, optimizer = parts
        x, y, weights = batch
        model = self.model

        def loss_of(trainable: Any) -> Any:
            heard: list[Any] = []
            self.names = []
            with listening(model, heard, self.names):
                loss, _ = model.compute_loss_and_updates(
                    trainable, others, metrics, x, y, weights,
                    training=True, optimizer_variables=optimizer,
                )  # fmt: skip
            return loss, heard

        gradients, heard = jax.grad(loss_of, has_aux=True)(own)
        loss, _ = model.compute_loss_and_updates(
            own, others, metrics, x, y, weights, training=False, optimizer_variables=optimizer
        )
        pairs = zip(model.trainable_variables, own, strict=True)
        penalties = [v.regularizer(w) for v, w in pairs if v.regularizer is not None]
        penalty = sum(penalties, jnp.float32(0.0))
        size = jnp.sqrt(_squares(first)) + 1e-12
        moved = jnp.sqrt(_squares([a - b for a, b in zip(own, first, strict=True)])) / size
        rms = [jnp.sqrt(jnp.mean(gradients[i] ** 2)) for i in self.kernels]
        return (
            loss - penalty,
            penalty,
            moved,
            jnp.sqrt(_squares(own)) / size,
            jnp.array(rms),
            jnp.array(heard),
        )


def _squares(parts: Any) -> Any:
    import jax.numpy as jnp

    return sum((jnp.sum(jnp.square(p.astype(jnp.float32))) for p in parts), jnp.float32(0.0))


class listening:  # noqa: N801 - used as a statement
    """While open, each layer's output leaves three numbers in ``heard`` and its name in
    ``names``: dead units, saturated outputs, root mean square."""

    def __init__(self, model: Any, heard: list[Any], names: list[tuple[str, str, int]]) -> None:
        self.layers = [x for x in layers.flat(model) if layers.kind(x) not in layers.PASSIVE]
        self.heard, self.names = heard, names

    def __enter__(self) -> None:
        for layer in self.layers:
            object.__setattr__(layer, "call", self._listener(layer, layer.call))

    def _listener(self, layer: Any, call: Any) -> Any:
        def listened(*args: Any, **kwargs: Any) -> Any:
            made = call(*args, **kwargs)
            if hasattr(made, "dtype") and made.ndim >= 2:
                kind = layers.activation(layer)
                self.heard.append(_numbers(made, kind))
                self.names.append((str(layer.name), kind, int(made.shape[-1])))
            return made

        return listened

    def __exit__(self, *_: object) -> None:
        for layer in self.layers:
            layer.__dict__.pop("call", None)


def _numbers(made: Any, kind: str) -> Any:
    import jax.numpy as jnp

    flat = made.reshape(-1, made.shape[-1]).astype(jnp.float32)
    dead = saturated = jnp.float32(0.0)
    if kind in ("relu", "relu6"):
        dead = jnp.mean(jnp.all(flat <= 0, axis=0))
    elif kind == "sigmoid":
        saturated = jnp.mean((flat < SLOPES[kind]) | (flat > 1 - SLOPES[kind]))
    elif kind == "tanh":
        saturated = jnp.mean(jnp.abs(flat) > SLOPES[kind])
    return jnp.stack([dead, saturated, jnp.sqrt(jnp.mean(flat**2))])
