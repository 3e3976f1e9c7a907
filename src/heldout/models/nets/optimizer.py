"""Adam with a learning rate and a decay of its own for groups of weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras


class Grouped(keras.optimizers.Adam):  # type: ignore[misc,unused-ignore]
    """``factors``: by the end of a weight's path, what its learning rate is multiplied by;
    ``decayed``: the ends of those that decay. The rate itself, betas and decay stay settings."""

    def __init__(self, factors: Mapping[str, float], decayed: tuple[str, ...], **more: Any) -> None:
        super().__init__(**more)
        self.factors, self.decayed = dict(factors), tuple(decayed)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of Adam at this weight's own rate."""
        factor = next((f for end, f in self.factors.items() if variable.path.endswith(end)), 1.0)
        super().update_step(gradient, variable, learning_rate * factor)

    def _use_weight_decay(self, variable: Any) -> bool:
        return bool(variable.path.endswith(self.decayed))

    def get_config(self) -> dict[str, Any]:
        """For a clone of the model."""
        own = {"factors": self.factors, "decayed": self.decayed}
        return {**super().get_config(), **own}
