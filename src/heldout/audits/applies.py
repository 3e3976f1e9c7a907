"""Why a check makes no sense for a table: empty text where it does."""

from __future__ import annotations

from collections.abc import Callable

from heldout.audits.finding import Look

Applies = Callable[[Look], str]


def kinds(*wanted: str) -> Applies:
    """Some input column is of one of these kinds."""

    def applies(look: Look) -> str:
        if any(c.kind in wanted for c in look.table.schema.inputs):
            return ""
        return f"no {' or '.join(wanted)} column"

    return applies


def grouped(look: Look) -> str:
    """A column says which rows belong together."""
    return "" if look.table.schema.of_role("group") else "no --group was named"


def weighted(look: Look) -> str:
    """A column says how much a row counts."""
    return "" if look.table.schema.of_role("weight") else "no --weight was named"


def classes(look: Look) -> str:
    """Classes are predicted."""
    known = look.task is not None and look.task.is_classification
    return "" if known else "a number is predicted"


def values(look: Look) -> str:
    """A number is predicted."""
    known = look.task is not None and not look.task.is_classification
    return "" if known else "classes are predicted"


def learner(look: Look) -> str:
    """A quick learner was handed in."""
    return "" if look.learner is not None else "no quick learner was handed in"


def every(*conditions: Applies) -> Applies:
    """The first reason among several."""

    def applies(look: Look) -> str:
        return next((why for c in conditions if (why := c(look))), "")

    return applies
