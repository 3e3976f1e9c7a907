"""Rows recorded one after the other: neighbors in time are alike, so later rows must validate.

Order is looked for in columns of dates and in the file itself, whose labels, or whose columns
(``audits.unsaid``), may come in runs. A file that lies in order of its dates, with a target that
goes along, is a recording even where a model that knows the days on both sides of a gap loses
little: what comes after the last day may be another season (bike_sharing: error 19 claimed by
shuffled days, 98 true half a year later).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from heldout.audits import examples
from heldout.audits.applies import learner
from heldout.audits.choice import choose, may
from heldout.audits.dependence import ahead, fitted, moved, part, serial
from heldout.audits.designed import designed
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import bare, goal
from heldout.audits.order import order_of
from heldout.audits.shallow import as_numbers
from heldout.audits.singles import values_of
from heldout.audits.unsaid import told_by_runs
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles, Ints
from heldout.splits.content import named_identifier

RUNS = 0.05  # correlation of the target with that of the next row, from which it is worth a look
VERY_ALIKE = 0.5
ALIKE, Z = 0.1, 5.0  # the same of what a model leaves
LOST, LOST_DATED = 0.05, 0.03  # skill lost when whole stretches are new; where dates are known
MUCH = 0.1  # skill lost on what comes after
STRETCHES = 30
CHANCE = 1e-4  # of a target that does not change between stretches
BORN = re.compile(r"birth|born|(?:^|[^a-z])(?:dob|geb)", re.IGNORECASE)
MOST_ROWS = 6_000
SORTED = 0.98  # agreement of target and order, from which the file is sorted by the target
FEWEST = 200  # rows


@dataclass(frozen=True)
class _Order:
    """``names`` as --time takes them; ``order`` (rows,) row numbers, first to last."""

    names: tuple[str, ...]
    order: Ints
    in_file: bool  # whether the file is in this order


def run(look: Look) -> Iterator[Finding]:
    """The first order, dates before the file's, in which rows are alike beyond their columns."""
    if look.task is None or look.task.time or look.table.rows < FEWEST:
        return
    for order in _orders(look):
        watch(look)
        evidence = _evidence(look, order) or _drift(look, order)
        if evidence is not None:
            yield _found(look, order, evidence)
            return
    aim = goal(bare(look))
    if not _sorted(aim.y, aim.classes):
        unsaid = told_by_runs(look, aim.y, aim.classes, _stretches(np.arange(look.table.rows)))
        if unsaid is not None:
            yield unsaid


def _orders(look: Look) -> list[_Order]:
    """Columns of dates in which the file is sorted, then other dates, then the file."""
    found = []
    rows = np.arange(look.table.rows)
    for column in look.table.schema.inputs:
        if column.kind == "date":
            x = as_numbers(values_of(look, column.name), column)
            if np.isnan(x).mean() < 0.01 and column.distinct >= 20:
                filled = np.where(np.isnan(x), -np.inf, x)
                same = bool((np.diff(filled) >= 0).mean() > 0.99)
                found.append(_Order((column.name,), np.argsort(filled, kind="stable"), same))
    found.sort(key=lambda o: not o.in_file)
    if designed(look.table):
        return found
    return [*found, _Order(("row",), rows, True)]


def _evidence(look: Look, order: _Order) -> dict[str, float] | None:
    aim = goal(bare(look))
    series = _codes(aim.y, aim.classes)
    runs, z = serial(series[order.order] - series.mean(axis=0))
    if runs <= RUNS or z <= Z or _sorted(aim.y[order.order], aim.classes):
        return None
    use = _stretches(order.order)
    own = part(look, use)
    block = np.arange(len(use)) * STRETCHES // len(use)
    ahead = fitted(own, block, "stretches")
    alike, z_alike = serial(ahead.left)
    dated = order.names != ("row",) and order.in_file
    if not dated and (alike <= ALIKE or z_alike <= Z):
        return None
    mixed = fitted(own, None, "rows")
    lost = mixed.skill - ahead.skill
    sums = np.bincount(block, ahead.losses - mixed.losses)
    z_lost = float(sums.sum() / max(1e-12, sums.std() * np.sqrt(len(sums))))
    sure = 3.0 if alike <= VERY_ALIKE else 2.0  # a few long runs are few draws, and leave no doubt
    if not dated and (lost <= (LOST_DATED if order.names != ("row",) else LOST) or z_lost <= sure):
        return None
    return {
        "runs": runs,
        "alike": alike,
        "z": z_alike,
        "skill_rows": mixed.skill,
        "skill_stretches": ahead.skill,
    }


def _drift(look: Look, order: _Order) -> dict[str, float] | None:
    """Many things at each date (shops by week), in whatever order the file is: the target moves
    along the dates, and a model that knows only earlier ones does worse than one that knows them
    all. Dates of birth are no dates of recording: nobody predicts for those born later only."""
    if order.names == ("row",) or BORN.search(order.names[0]):
        return None
    aim = goal(bare(look))
    if moved(aim.y[order.order], aim.classes, STRETCHES) >= CHANCE:
        return None
    known, before, z = ahead(part(look, _stretches(order.order)))
    lost = known - before  # a trend makes losses grow from block to block, which makes z small
    if not (lost > LOST_DATED and z > 3.0) and not (lost > MUCH and z > 2.0):
        return None
    return {"skill_rows": known, "skill_ahead": before, "z": z}


