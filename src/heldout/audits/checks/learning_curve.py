"""More rows, or better columns? The learning curve, carried on to twice the rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.checks.shuffled_target import smaller
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.audits.out_of_fold import predicted
from heldout.audits.watch import need
from heldout.core.arrays import Doubles
from heldout.core.names import count

SHARES = (0.125, 0.25, 0.5, 1.0)
FEWEST, MOST, Z, WORTH, DRAWS, SECONDS = 200, 8_000, 1.96, 0.01, 200, 2.0


def run(look: Look) -> Iterator[Finding]:
    """Losses with an eighth to all of the training rows; the last halving, and its uncertainty,
    say what doubling would bring if the curve goes on falling as a power of the rows."""
    need(look, 0.3 + SECONDS * min(1.0, look.table.rows / MOST))
    small = smaller(look, MOST)
    aim = goal(small)
    n = len(aim.rows)
    if n < FEWEST:
        return
    chance = look.seed.child("curve").rng().random(n)
    losses = []
    for share in SHARES:
        use = np.zeros(len(aim.y), dtype=bool)
        use[aim.rows] = chance < share
        some = use if share < 1 else None
        made = predicted(small, small.table.schema, aim.y, train_on=some)
        losses.append(aim.loss(made[aim.rows], aim.rows))
    prior = float(aim.prior[aim.rows].mean())
    curve = [1 - float(m.mean()) / prior for m in losses]
    gain, low, high = _doubled(np.stack(losses), look.seed.child("curve", "draws").rng())
    gain, low, high = gain / prior, low / prior, high / prior
    more = low > 0 and gain > WORTH
    told = "more rows still help" if more else "better columns will help more than more rows"
    yield Finding(
        "A532",
        "learning_curve",
        "note",
        f"{told}: with an eighth, a quarter, half and all of {count(n * 2 / 3)} training rows "
        f"{', '.join(f'{max(0.0, s):.1%}' for s in curve)} are explained; twice the rows would "
        f"add {gain:.1%} ({low:.1%} to {high:.1%})",
        (),
        {"shares": list(SHARES), "skill": curve, "gain": gain, "low": low, "high": high},
        "where the curve is flat another thousand rows change nothing",
        "measured with a quick model on open rows; a guess beyond them",
        "collect rows" if more else "look for columns that know what these do not",
    )


def _doubled(losses: Doubles, rng: np.random.Generator) -> tuple[float, float, float]:
    """Fall of the mean loss with twice the rows, and its 95 % interval over resampled rows: each
    doubling brings the same share of what the one before brought."""

    def ahead(mean: Doubles) -> float:
        first, second = mean[0] - mean[1], mean[1] - mean[2]
        last = mean[2] - mean[3]
        ratio = (
            np.clip((second + last) / (first + second), 0.3, 0.95) if first + second > 0 else 0.7
        )
        return float((0.5 * last + 0.5 * second * ratio) * ratio)

    n = losses.shape[1]
    drawn = [ahead(losses[:, rng.integers(0, n, n)].mean(axis=1)) for _ in range(DRAWS)]
    value, spread = ahead(losses.mean(axis=1)), float(np.std(drawn))
    return value, value - Z * spread, value + Z * spread


def example() -> Look:
    """Honest columns."""
    return examples.clean()


CARD = CheckCard(
    code="A532",
    question="More rows, or better columns?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="measured always, on at most 8,000 rows; more rows, where the interval of the gain of doubling is above 0 and the gain above 1 %",
    false_alarms=0.0,
    does="measured out of fold on open rows",
    applies=applies.learner,
    informs=True,
    source="Cortes et al. 1994 for the power law",
)
