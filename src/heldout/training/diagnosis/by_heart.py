"""Can the network learn a few rows by heart, or labels that mean nothing?

A network that cannot is too small, badly wired or badly trained: no data would help. The ceiling
is counted first: equal inputs with different answers cannot all be right (X-065).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.seed import Seed
from heldout.training import knobs
from heldout.training import state as states
from heldout.training.data import Data, each
from heldout.training.diagnosis import facts as known
from heldout.training.diagnosis.evidence import Memory
from heldout.training.diagnosis.pairing import loss_name
from heldout.training.diagnosis.reference import skill
from heldout.training.engine import train_members
from heldout.training.member import Member, Regime
from heldout.training.population import Structure

STEPS = 20  # of an epoch of memorizing
DONE = 0.02  # of the loss of knowing nothing: learned by heart


def memorize(
    model: Any, data: Data | tuple[Any, ...], *, rows: int = 16, epochs: int = 25, seed: int = 0
) -> Memory:
    """Train on ``rows`` rows alone, all in one batch, ``epochs`` x 20 steps at most, without
    dropout and penalties. The model's weights are put back."""
    own = data if isinstance(data, Data) else Data.of(*data)
    picked = _varied(own, rows, Seed(seed).child("memorize"))
    return _learn(model, own.take(picked), len(picked), STEPS, epochs, Seed(seed))


def random_labels(
    model: Any,
    data: Data | tuple[Any, ...],
    *,
    rows: int = 256,
    batch: int = 32,
    epochs: int = 60,
    seed: int = 0,
) -> Memory:
    """Train on rows whose targets are shuffled: a network that is large enough learns them by heart
    (Zhang et al. 2017), and nothing of it holds for other rows. Weights are put back."""
    own = data if isinstance(data, Data) else Data.of(*data)
    rng = Seed(seed).child("random labels").rng()
    part = own.take(rng.permutation(len(own))[:rows])
    order = rng.permutation(len(part))
    mixed = Data(part.x, each(lambda y: y[order], part.y), part.weights)
    return _learn(model, mixed, batch, 1, epochs, Seed(seed))


def _varied(data: Data, rows: int, seed: Seed) -> Ints:
    """Rows drawn so that every class is among them where the target has classes."""
    order = seed.rng().permutation(len(data))
    y = data.y
    if not isinstance(y, np.ndarray) or y.size != len(y):
        return order[:rows]
    _, codes, sizes = np.unique(y.reshape(-1), return_inverse=True, return_counts=True)
    if len(sizes) > rows // 2:
        return order[:rows]
    codes = codes[order]
    place = np.empty(len(codes), np.int64)
    for k in range(len(sizes)):
        place[codes == k] = np.arange(int((codes == k).sum()))
    made: Ints = order[np.argsort(place, kind="stable")][:rows]
    return made


def _learn(model: Any, data: Data, batch: int, repeats: int, epochs: int, seed: Seed) -> Memory:
    loss = loss_name(model)
    y = data.y if isinstance(data.y, np.ndarray) else None
    kind = known.kind_of(y, loss)
    null = known.null_loss(loss, y, y, kind)
    ceiling, _ = known.ceiling_of(known.same_inputs(data), y, kind)
    off = {name: 0.0 for name in ("dropout", "l1", "l2") if knobs.known(model, name)}

    def enough(_: Member, epoch: int, logs: Mapping[str, float]) -> bool:
        del epoch
        return bool(np.isfinite(null) and logs["loss"] < DONE * null)

    regime = Regime(epochs=epochs, batch=batch, on_epoch=enough)
    member = Member("memory", np.tile(np.arange(len(data)), repeats), None, seed, off)
    states.prepare(model, data)
    with states.kept(model):
        structure = Structure(model, lambda: model, regime)
        trained = train_members(structure, [member], data, present=True)[0]
        outputs = each(np.asarray, structure.predict(data.x))
    reached = reached_of(outputs, y, kind, _logits(model))
    return Memory(len(data), reached, ceiling, trained.epochs)


def _logits(model: Any) -> bool:
    from heldout.training.diagnosis.pairing import head_of

    head = head_of(model)
    return head is not None and head.logits


def probabilities(outputs: Array, kind: str, logits: bool) -> Doubles:
    """Raw scores to probabilities where the loss takes raw scores; numbers stay numbers."""
    z: Doubles = np.asarray(outputs, dtype=np.float64).reshape(len(outputs), -1)
    if not logits or kind not in ("binary", "several", "classes"):
        return z
    if kind == "classes":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        made: Doubles = e / e.sum(axis=1, keepdims=True)
        return made
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -500, 500))))


def reached_of(outputs: Any, y: Array | None, kind: str, logits: bool) -> float:
    """Accuracy for classes, R2 for numbers; NaN where the target's form is not known."""
    if y is None or kind == "unknown" or not isinstance(outputs, np.ndarray):
        return float("nan")
    p = probabilities(outputs, kind, logits)
    target = known.one_hot(y, kind, p.shape[1])
    if not np.isfinite(p).all():
        return 0.0
    if kind == "numbers":
        return skill(p, target, target.mean(axis=0))
    if kind == "classes":
        return float((p.argmax(axis=1) == target.argmax(axis=1)).mean())
    return float(((p > 0.5) == (target > 0.5)).mean())
