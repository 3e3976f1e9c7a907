"""What the data alone say: the loss of knowing nothing, the ceiling, scales, copies. NumPy only."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.training.data import Data, leaves
from heldout.training.diagnosis.evidence import Facts
from heldout.training.diagnosis.reference import skill_of

MOST = 20_000  # rows looked at
ENTROPY = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")


def facts(data: Data, held: Data | None, loss: str, *, learner: bool = True) -> Facts:
    """Of training rows and validation rows; ``loss`` is the loss's name (``pairing.loss_name``),
    ``learner`` asks for the skill of a quick learner of another kind."""
    data = data.take(np.arange(min(len(data), MOST)))
    held = None if held is None else held.take(np.arange(min(len(held), MOST)))
    y = data.y if isinstance(data.y, np.ndarray) else None
    kind = kind_of(y, loss)
    groups = same_inputs(data)
    ceiling, conflicting = ceiling_of(groups, y, kind)
    shared, repeated = copies(data, held, groups)
    low, high, center = scales(data.x)
    target = None if y is None or kind == "unknown" else one_hot(y, kind)
    held_y = held.y if held is not None and isinstance(held.y, np.ndarray) else None
    skill = math.nan
    if learner and held is not None and target is not None and held_y is not None:
        skill = skill_of(data.x, target, held.x, one_hot(held_y, kind, target.shape[1]))
    number = kind == "numbers" and y is not None
    return Facts(
        kind,
        loss,
        len(data),
        0 if held is None else len(held),
        sum(int(np.prod(part.shape[1:])) for part in leaves(data.x)),
        null_loss(loss, y, y, kind),
        null_loss(loss, y, held_y, kind),
        ceiling,
        conflicting,
        class_shares(y, kind),
        (low, high),
        center,
        _size(y) if number and y is not None else 1.0,
        broken(data, held),
        shared,
        repeated,
        skill,
    )


def _size(y: Array) -> float:
    finite = y[np.isfinite(y)].astype(np.float64)
    return float(np.sqrt(np.mean(finite**2))) if len(finite) else 1.0


def kind_of(y: Array | None, loss: str) -> str:
    """What the loss makes of the target.

    >>> kind_of(np.array([0, 1, 1]), "binary_crossentropy"), kind_of(None, "")
    ('binary', 'unknown')
    """
    if y is None or y.ndim > 2:
        return "unknown"
    wide = y.ndim == 2 and y.shape[1] > 1
    if loss == "binary_crossentropy":
        return "several" if wide else "binary"
    if loss.startswith("sparse"):
        return "unknown" if wide else "classes"
    if loss == "categorical_crossentropy":
        return "classes" if wide else "unknown"
    known = ("mean_squared", "mean_absolute", "huber", "log_cosh", "mse", "mae")
    return "numbers" if loss.startswith(known) else "unknown"


def one_hot(y: Array, kind: str, width: int = 0) -> Doubles:
    """float64 (n, outputs): one column a class, else the target itself.

    >>> one_hot(np.array([0, 2]), "classes").tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if kind == "classes" and (y.ndim == 1 or y.shape[1] == 1):
        codes = y.reshape(-1).astype(np.int64)
        made: Doubles = np.eye(max(width, int(codes.max(initial=0)) + 1))[np.maximum(codes, 0)]
        return made
    return y.reshape(len(y), -1).astype(np.float64)


def null_loss(loss: str, y: Array | None, held: Array | None, kind: str) -> float:
    """The mean loss of the best constant of ``y`` on ``held`` (equal: its own), NaN where the loss
    is not known. In nats for cross-entropies.

    >>> round(null_loss("binary_crossentropy", np.array([0, 1]), np.array([0, 1]), "binary"), 4)
    0.6931
    """
    if y is None or held is None or not len(held) or kind == "unknown":
        return math.nan
    own = one_hot(y, kind)
    other = one_hot(held, kind, own.shape[1])
    if own.shape[1] != other.shape[1]:
        return math.nan
    if loss in ENTROPY:
        mean = np.clip(own.mean(axis=0), 1e-7, 1 - 1e-7)
        if kind == "classes":
            return float(-(other * np.log(mean)).sum(axis=1).mean())
        return float(-(other * np.log(mean) + (1 - other) * np.log(1 - mean)).mean())
    if loss in ("mean_squared_error", "mse"):
        return float(((other - own.mean(axis=0)) ** 2).mean())
    if loss in ("mean_absolute_error", "mae"):
        return float(np.abs(other - np.median(own, axis=0)).mean())
    return math.nan


