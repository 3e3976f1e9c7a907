"""O: the order of the file tells the target: sorted rows, batches, or time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.audits.shallow import as_numbers
from heldout.audits.singles import single, values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles
from heldout.tables.schema import Column

CORRELATION, STRENGTH, SKILL, Z = 0.05, 5.0, 0.02, 4.0
FEWEST = 30  # rows with a place
SORTED = 0.9  # lag one from which the file is sorted by the target itself


def run(look: Look) -> Iterator[Finding]:
    """Neighbours agree (lag one above 0.05) and the place in the order explains more than 2 %."""
    assert look.y is not None
    assert look.task is not None
    if look.task.time:
        return
    rank = np.arange(len(look.y)) if look.rank is None else look.rank
    found = _tells(look, rank.astype(np.float64))
    if found is not None:
        yield _of_the_file(found)
    for column in look.table.schema.inputs:
        watch(look)
        if column.kind == "date":
            told = _tells(look, as_numbers(values_of(look, column.name), column))
            if told is not None:
                yield _of_a_date(column.name, told)


def _tells(look: Look, place: Doubles) -> dict[str, float] | None:
    """Evidence that the order by ``place`` tells the target; None where it does not."""
    known = np.flatnonzero(~np.isnan(place))
    order = known[np.argsort(place[known], kind="stable")]
    if len(order) < FEWEST:
        return None
    lag = max(_lag_one(series[order]) for series in _series(look))
    if lag <= CORRELATION or lag * np.sqrt(len(order)) <= STRENGTH:
        return None
    one = single(look, Column("place", "number"), place)
    if one.skill <= SKILL or one.z <= Z:
        return None
    return {"lag_one": lag, "skill": one.skill, "z": one.z}


def _of_the_file(evidence: dict[str, float]) -> Finding:
    sorted_by_it = evidence["lag_one"] > SORTED
    return Finding(
        "A307",
        "row_order",
        "warn",
        "the order of the file tells the target: the row number alone explains "
        f"{evidence['skill']:.0%}"
        + ("; the file seems to be sorted by it" if sorted_by_it else ""),
        (),
        evidence,
        "rows that are sorted, or written in batches, share more than their columns say",
        "rows were shuffled into folds by content, not by position",
        "if the file is in order of time, say --time row or name the column of time",
        "--time row",
        "" if sorted_by_it else "Is the file in order of time?",
    )


def _of_a_date(name: str, evidence: dict[str, float]) -> Finding:
    return Finding(
        "A307",
        "row_order",
        "warn",
        f"`{name}`: the target changes with it, {evidence['skill']:.0%} explained by the date alone",
        (name,),
        evidence,
        "a score on shuffled rows is too good where new rows come later than all of these",
        "kept, and rows were shuffled",
        f"if you will predict for later dates, --time {name}",
        f"--time {name}",
        f"Will you predict for dates after the last `{name}`?",
    )


def _series(look: Look) -> list[Doubles]:
    aim = goal(look)
    if not aim.classes:
        return [aim.y]
    return [(aim.y == c).astype(np.float64) for c in np.unique(aim.y)[:20]]


def _lag_one(series: Doubles) -> float:
    centred = series - series.mean()
    total = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / total if total > 0 else 0.0


def example() -> Look:
    """All no rows first."""
    rng = np.random.default_rng(0)
    y = np.sort((rng.random(400) < 0.4).astype(np.float64))
    return examples.look(examples.noise(400), y)


CARD = CheckCard(
    code="A307",
    question="Does the order of the file tell the target?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="neighbours agree (lag one above 0.05, five standard errors) and the place explains more than 2 % (z above 4)",
    false_alarms=0.001,
    does="a question",
)
