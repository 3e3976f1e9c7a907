"""Training falls while validation rises (DIAG-05)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

ROSE = 0.05


def run(evidence: Evidence) -> Iterable[Seen]:
    """Where it was stopped early and restored, it is a note."""
    held, best = evidence.validation, evidence.border
    if not evidence.finite or len(held) < 4 or not best or best == len(held):
        return
    fitted = evidence.fitted[-len(held) :]
    last = sum(held[-3:]) / 3
    rose = (last - held[best - 1]) / evidence.null
    if rose < max(ROSE, evidence.margin) or fitted[-1] > fitted[best - 1]:
        return
    if fitted[-1] > last - max(ROSE, evidence.margin) * evidence.null:
        return
    stopped = evidence.stopped == "patience" and evidence.best == best
    yield Seen(
        f"validation loss was lowest after epoch {best} ({held[best - 1]:.4g}) and rose to"
        f" {last:.4g}, training loss fell to {fitted[-1]:.4g}",
        (),
        {"border": best, "rose": rose},
        "note" if stopped else "warn",
        "",
        (Remedy(f"stop after epoch {best}", {"epochs": best}),),
    )


CARD = SymptomCard(
    code="N110",
    question="Does the network overfit?",
    rule=(
        "after its lowest epoch the validation loss rose by more than chance and 5 % of"
        " the null loss, while the training loss fell on"
    ),
    cause=(
        "the network learned the training rows themselves: too much capacity or too "
        "many epochs for these data (noise, leaks and few rows make it likelier, X-067)"
    ),
    remedies=(
        "early stopping that restores the best weights",
        "more rows, or augmentation",
        "dropout 0.2 to 0.5, L2 or decay",
        "fewer units or layers",
    ),
    run=run,
)
