"""Labels that are probably wrong, by confident learning on predictions out of fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.audits.out_of_fold import predicted
from heldout.core.arrays import Bools, Doubles, Ints
from heldout.core.names import count

GAIN, SURE, SHOWN, SHARE, FEWEST, LEAST_CLASS = 0.1, 0.95, 50, 0.002, 3, 20


def run(look: Look) -> Iterator[Finding]:
    """The given label less likely than its class usually is, another at least as likely as its
    own class usually is, and that other one at 95 %; where the model explains over 10 %."""
    assert look.trained is not None
    assert look.y is not None
    assert look.task is not None
    p = look.trained.prediction
    rows = np.flatnonzero(~np.isnan(p[:, 0]))
    y = look.y.astype(np.int64)
    if not len(rows) or _gain(p[rows], y[rows]) < GAIN:
        return
    found = rows[suspects(p[rows], y[rows])]
    top = p[rows].max(axis=1)
    expected = float((1 - top[top >= SURE]).sum())  # so many a calibrated model leaves room for
    if len(found) < max(FEWEST, SHARE * len(rows)):
        return
    own = p[found, y[found]]
    worst = found[np.argsort(own, kind="stable")][:SHOWN]
    other = np.argmax(p[worst[0]])
    names = look.task.classes
    both = _without(look, found)
    place = worst if look.rank is None else look.rank[worst]
    told = "" if both is None else f"; without them in training the loss changes by {both:+.1%}"
    yield Finding(
        "A701",
        "label_errors",
        "note",
        f"{count(len(found))} of {count(len(rows))} labels look wrong (of all its sure answers the model itself leaves room for {expected:.0f}): the surest says "
        f'"{names[y[worst[0]]]}" where the model sees "{names[other]}" at '
        f"{p[worst[0], other]:.1%}{told}",
        (look.task.target,),
        {
            "suspects": len(found),
            "room": expected,
            "rows": place.tolist(),
            "change_of_loss_without": both,
        },
        "a wrong label teaches the wrong thing, and scores a right answer as an error",
        "kept: nothing is relabelled; the first fifty are listed by row",
        "look at these rows first: after a hundred you know what share is really wrong",
    )


def suspects(p: Doubles, y: Ints) -> Bools:
    """(rows,) by Northcutt, Jiang and Chuang 2021: thresholds are the mean probability that each
    class gets where it is the label."""
    classes = p.shape[1]
    counts = np.bincount(y, minlength=classes)
    level = np.array(
        [p[y == c, c].mean() if counts[c] >= LEAST_CLASS else np.inf for c in range(classes)]
    )
    other = p.copy()
    other[np.arange(len(y)), y] = -1.0
    best = np.argmax(other, axis=1)
    sure = other[np.arange(len(y)), best]
    own = p[np.arange(len(y)), y]
    return np.asarray((own < level[y]) & (sure >= np.maximum(level[best], SURE)), dtype=bool)


def _gain(p: Doubles, y: Ints) -> float:
    """Share of the log loss of the prior that the predictions explain."""
    shares = np.bincount(y, minlength=p.shape[1]) / len(y)
    prior = -np.log(np.clip(shares[y], 1e-9, 1)).mean()
    loss = -np.log(np.clip(p[np.arange(len(y)), y], 1e-9, 1)).mean()
    return float(1 - loss / prior) if prior > 0 else 0.0


def _without(look: Look, found: Ints) -> float | None:
    """How the log loss of the rows that are not suspect changes when the suspects are left out
    of training (negative: better); None without a learner."""
    if look.learner is None or look.y is None:
        return None
    aim = goal(look)
    keep = np.ones(len(look.y), dtype=bool)
    keep[found] = False
    sure = aim.rows[keep[aim.rows]]
    losses = [
        aim.loss(made[sure], sure).mean()
        for made in (
            predicted(look, look.table.schema),
            predicted(look, look.table.schema, train_on=keep),
        )
    ]
    return float(losses[1] / losses[0] - 1)


def example() -> Look:
    """Four labels in a hundred turned where the truth is plain."""
    rng = np.random.default_rng(0)
    columns = examples.noise(1_000)
    y = (columns["x0"] > 0).astype(np.float64)
    far = np.flatnonzero(np.abs(columns["x0"]) > 1.2)
    turned = rng.choice(far, 12, replace=False)
    truth = y.copy()
    y[turned] = 1 - y[turned]
    made = examples.with_training(examples.look(columns, y))
    assert made.trained is not None
    p = np.where(truth[:, None] == [0.0, 1.0], 0.998, 0.002)
    return examples.predicting(made, p)


CARD = CheckCard(
    code="A701",
    question="Are labels probably wrong?",
    reads="trained",
    run=run,
    example=example,
    severity="note",
    rule="out of fold: the given class below its mean probability, another above its own and above 95 %; 0.2 % of the rows, and a model that explains over 10 %",
    false_alarms=0.0,
    does="listed, never relabelled; the loss without them in training is shown",
    applies=applies.classes,
    informs=True,
    source="Northcutt, Jiang and Chuang 2021, Confident learning",
)
