"""Can a model tell training rows from rows of production, by all columns together?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits import production as here
from heldout.audits.cells import sampled
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.out_of_fold import predicted
from heldout.metrics.scoring import score
from heldout.splits.folds import three
from heldout.tables.table import Table

FLOOR, MOST, FEWEST = 0.6, 5_000, 50


def run(look: Look) -> Iterator[Finding]:
    """The lower end of its ROC AUC above 0.6."""
    import polars as pl

    columns = tuple(here.shared(look))
    one, two = (_some(t, look) for t in (sampled(look), here.production(look)))
    learner = look.memo.get("domain") or look.learner
    if not columns or min(one.rows, two.rows) < FEWEST or learner is None:
        return
    names = [c.name for c in columns]
    frame = pl.concat([one.frame[names], two.frame[names]], how="vertical_relaxed")
    y = np.r_[np.zeros(one.rows), np.ones(two.rows)]
    schema = dataclasses.replace(look.table.schema, columns=columns)
    told = dataclasses.replace(
        look,
        table=Table(frame, schema),
        task=here.DOMAIN,
        y=y,
        folds=three(len(y), y, None, look.seed.child("domain")),
        learner=learner,
        memo={},
    )
    found = score("roc_auc", here.DOMAIN, y, predicted(told, schema))
    if found.low is not None and found.low > FLOOR:
        yield Finding(
            "A604",
            "production_classifier",
            "warn",
            f"a model tells training rows from production with ROC AUC {found.value:.2f} "
            f"({found.low:.2f} to {found.high:.2f}); 0.5 is by chance",
            (),
            {"roc_auc": found.value, "low": found.low, "high": found.high, "rows": len(y)},
            "where the two can be told apart the score of one is no promise for the other",
            "compared only: no model learns from these rows",
            "see which columns differ; train on rows like those of production",
        )


def _some(table: Table, look: Look) -> Table:
    if table.rows <= MOST:
        return table
    rng = look.seed.child("domain", "rows").rng()
    return table.take(np.sort(rng.choice(table.rows, MOST, replace=False)))


def example() -> Look:
    """Two columns have moved."""
    columns, later = examples.noise(600), examples.noise(600, seed=1)
    later |= {"x1": later["x1"] + 0.8, "x2": later["x2"] - 0.8}
    y = (columns["x0"] > 0).astype(np.float64)
    return examples.beside(examples.look(columns, y), examples.table(later))


CARD = CheckCard(
    code="A604",
    question="Can a model tell training rows from production?",
    reads="production",
    run=run,
    example=example,
    severity="warn",
    rule="ROC AUC of a quick model out of fold, the lower end of its 95 % interval above 0.6; at most 5,000 rows each",
    false_alarms=0.001,
    does="compared only",
    applies=here.needed,
    source="Friedman 2003; Lopez-Paz and Oquab 2017",
)
