"""An order of the file that no column names: what it shows, whether it matters, what is done.

Clocks that go around and a target that changes between stretches are time for certain: later rows
validate. Columns that come in runs alone may as well be a map, batches, or a list of experiments:
there a model that knows only earlier rows must do worse, and the person is asked.
"""

from __future__ import annotations

from typing import Any

from heldout.audits.choice import choose, may
from heldout.audits.dependence import ahead, moved, part
from heldout.audits.finding import Finding, Look
from heldout.audits.order import Order, order_of
from heldout.audits.watch import OutOfTime
from heldout.core.arrays import Doubles, Ints

CHANCE = 1e-4  # of a target that does not change between stretches
STRETCHES = 30
LOST, Z = 0.05, 3.0  # skill lost on what comes after
SHOWN = 3


def told_by_runs(look: Look, y: Doubles, classes: int, use: Ints) -> Finding | None:
    """A finding where the file shows an order that matters; ``y`` (rows,) the target in the order
    of the file, ``use`` row numbers of whole stretches for the fits."""
    order = order_of(look)
    if not order.hidden or order.listed:
        return None
    chance = moved(y, classes, STRETCHES)
    certain = bool(order.clocks) and chance < CHANCE
    skills: tuple[float, float, float] | None = None
    try:
        skills = ahead(part(look, use))
    except OutOfTime:
        if not certain:
            raise
    loses = skills is not None and min(skills[0], skills[0] - skills[1]) > LOST and skills[2] > Z
    if not certain and not loses:
        return None
    return _finding(look, order, chance, skills, certain)


def _finding(
    look: Look,
    order: Order,
    chance: float,
    skills: tuple[float, float, float] | None,
    certain: bool,
) -> Finding:
    acts = certain and may(look, "time")
    if acts:
        choose(look, "time", ("row",))
    where = [*order.clocks, *order.doubtful, *sorted(order.runs, key=lambda n: -order.runs[n])]
    evidence: dict[str, Any] = {
        "runs": order.runs,
        "clocks": list(order.clocks),
        "held": list(order.held),
        "sorted_by": list(order.keys),
        "p_target": chance,
    }
    if skills is not None:
        evidence |= {"skill_rows": skills[0], "skill_ahead": skills[1], "z": skills[2]}
    return Finding(
        "A501",
        "recorded",
        "warn",
        f"the file lies in an order that no column names: {_seen(order)}{_both(skills)}",
        tuple(dict.fromkeys(where)),
        evidence,
        "shuffled rows let a model look up the answer next door; what comes after the file has no "
        "such neighbors"
        + (f", and may hold values of {_listed(order.held)} that no row has" if order.held else ""),
        "earlier rows train, later ones validate" if acts else "nothing: rows are shuffled",
        "if new rows will come from between these, say --time none"
        if acts
        else "if it is in order of time, --time row; if each stretch is a place or a batch, --group "
        "with a column that names it",
        "--time none" if acts else "--time row",
        "Is the file in order of time, and will you predict for later rows?",
    )


def _seen(order: Order) -> str:
    parts = []
    if order.clocks:
        parts.append(f"{_listed(order.clocks)} {_go(order.clocks)} around like a calendar")
    elif order.doubtful:
        parts.append(f"{_listed(order.doubtful)} {_go(order.doubtful)} around")
    if order.held:
        parts.append(f"{_listed(order.held)} change only now and then, together")
    rest = sorted(order.runs, key=lambda n: -order.runs[n])
    rest = [n for n in rest if n not in order.held and n not in order.clocks]
    if rest:
        parts.append(
            f"{_listed(rest)}: like the next row's (correlation {order.runs[rest[0]]:.2f})"
        )
    return "; ".join(parts)


def _both(skills: tuple[float, float, float] | None) -> str:
    if skills is None:
        return ""
    return (
        f"; of the later half a model explains {skills[0]:.0%} where it knows their neighbors, "
        f"{skills[1]:.0%} where it knows only earlier rows"
    )


def _go(names: tuple[str, ...]) -> str:
    return "goes" if len(names) == 1 else "go"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(f"`{n}`" for n in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
