"""The digits of a score by its metric: 0.845, but 412 where it is in the target's unit."""

from __future__ import annotations

from heldout.core.digits import Digits, decimals
from heldout.core.errors import HeldoutError
from heldout.metrics.score import METRICS


def digits(metric: str, value: float, *near: float | None) -> Digits:
    """What writes ``value`` and the numbers beside it (its ends first), all with as many decimals.

    >>> digits("roc_auc", 0.8449, 0.822, 0.866)(0.8449)
    '0.845'
    >>> digits("mae", 412.3, 398.0, 427.0)(938.31), digits("mae", 44.158)(44.158)
    ('938', '44.2')
    """
    try:
        of_target = METRICS.get(metric).unit_of_target
    except HeldoutError:
        of_target = False
    return Digits(decimals(value, near, of_target=of_target))
