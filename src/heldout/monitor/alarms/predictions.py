"""Does the model answer otherwise than it did out of fold in training?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import bins_change, shift
from heldout.monitor.seen import ScoreSeen, Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """Shape and shift of the answers, per output."""
    for score in seen.scores:
        if len(score.bins) > 1:
            yield Trial(score.output, partial(_shape, score), partial(_told_shape, score))
            yield Trial(score.output, partial(_shift, score), partial(_told_shift, score))


def _shape(score: ScoreSeen, level: float) -> Judged:
    return bins_change(score.reference["counts"], score.bins, level)


def _shift(score: ScoreSeen, level: float) -> Judged:
    return shift(score.reference["counts"], score.bins, level)


def _told_shape(score: ScoreSeen, judged: Judged) -> str:
    return f"{score.output}: the answers are spread otherwise (PSI {judged.numbers['psi']:.2f})"


def _told_shift(score: ScoreSeen, judged: Judged) -> str:
    moved = float(judged.numbers["moved"])
    return (
        f"{score.output}: the answers lie {'higher' if moved > 0 else 'lower'} than in training, "
        f"by about {abs(moved):.2f} standard deviations"
    )


def example() -> Seen:
    """Twice as many high answers."""
    reference = {"edges": [0.2, 0.5], "counts": [500, 300, 200]}
    bins = np.array([300, 300, 400], dtype=np.int64)
    return Seen(1000, 1000, scores=(ScoreSeen("probability of Yes", reference, bins),))


CARD = AlarmCard(
    name="predictions",
    question="Does the model answer otherwise than it did in training?",
    about="predictions",
    trials=trials,
    example=example,
    advice="Either the population changed, or what feeds the model did. Label some rows at random.",
    source="Cohen 1988 (w); Bross 1958 (ridits)",
)
