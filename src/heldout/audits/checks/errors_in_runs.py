"""Errors of neighboring rows go together: rows depend on each other, undeclared."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.core.arrays import Doubles

LAG, Z, FEWEST = 0.1, 5.0, 200


def run(look: Look) -> Iterator[Finding]:
    """Lag-one correlation of signed out-of-fold errors in the order of the file, above 0.1."""
    assert look.trained is not None
    assert look.task is not None
    if look.task.time or look.task.group:
        return
    known = np.flatnonzero(~np.isnan(look.trained.prediction[:, 0]))
    if len(known) < FEWEST:
        return
    errors = _errors(look)[known]
    lag = max(_lag(errors[:, k]) for k in range(errors.shape[1]))
    if lag <= LAG or lag * np.sqrt(len(known)) <= Z:
        return
    yield Finding(
        "A704",
        "errors_in_runs",
        "warn",
        f"errors of neighboring rows go together (correlation {lag:.2f})",
        (),
        {"lag_one": lag, "rows": len(known)},
        "rows that share what no column says (an hour, a person, a batch) make the score too good",
        "rows were drawn at random",
        "name what they share: --group COLUMN, or --time row for a file in order of time",
        question="Do neighboring rows of the file belong together?",
    )


def _errors(look: Look) -> Doubles:
    """(rows, k) what was minus what was said: a column for each class, or one."""
    assert look.trained is not None
    assert look.y is not None
    p = look.trained.prediction
    if goal(look).classes:
        made = (look.y[:, None] == np.arange(p.shape[1])) - p
        return np.asarray(made[:, 1:] if p.shape[1] == 2 else made, dtype=np.float64)
    wrong = look.y - p[:, 0]
    limit = 4 * np.nanstd(wrong)
    return np.asarray(np.clip(wrong, -limit, limit)[:, None], dtype=np.float64)


def _lag(series: Doubles) -> float:
    a, b = series[:-1] - series.mean(), series[1:] - series.mean()
    spread = float(((series - series.mean()) ** 2).sum())
    return float((a * b).sum() / spread) if spread > 0 else 0.0


def example() -> Look:
    """Something slow that no column knows."""
    rng = np.random.default_rng(0)
    columns = examples.noise(800)
    slow = np.repeat(rng.normal(size=80), 10)
    return examples.with_training(examples.look(columns, columns["x0"] + slow))


CARD = CheckCard(
    code="A704",
    question="Do errors of neighboring rows go together?",
    reads="trained",
    run=run,
    example=example,
    severity="warn",
    rule="lag-one correlation of out-of-fold errors above 0.1 and five standard errors, where neither --group nor --time is named",
    false_alarms=0.001,
    does="a question",
    source="Durbin and Watson 1950",
)
