"""Messages to workers and the keys under which their answers are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from heldout.core.seed import Seed
from heldout.models.card import MODELS
from heldout.search.data import FINAL, TrainingData
from heldout.search.fits import digest, versions

if TYPE_CHECKING:
    from heldout.models.portfolio import Candidate

CELLS_A_THREAD = 1e6  # below so many cells one thread is fastest


@dataclass(frozen=True)
class Orders:
    """Everything that the fits of one run share."""

    data: TrainingData
    fingerprint: str
    seed: Seed
    threads: int = 1

    @cached_property
    def _common(self) -> str:
        """Data, task, weights, units: what every key depends on. What a task is told like
        (reason, questions, unit, threshold, costs) moves no fit."""
        d = self.data
        told = {"reason", "questions", "unit", "threshold", "cost", "capacity", "labels"}
        task = {k: v for k, v in d.task.as_dict().items() if k not in told}
        return digest(
            self.fingerprint, task, d.y, d.unit, d.weights, [d.seed.root, d.seed.path], *d.may_miss
        )

    @cached_property
    def _folds(self) -> dict[int, str]:
        return {}

    def _samples(self, fold: int) -> str:
        if fold not in self._folds:
            d = self.data
            parts = (
                (d.open,)
                if fold == FINAL
                else (d.folds[fold].train, d.folds[fold].inner, d.folds[fold].valid)
            )
            self._folds[fold] = digest(*parts, fold)
        return self._folds[fold]

    def seed_of(self, candidate: Candidate, fold: int) -> Seed:
        """Depends on the learner, its settings and the fold, never on names or order."""
        settings = digest(dict(candidate.settings))[:16]
        if fold == FINAL:
            return self.seed.child("final", candidate.card, settings)
        part = self.data.folds[fold]
        return self.seed.child("fit", candidate.card, settings, part.repeat, part.number)

    def key(self, candidate: Candidate, fold: int, extra: Mapping[str, Any] | None = None) -> str:
        """SHA-256 of all that the fit's bits depend on (joints 7)."""
        card = MODELS.get(candidate.card)
        seed = self.seed_of(candidate, fold)
        return digest(
            self._common,
            self._samples(fold),
            self.data.specs[card.view].digest,
            versions(card.name, card.version, card.family),
            dict(candidate.settings),
            [seed.root, list(seed.path)],
            self.threads,
            dict(extra or {}),
        )

    def fit(self, candidate: Candidate, fold: int) -> dict[str, Any]:
        """Fit one fold; the state is kept for the first, which importance is told from."""
        return {**self._message(candidate, fold), "do": "fit", "keep_state": fold == 0}

    def rung(
        self,
        candidate: Candidate,
        fold: int,
        rounds: int | None,
        loss: str,
        columns: Sequence[str] | None,
    ) -> dict[str, Any]:
        """Fit one fold for exactly ``rounds`` (None: stopping early) on these columns, and tell
        the loss on the training rows too."""
        extra = {"rounds": rounds, "loss": loss, "columns": columns}
        message = self._message(candidate, fold, extra)
        return {**message, "do": "fit", "keep_state": fold == 0, **extra}

    def final(self, candidate: Candidate, rounds: int | None, probe: str | None) -> dict[str, Any]:
        """Refit on every open sample."""
        extra = {"rounds": rounds, "probe": probe}
        message = self._message(candidate, FINAL, extra)
        return {**message, "do": "final", "rounds": rounds, "probe": probe}

    def _message(
        self, candidate: Candidate, fold: int, extra: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        seed = self.seed_of(candidate, fold)
        return {
            "key": self.key(candidate, fold, extra),
            "card": candidate.card,
            "settings": dict(candidate.settings),
            "fold": fold,
            "seed": [seed.root, list(seed.path)],
            "threads": self.threads,
            "family": "net" if MODELS.get(candidate.card).family == "net" else None,
        }


def threads_for(rows: int, features: int, workers: int, *, fixed: bool) -> int:
    """Threads of one fit: one on small data, and where a result must not depend on the machine."""
    import os

    if fixed or rows * features < CELLS_A_THREAD:
        return 1
    return max(1, (os.cpu_count() or 1) // workers)
