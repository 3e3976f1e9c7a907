"""The mean of a member's weights over its last epochs (stochastic weight averaging).

Izmailov et al. 2018. Moving statistics of batch normalization stay those of the last epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.training.member import Regime


@dataclass
class Average:
    """Sums in double of the weights after each epoch from ``first`` on."""

    first: int
    count: int = 0
    sums: list[Array] = field(default_factory=list)

    @classmethod
    def of(cls, regime: Regime, epochs: int) -> Average | None:
        """None where the regime asks for none.

        >>> Average.of(Regime(average=0.25), 20).first
        16
        """
        if regime.average <= 0:
            return None
        return cls(epochs - max(1, round(regime.average * epochs)) + 1)

    def add(self, epoch: int, trainable: list[Any]) -> None:
        """Take in the weights after an epoch (from 1)."""
        if epoch < self.first:
            return
        own = [np.asarray(part, dtype=np.float64) for part in trainable]
        self.sums = own if not self.sums else [a + b for a, b in zip(self.sums, own, strict=True)]
        self.count += 1

    def mean(self) -> list[Array]:
        """The averaged weights, float32."""
        return [(part / self.count).astype(np.float32) for part in self.sums]
