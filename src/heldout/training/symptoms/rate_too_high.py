"""The loss jumps or rises: steps are longer than the valley is wide."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

ROUGH, GROWN = 0.015, 5.0
LEARNED, ROUGHER = 0.6, 0.035  # a training that gets there may bounce: plain descent always does


def run(evidence: Evidence) -> Iterable[Seen]:
    """From the loss as in prediction, and from how far the weights went."""
    fitted, rate = evidence.fitted, evidence.design.rate
    if not evidence.finite or len(fitted) < 4:
        return
    start = max(fitted[0], evidence.null)
    rose = fitted[-1] > 1.2 * start
    limit = ROUGHER if evidence.fell > LEARNED else ROUGH
    rough = evidence.roughness > limit and evidence.design.batch > 8
    grown = max((look.grown for look in evidence.looks[:3]), default=1.0)
    stuck = grown > GROWN and evidence.fell < 0.3
    if not (rose or rough or stuck):
        return
    what = "the loss jumps from epoch to epoch"
    if rose:
        what = f"the training loss rose from {fitted[0]:.4g} to {fitted[-1]:.4g}"
    elif stuck:
        what = f"the weights grew {grown:.3g}-fold within two epochs and the loss does not fall"
    seen = {"learning_rate": rate, "roughness": evidence.roughness, "grown": grown}
    yield Seen(what, (), seen, "warn", "", (_lower(evidence),))


def _lower(evidence: Evidence) -> Remedy:
    rates = evidence.rates
    to = evidence.design.rate / 10
    if rates is not None and rates.advised < evidence.design.rate:
        to = rates.advised
    return Remedy(f"lower the learning rate: {to:.2g}", {"learning_rate": to})


CARD = SymptomCard(
    code="N102",
    question="Is the learning rate too high?",
    rule=(
        "the training loss ends above where it began, or rises by 0.015 of the null "
        "loss in a mean epoch after the first third (0.035 where more than 0.6 of that loss is gone "
        "in the end), or weights grew fivefold in two epochs; batches above 8 rows"
    ),
    cause="each step overshoots: the step is larger than the curve of the loss allows (X-053)",
    remedies=(
        (
            "lower it when the validation loss stops falling (plateau) or along a "
            "schedule with warm-up"
        ),
        "then a larger batch: its gradient is less noisy",
    ),
    run=run,
    source="Smith 2017; LeCun, Bottou, Orr and Müller 1998",
)