def _codes(y: Doubles, classes: int) -> Doubles:
    return np.eye(classes)[y.astype(np.int64)] if classes else y[:, None]


def _sorted(y: Doubles, classes: int) -> bool:
    """Whether the file is sorted by its target: one stretch a class, or ranks that only rise."""
    if classes:
        return int((np.diff(y) != 0).sum()) + 1 <= (2 if classes == 2 else 3 * classes)
    place = np.arange(len(y))
    return bool(abs(np.corrcoef(place, np.argsort(np.argsort(y)))[0, 1]) > SORTED)


def _stretches(order: Ints) -> Ints:
    """Whole stretches from all over the order, at most MOST_ROWS rows."""
    n = len(order)
    if n <= MOST_ROWS:
        return order
    length = MOST_ROWS // STRETCHES
    starts = np.linspace(0, n - length, STRETCHES).astype(np.int64)
    return np.concatenate([order[s : s + length] for s in starts])


def _found(look: Look, order: _Order, evidence: dict[str, float]) -> Finding:
    named = order.names != ("row",)
    certain = may(look, "time") and ("skill_ahead" in evidence or _is_time(look, order))
    if certain:
        choose(look, "time", order.names)
    what = f"`{order.names[0]}`" if named else "the file"
    return Finding(
        "A501",
        "recorded",
        "warn",
        _seen(what, evidence),
        order.names if named else (),
        evidence,
        "shuffled rows let a model look up the answer next door; new rows have no such neighbors",
        "earlier rows train, later ones validate" if certain else "nothing: rows are shuffled",
        "if new rows will come from between these, say --time none"
        if certain
        else f"if it is, --time {order.names[0]}",
        "--time none" if certain else f"--time {order.names[0]}",
        f"Is {what} in order of time, and will you predict for later rows?",
    )


def _seen(what: str, evidence: dict[str, float]) -> str:
    if "skill_ahead" in evidence:
        return (
            f"{what}: the target moves along it; of its later half a model explains "
            f"{evidence['skill_rows']:.0%} where it knows rows of the same time, "
            f"{evidence['skill_ahead']:.0%} where it knows only earlier ones"
        )
    beyond = (
        f"{what}: rows that follow each other are alike beyond what the columns say "
        f"(correlation {evidence['alike']:.2f})"
    )
    if evidence["alike"] <= ALIKE:
        beyond = (
            f"the file is in order of {what}, and the target of a row is like that of the next "
            f"(correlation {evidence['runs']:.2f})"
        )
    return (
        f"{beyond}; a model explains {evidence['skill_rows']:.0%} where it knows their neighbors, "
        f"{evidence['skill_stretches']:.0%} of stretches that are new to it"
    )


def _is_time(look: Look, order: _Order) -> bool:
    """Dates in which the file is sorted, a column that only rises, or states that last: numbers
    in runs alone may as well be a map written out row by row, and a list that is sorted by its
    columns (an experiment, shop by shop) has no time at all."""
    assert look.task is not None
    if order.names != ("row",):
        return order.in_file
    seen = order_of(look)
    if seen.listed:
        return False
    if look.task.is_classification or seen.clocks:
        return True
    for column in look.table.schema:
        if column.kind in ("number", "date") and column.role in ("input", "ignored"):
            x = as_numbers(values_of(look, column.name), column)
            rises = np.diff(x) >= 0
            if column.distinct >= 20 and rises.mean() > 0.999:
                return not named_identifier(column)
    return False


def example() -> Look:
    """A recording: the state changes every sixty rows, and every reading drifts."""
    rng = np.random.default_rng(0)
    state = (np.arange(900) // 60) % 2 * 1.0
    drift = {f"s{i}": np.cumsum(rng.normal(size=900)) for i in range(4)}
    y = np.where(rng.random(900) < 0.03, 1 - state, state)
    return examples.look(drift, y, learner=examples.nearest)


CARD = CheckCard(
    code="A501",
    question="Were the rows recorded one after the other?",
    reads="protocol",
    run=run,
    example=example,
    severity="warn",
    rule="in the order of a date, or of the file, the target correlates with the next row's above "
    "0.05 (z 5); unless the file lies in order of the date, also what a model leaves of new "
    "stretches above 0.1 (z 5), and the model loses more than 0.05 of skill on them. Or columns go "
    "around like a calendar and the target differs between stretches (p 0.0001). Or columns come in "
    "runs that no sorting explains (z 6) and a model of earlier rows loses 0.05 of skill on later "
    "ones (z 3): then it asks. A file sorted by its target, or a list sorted by its columns, is not "
    "in order of time",
    false_alarms=0.01,
    does="earlier rows train, later ones validate and are sealed",
    applies=learner,
)
