"""Samples and Plan: what stands between a table and its folds (joints 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.core.arrays import Hashes, Ints


@dataclass(frozen=True)
class Samples:
    """Units of prediction, each array of shape (samples,).

    ``index`` row numbers of the table; ``group`` codes of the entity or None; ``time`` order or
    None; ``copy_of`` the first sample with (nearly) equal inputs (itself, if there is none); ``content``
    a stable hash of the inputs: equal on every machine, in every version; ``entity`` likewise a
    hash of the group's name, or None. ``near`` samples nearly repeat another one; about
    ``near_keys`` of them decided whether there are such.
    """

    index: Ints
    group: Ints | None
    time: Ints | None
    copy_of: Ints
    content: Hashes
    entity: Hashes | None = None
    near: int = 0
    near_keys: int = 0

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True)
class Fold:
    """Sample numbers: ``train`` is fitted on, ``inner`` stops early (part of the training
    part), ``valid`` is predicted out of fold."""

    number: int
    repeat: int
    train: Ints
    inner: Ints
    valid: Ints

    @property
    def training(self) -> Ints:
        """train and inner together, in order: what a recipe is fitted on."""
        import numpy as np

        return np.sort(np.concatenate([self.train, self.inner]))


@dataclass(frozen=True)
class Plan:
    """Which samples are sealed, and how the open ones are split.

    ``folds`` are those of repeat 0; ``more`` those of further repeats, in order, fitted for the
    chosen members only. ``fingerprint`` names the sealed samples and target in the ledger (never
    written into journal or manifest).
    """

    protocol: str  # holdout, kfold, repeated, single
    folds: tuple[Fold, ...]
    more: tuple[Fold, ...]
    sealed: Ints
    open: Ints
    unscored: Ints  # samples of classes too rare to be scored
    reason: str
    seed: int
    fingerprint: str = ""
    unit: str = "row"  # row, group, time
    units: int = 0
    rarest: int = 0  # n+
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_sealed(self) -> bool:
        """Whether some samples were set aside."""
        return len(self.sealed) > 0
