"""The rungs of the capacity ladder: what is fitted, smallest first, and what then holds it back.

A rung is a learner at one size, trained for a fixed number of rounds or epochs without any
regularisation; a remedy is one change to the rung that overfits (REG-01, REG-03 to REG-08).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from heldout.core.space import Settings
from heldout.models.card import MODELS

LITTLE = 2_000  # training rows: below, a network has at most two hidden layers (MODEL-22)
SMALL_NET = 10_000  # parameters: below, penalties come before dropout and decay (REG-04)
PLAIN: Settings = {
    "learning_rate": 0.1,
    "min_leaf": 5,
    "feature_fraction": 1.0,
    "bagging_fraction": 1.0,
    "l1": 0.0,
    "l2": 0.0,
}
TREES = (
    (2, 5), (2, 20), (4, 40), (8, 80), (16, 160), (32, 320), (64, 640), (128, 1_280),
)  # fmt: skip
NETS = ((1, 4, 8), (1, 16, 16), (2, 32, 32), (2, 64, 64), (2, 128, 128), (3, 256, 256))
PICTURES = (
    (4, 8, 1, 4), (2, 8, 1, 6), (2, 8, 2, 12), (2, 16, 2, 24), (1, 16, 3, 32), (1, 32, 3, 64),
)  # fmt: skip
DROPOUT = (0.2, 0.35, 0.5)
"""REG-02: below 0.2 dropout does little, above 0.5 little is left to learn with."""


@dataclass(frozen=True)
class Rung:
    """``rounds`` (epochs of a network) are fitted exactly; None stops early on the inner part.
    ``columns`` (None: all) are those that the fit may see; ``remedy`` and ``acts_on`` (model,
    loss, data) say what holds it back, "" for a plain rung; ``words`` tell the size or change."""

    card: str
    settings: Settings
    rounds: int | None
    words: str
    remedy: str = ""
    acts_on: str = ""
    columns: tuple[str, ...] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)  # settings that the remedy adds


def boosting() -> list[Rung]:
    """Boosted trees: leaves and rounds grow together."""
    return [
        Rung("lightgbm", {**PLAIN, "leaves": leaves}, rounds, f"{rounds:,} rounds of {leaves} leaves")
        for leaves, rounds in TREES
    ]  # fmt: skip


def network(rows: int) -> list[Rung]:
    """A dense network: width, epochs and layers grow together; two layers at most with few rows.

    >>> [r.words for r in network(500)][-2:]
    ['2 layers of 128, 128 epochs', '2 layers of 256, 256 epochs']
    """
    made = []
    for deep, units, epochs in NETS:
        layers = min(deep, 2) if rows < LITTLE else deep
        said = "1 layer" if layers == 1 else f"{layers} layers"
        settings = {"layers": layers, "units": units, "epochs": epochs, "dropout": 0.0}
        made.append(Rung("dense_net", settings, epochs, f"{said} of {units}, {epochs} epochs"))
    return made


def pictures() -> list[Rung]:
    """A convolutional network: the grain of the picture, filters, layers and epochs grow together.

    >>> pictures()[0].words
    '1 layer of 8 filters on every 4th pixel, 4 epochs'
    """
    grain = {1: "every pixel", 2: "every 2nd pixel", 4: "every 4th pixel"}
    made = []
    for shrink, filters, layers, epochs in PICTURES:
        said = "1 layer" if layers == 1 else f"{layers} layers"
        words = f"{said} of {filters} filters on {grain[shrink]}, {epochs} epochs"
        settings = {"shrink": shrink, "filters": filters, "layers": layers, "epochs": epochs}
        plain = {"dropout": 0.0, "learning_rate": 3e-3}
        made.append(Rung("convnet", {**settings, **plain}, epochs, words))
    return made


def remedies(big: Rung, capacity: float, columns: Sequence[str], scale: float = 1.0) -> list[Rung]:
    """What may hold the rung back, most promising first; the strengths of one remedy share its
    name. ``columns`` are the more useful ones (empty: no selection); ``scale`` is that of the
    gradients of trees (1 but for squared errors, where it is the target's deviation)."""
    made = [_change(big, "early stopping", "model", {}, "stops at the best round", rounds=None)]
    listed = {"lightgbm": lambda: _of_trees(scale), "convnet": _of_pictures}.get(
        big.card, lambda: _of_networks(capacity)
    )()
    known = MODELS.get(big.card).space
    for remedy, acts_on, settings, words in listed:
        if set(settings) <= set(known):
            made.append(_change(big, remedy, acts_on, settings, words))
    if columns:
        words = f"the {len(columns)} columns that were split on most"
        chosen = _change(big, "fewer columns", "data", {}, words)
        made.insert(4, replace(chosen, columns=tuple(columns)))
    return made


Listed = list[tuple[str, str, dict[str, Any], str]]


def _of_trees(scale: float) -> Listed:
    one, five = 10.0 * scale, 5.0 * scale
    return [
        ("L2 penalty", "loss", {"l2": 10.0}, "L2 10"),
        ("larger leaves", "model", {"min_leaf": 64}, "leaves of at least 64 rows"),
        ("random columns", "data", {"feature_fraction": 0.4}, "40 % of the columns a tree"),
        ("L1 penalty", "loss", {"l1": one}, f"L1 {one:.3g}"),
        ("random rows", "data", {"bagging_fraction": 0.5}, "half of the rows a tree"),
        ("L2 penalty", "loss", {"l2": 100.0}, "L2 100"),
        ("L1 and L2 penalty", "loss", {"l1": five, "l2": 50.0}, f"L1 {five:.3g} and L2 50"),
    ]


def _of_networks(capacity: float) -> Listed:
    penalties: Listed = [
        ("L2 penalty", "loss", {"l2": 1e-3}, "L2 0.001"),
        ("L1 penalty", "loss", {"l1": 1e-4}, "L1 0.0001"),
        ("L1 and L2 penalty", "loss", {"l1": 5e-5, "l2": 5e-4}, "L1 0.00005 and L2 0.0005"),
    ]
    large: Listed = [
        *(("dropout", "model", {"dropout": d}, f"dropout {d}") for d in (0.5, 0.2, 0.35)),
        ("weight decay", "loss", {"weight_decay": 0.1}, "decoupled decay 0.1"),
    ]
    norm: Listed = [("batch normalization", "model", {"normalization": "batch"}, "batch norm")]
    return (penalties + large if capacity < SMALL_NET else large + penalties) + norm


def _of_pictures() -> Listed:
    """Few pictures: augmentation first (VISION-09), dropout before the head beside it."""
    return [
        ("augmentation", "data", {"augment": "shift"}, "pictures shifted by up to a twelfth"),
        ("dropout", "model", {"dropout": 0.5}, "dropout 0.5"),
        ("weight decay", "loss", {"weight_decay": 0.1}, "decoupled decay 0.1"),
        ("augmentation", "data", {"augment": "flip"}, "pictures shifted, and mirrored half the time"),
        ("dropout", "model", {"dropout": 0.2}, "dropout 0.2"),
    ]  # fmt: skip


def together(big: Rung, kept: Sequence[Rung]) -> Rung:
    """All remedies that helped, at once: one strength of each."""
    settings: dict[str, Any] = {}
    for one in kept:
        settings |= one.more
    rounds = None if any(r.rounds is None for r in kept) else big.rounds
    columns = next((r.columns for r in kept if r.columns is not None), None)
    words = " + ".join(r.words for r in kept)
    made = _change(big, "together", "all", settings, words, rounds=rounds)
    return replace(made, columns=columns)


def _change(
    big: Rung,
    remedy: str,
    acts_on: str,
    settings: Mapping[str, Any],
    words: str,
    rounds: int | None = -1,
) -> Rung:
    return Rung(
        big.card, {**big.settings, **settings}, big.rounds if rounds == -1 else rounds, words,
        remedy, acts_on, more=dict(settings),
    )  # fmt: skip
