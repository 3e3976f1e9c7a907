"""Fits of named settings in this process: what experiments and tuning are made of.

The same folders as a search's (joints 7), so a fit that is there is never made again; networks
of one structure share their compiled program. Several processes may work in one folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.metrics.score import Score
from heldout.metrics.scoring import score
from heldout.models.card import MODELS
from heldout.search.data import TrainingData
from heldout.search.fits import Finished, Store
from heldout.search.orders import Orders, threads_for
from heldout.search.price import Prices
from heldout.search.tasks import Desk

if TYPE_CHECKING:
    from heldout.models.portfolio import Candidate

STEP = 0.3  # seconds that a fit is asked to end before the deadline


@dataclass
class Fitter:
    """``fitted`` counts the fits that were made here, ``found`` those that lay there already."""

    data: TrainingData
    folder: Path
    fingerprint: str
    seed: Seed
    prices: Prices
    threads: int = 1
    fitted: int = 0
    found: int = 0
    seconds: float = 0.0
    _desk: Desk = field(default_factory=Desk)
    _orders: dict[int, Orders] = field(default_factory=dict)

    @classmethod
    def open(
        cls, folder: Path, write: Callable[[Path], TrainingData], fingerprint: str, seed: Seed
    ) -> Fitter:
        """Work in ``folder``; ``write`` puts the data there unless another process has."""
        place = folder / "work"
        if not (place / "data" / "meta.json").exists():
            aside = folder / f".work.{os.getpid()}.part"
            shutil.rmtree(aside, ignore_errors=True)
            write(aside / "data")
            try:
                aside.rename(place)
            except OSError:  # another process was first, with the same data
                shutil.rmtree(aside, ignore_errors=True)
        data = TrainingData.read(place / "data")
        rows = len(data.folds[0].training)
        features = {view: max(1, len(spec.columns)) for view, spec in data.specs.items()}
        made = cls(
            data, folder, fingerprint, seed,
            Prices(rows, dict(features), data.task.outputs),
            threads_for(rows, max(features.values()), 1, fixed=False),
        )  # fmt: skip
        made._desk.handle({"do": "load", "folder": str(folder)})
        return made

    def price(self, candidates: Sequence[Candidate]) -> float:
        """Seconds that one fit of each will take, by the cards' prices and what was measured."""
        return sum(
            self.prices.wall(-1, MODELS.get(c.card), c.settings, prepared=True)[0]
            for c in candidates
        )

    def fit(
        self, candidate: Candidate, fold: int, number: int = 0, deadline: Deadline | None = None
    ) -> Finished:
        """The fit of these settings on one fold with seed ``number``; raises what the fit raises."""
        orders = self._order(number)
        store = Store(self.folder / "fits")
        there = store.get(orders.key(candidate, fold))
        if there is not None:
            self.found += 1
            return there
        message = orders.fit(candidate, fold)
        if deadline is not None:
            message["end"] = deadline.earlier(STEP).at
        meta = self._desk.handle(message)
        self.fitted += 1
        self.seconds += float(meta["wall_seconds"]) + float(meta["prepare_seconds"])
        card = MODELS.get(candidate.card)
        self.prices.features[card.view] = int(meta["features"])
        self.prices.observe(
            -2, card, candidate.settings, cpu=float(meta["cpu_seconds"]),
            wall=float(meta["wall_seconds"]), prepare=float(meta["prepare_seconds"]),
        )  # fmt: skip
        made = store.get(message["key"] + ("-stopped" if meta["stopped"] else ""))
        if made is None:
            raise OSError(f"{self.folder / 'fits'}: a finished fit could not be read back")
        return made

    def score(self, fit: Finished, fold: int, metric: str | None = None) -> Score:
        """The metric on the fold's validation rows."""
        data, rows = self.data, self.data.folds[fold].valid
        weights = None if data.weights is None else np.asarray(data.weights[rows])
        return score(
            metric or data.task.metric, data.task, np.asarray(data.y[rows]), fit.prediction,
            weights=weights,
        )  # fmt: skip

    def _order(self, number: int) -> Orders:
        if number not in self._orders:
            own = self.seed.child("search")
            own = own.child("again", number) if number else own
            self._orders[number] = Orders(self.data, self.fingerprint, own, self.threads)
        return self._orders[number]
