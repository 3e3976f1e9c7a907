"""Gradients or outputs grow from layer to layer or epoch to epoch (DIAG-07)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

GROWN, SPREAD = 100.0, 30.0


def run(evidence: Evidence) -> Iterable[Seen]:
    """Over the epochs, and over the layers."""
    if len(evidence.looks) < 2:
        return
    first = evidence.looks[0].gradients
    for name, start in first.items():
        most = max(look.gradients[name] for look in evidence.looks)
        if start > 0 and most > GROWN * max(start, max(first.values()) / GROWN):
            yield Seen(
                f"the gradient of {name} grew {most / start:.3g}-fold",
                (name,),
                {"first": start, "largest": most},
            )
            return
    for look in (evidence.looks[0], evidence.looks[1]):
        hidden = [h for h in look.heard if not h.last]
        if len(hidden) > 2 and hidden[0].spread > 0:
            times = hidden[-1].spread / hidden[0].spread
            if times > SPREAD:
                where = (hidden[0].layer, hidden[-1].layer)
                yield Seen(
                    f"outputs grow {times:.3g}-fold over the layers", where, {"times": times}
                )
                return


CARD = SymptomCard(
    code="N104",
    question="Do gradients explode?",
    rule=(
        "a layer's gradient grew 100-fold over its start, or outputs grow 30-fold from "
        "the first layer to the last hidden one"
    ),
    cause=(
        "each layer multiplies by more than one: the product over the layers grows without bound"
    ),
    remedies=(
        "clip the gradients by their norm: clipnorm=1",
        "penalize large weights (L2)",
        "batch normalization between the layers",
        "initial weights that fit the activation (He for ReLU, Glorot for tanh)",
        "a lower learning rate",
    ),
    run=run,
    source="Pascanu, Mikolov and Bengio 2013; He et al. 2015",
)
