"""Log-odds and logarithms of probabilities, kept away from 0 and 1; NumPy and graph alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Doubles

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

TINY = 1e-12


def log(p: Doubles) -> Doubles:
    """Logarithm of p, at least ``TINY``."""
    return np.asarray(np.log(np.maximum(p, TINY)), dtype=np.float64)


def log_onnx(tape: Tape, p: str) -> str:
    """The same on a tape."""
    return tape.op("Log", tape.op("Max", p, tape.const(np.array(TINY))))


def column_onnx(tape: Tape, p: str, code: int) -> str:
    """Column ``code`` of [N, classes] as [N, 1]."""
    return tape.op("Gather", p, tape.const(np.array([code], dtype=np.int64)), axis=1)


def log_loss(p: Doubles, y: Doubles) -> Doubles:
    """-log of the probability of the true class, (samples,)."""
    own = p[np.arange(len(y)), np.asarray(y).astype(np.int64)]
    return -log(own)
