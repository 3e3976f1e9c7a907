"""Watching a training: gradients, activations, the loss as in prediction, between two epochs (JAX).

After each epoch a compiled function tells the loss on a few training rows; before the first one,
after the first four, ever more rarely after that, and at the end another one goes forward and back
and listens to the layers (``due``): between those epochs a ``Look`` repeats what was last seen.
Nothing is waited for until the training has ended. The training itself is untouched, its weights
stay the same bits. On other backends only the curves are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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


def due(epoch: int, last: int) -> bool:
    """Whether the layers are listened to after ``epoch``, ``last`` being when they were before.

    >>> seen = [0]
    >>> for epoch in range(1, 60):
    ...     seen += [epoch] if due(epoch, seen[-1]) else []
    >>> seen
    [0, 1, 2, 3, 4, 6, 9, 14, 21, 32, 48]
    """
    return epoch <= 4 or epoch >= 1.5 * last


@dataclass
class Seen:
    """Of one member: its first weights, the rows looked at, what was seen after each epoch."""

    looker: Looker
    first: list[Any]
    batch: Any
    looks: list[Any] = field(default_factory=list)
    last: int = 0  # the epoch after which the layers were listened to


class Watch:
    """For ``Regime.watch``. ``looker`` is one that was compiled for the same model before."""

    def __init__(self, looker: Looker | None = None) -> None:
        self.looker = looker
        self._seen: dict[str, Seen | None] = {}

    @property
    def records(self) -> dict[str, list[Look]]:
        """A list of looks for each member by its name, the first before training."""
        found = self._seen.items()
        return {n: [] if s is None else s.looker.read(s.looks) for n, s in found}

    def __call__(self, course: Any) -> None:
        """Before the first epoch of a member, and after each."""
        state, name = getattr(course, "state", None), course.member.name
        if state is None:
            self._seen[name] = None
            return
        model = course.program.model
        if self.looker is None or self.looker.model is not model:
            self.looker = Looker(model)
        seen = self._seen.get(name)
        if seen is None:
            probe = few(course.source.data, course.rows)
            batch = (probe.x, probe.y, probe.weights)
            seen = self._seen[name] = Seen(self.looker, _copies(state[0]), batch)
        epoch, settings = len(seen.looks), _numbers_of(course.settings)
        if not epoch or due(epoch, seen.last) or course.stopped:
            seen.last = epoch
            seen.looks.append(seen.looker.look(state, seen, settings))
        else:
            seen.looks.append(seen.looker.loss(state, seen, settings))


def _copies(arrays: Sequence[Any]) -> list[Any]:
    """On the device: the program reuses the memory of its state."""
    import jax.numpy as jnp

    return [jnp.array(value, copy=True) for value in arrays]


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
        self.quick = jax.jit(self._quick)

    def look(self, state: states.State, seen: Seen, settings: Mapping[str, float]) -> Any:
        """At this state, on the device; ``settings`` are inputs of the compiled look."""
        parts = (list(state[0]), list(state[1]), list(state[3]), list(state[2]))
        return self.run(parts, seen.first, seen.batch, dict(settings))

    def loss(self, state: states.State, seen: Seen, settings: Mapping[str, float]) -> Any:
        """The loss and its penalty alone: one pass forward."""
        parts = (list(state[0]), list(state[1]), list(state[3]), list(state[2]))
        return self.quick(parts, seen.batch, dict(settings))

    def read(self, looks: Sequence[Any]) -> list[Look]:
        """What was seen, as numbers; a look at the loss alone repeats the rest of the one before."""
        made: list[Look] = []
        for one in looks:
            values = [np.asarray(m, np.float64) for m in one]
            if len(values) == 2:
                made.append(replace(made[-1], loss=float(values[0]), penalty=float(values[1])))
            else:
                made.append(self._look(*values))
        return made

    def _look(
        self, loss: Any, penalty: Any, moved: Any, grown: Any, gradients: Any, heard: Any
    ) -> Look:
        own = self.model.trainable_variables
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

    def _quick(self, parts: Any, batch: Any, settings: Any) -> Any:
        """Traced once for each shape of the rows."""
        with knobs.bound(self.model, settings):
            return self._loss(parts, batch)

    def _loss(self, parts: Any, batch: Any) -> Any:
        import jax.numpy as jnp

        own, others, metrics, optimizer = parts
        x, y, weights = batch
        model = self.model
        loss, _ = model.compute_loss_and_updates(
            own, others, metrics, x, y, weights, training=False, optimizer_variables=optimizer
        )
        pairs = zip(model.trainable_variables, own, strict=True)
        penalties = [v.regularizer(w) for v, w in pairs if v.regularizer is not None]
        penalty = sum(penalties, jnp.float32(0.0))
        return loss - penalty, penalty

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
        loss, penalty = self._loss(parts, batch)
        size = jnp.sqrt(_squares(first)) + 1e-12
        moved = jnp.sqrt(_squares([a - b for a, b in zip(own, first, strict=True)])) / size
        rms = [jnp.sqrt(jnp.mean(gradients[i] ** 2)) for i in self.kernels]
        return (
            loss,
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
