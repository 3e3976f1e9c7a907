"""Gradients fade on their way back to the first layers (DIAG-06, X-061)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

FADED = 1e-3


def run(evidence: Evidence) -> Iterable[Seen]:
    """Root mean squares, so that the sizes of the layers do not matter."""
    for look in evidence.looks[:2]:
        values = list(look.gradients.values())
        names = list(look.gradients)
        if len(values) < 3 or max(values) <= 0:
            continue
        ratio = values[0] / max(values)
        if ratio < FADED and values[0] < values[len(values) // 2] * 0.5 + 1e-30:
            seen = {"first": values[0], "last": values[-1], "ratio": ratio}
            yield Seen(
                f"the gradient of the first layer is {ratio:.1e} of the largest", (names[0],), seen
            )
            return


CARD = SymptomCard(
    code="N105",
    question="Do gradients vanish?",
    rule=(
        "before training or after the first epoch the first layer's gradient is below a"
        " thousandth of the largest layer's"
    ),
    cause=(
        "each sigmoid multiplies the gradient by at most 1/4 (ten layers: at most "
        "9.5e-7), so that the first layers learn nothing"
    ),
    remedies=(
        "ReLU or ELU instead of sigmoid or tanh",
        "fewer layers",
        "residual connections",
        "batch normalization between the layers",
        "for sequences LSTM or GRU",
    ),
    run=run,
    source="Hochreiter 1991; Glorot and Bengio 2010",
)
