"""What the layers of a model mean for its training."""

from __future__ import annotations

from typing import Any

from heldout.training.knobs import layers


def has_native_convolution(model: Any) -> bool:
    """Whether a convolution is inside: XLA runs it six times slower in a loop on a CPU."""
    return any("Conv" in type(layer).__name__ for layer in layers(model))