def same_inputs(data: Data) -> Ints:
    """(n,) the number of the group of rows with equal inputs that each row is in.

    >>> same_inputs(Data.of([[1.0], [2.0], [1.0]], [0, 0, 1])).tolist()
    [0, 1, 0]
    """
    names: dict[bytes, int] = {}
    codes = [names.setdefault(key, len(names)) for key in _keys(data)]
    return np.array(codes, dtype=np.int64)


def _keys(data: Data, target: bool = False) -> list[bytes]:
    parts = leaves(data.x) + (leaves(data.y) if target else [])
    flat = [np.ascontiguousarray(part).reshape(len(data), -1) for part in parts]
    return [b"\x00".join(part[i].tobytes() for part in flat) for i in range(len(data))]


def ceiling_of(groups: Ints, y: Array | None, kind: str) -> tuple[float, int]:
    """(best accuracy or R2 that a function of the inputs can reach, rows whose inputs another row
    shares with another answer).

    >>> ceiling_of(np.array([0, 0]), np.array([0, 1]), "binary")
    (0.5, 2)
    """
    if y is None or kind == "unknown" or not len(groups):
        return 1.0, 0
    target = one_hot(y, kind)
    sizes = np.bincount(groups)
    sums = np.zeros((len(sizes), target.shape[1]))
    np.add.at(sums, groups, target)
    means = sums / sizes[:, None]
    differ = np.abs(target - means[groups]).max(axis=1) > 1e-9
    if kind == "numbers":
        total = float(((target - target.mean(axis=0)) ** 2).sum())
        within = float(((target - means[groups]) ** 2).sum())
        return (1.0 - within / total if total > 0 else 1.0), int(differ.sum())
    if kind == "classes":
        right = sums.max(axis=1).sum() / len(target)
    else:
        right = float(np.maximum(sums, sizes[:, None] - sums).sum() / target.size)
    return float(right), int(differ.sum())


def copies(data: Data, held: Data | None, groups: Ints) -> tuple[float, float]:
    """(share of validation rows that stand among the training rows with their target, share of
    training rows that stand there twice)."""
    repeated = 1.0 - len(np.unique(groups)) / max(1, len(groups))
    if held is None or not len(held):
        return 0.0, repeated
    known = set(_keys(data, target=True))
    return sum(key in known for key in _keys(held, target=True)) / len(held), repeated


def class_shares(y: Array | None, kind: str) -> tuple[float, ...]:
    """The share of every class; of a binary target (negative, positive)."""
    if y is None or kind not in ("binary", "classes"):
        return ()
    target = one_hot(y, kind)
    if kind == "binary":
        share = float((target[:, 0] > 0.5).mean())
        return (1.0 - share, share)
    return tuple(float(share) for share in target.mean(axis=0))


def scales(x: Any) -> tuple[float, float, float]:
    """(smallest, largest root mean square of an input column that is not 0, largest distance of a
    mean from 0 in deviations). Whole numbers are codes and left out, bytes are pictures."""
    low, high, center = math.inf, 0.0, 0.0
    for part in leaves(x):
        if part.dtype.kind in "iub" and part.dtype != np.uint8:
            continue
        flat = part.reshape(len(part), -1) if part.ndim <= 2 else part.reshape(-1, part.shape[-1])
        flat = np.where(np.isfinite(flat), flat, 0.0).astype(np.float64)
        size = np.sqrt((flat**2).mean(axis=0))
        spread = flat.std(axis=0)
        low = min(low, float(size[size > 0].min(initial=math.inf)))
        high = max(high, float(size.max(initial=0.0)))
        moving = spread > 1e-12
        if moving.any():
            center = max(
                center, float((np.abs(flat.mean(axis=0)) / np.maximum(spread, 1e-12))[moving].max())
            )
    return (low if math.isfinite(low) else high), high, center


def broken(data: Data, held: Data | None) -> tuple[str, ...]:
    """Which arrays hold NaN or infinity."""
    found = []
    for name, part in (("training", data), ("validation", held)):
        if part is None:
            continue
        for what, arrays in (("inputs", part.x), ("target", part.y)):
            if any(a.dtype.kind == "f" and not np.isfinite(a).all() for a in leaves(arrays)):
                found.append(f"{name} {what}")
    return tuple(found)
