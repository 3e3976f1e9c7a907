"""What a practitioner would say about settings before a training starts. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heldout.training import batch_size, knobs
from heldout.training.member import Member, Regime

LITTLE, MUCH = 0.2, 0.5  # rates of dropout between which it does what it is for


def on(model: Any, members: Sequence[Member], regime: Regime, rows: int) -> list[str]:
    """Sentences about the size of a batch and the rates of dropout."""
    return batch_size.warnings(regime.batch, rows) + dropout(model, members)


def dropout(model: Any, members: Sequence[Member]) -> list[str]:
    """Below 0.2 little happens, above 0.5 too little is left of a layer."""
    given = {m.settings["dropout"] for m in members if _number(m.settings.get("dropout"))}
    if not given and not any("dropout" in m.settings for m in members):
        slots = knobs.slots(model, "dropout") if knobs.known(model, "dropout") else []
        given = {getattr(layer, name) for layer, name in slots}
    return [said for rate in sorted(given) if (said := about(float(rate)))]


def about(rate: float) -> str:
    """One sentence, or nothing.

    >>> about(0.3)
    ''
    >>> about(0.1)
    'a dropout rate of 0.1 is below 0.2: little effect is to be expected'
    """
    if 0.0 < rate < LITTLE:
        return f"a dropout rate of {rate:g} is below {LITTLE}: little effect is to be expected"
    if rate > MUCH:
        return (
            f"a dropout rate of {rate:g} is above {MUCH}: less than half of a layer is left in each"
            " step, and it may no longer learn"
        )
    return ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float)
