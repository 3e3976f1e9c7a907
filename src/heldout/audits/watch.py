"""The clock of a review: a check asks it between columns and stops where time is up."""

from __future__ import annotations

from heldout.audits.finding import Look


class OutOfTime(Exception):  # noqa: N818 - not an error: the review reports it
    """The deadline passed while a check was looking."""


def watch(look: Look) -> None:
    """Raise OutOfTime once the deadline of the look has passed."""
    if look.deadline.passed:
        raise OutOfTime


def need(look: Look, seconds: float) -> None:
    """Raise OutOfTime where less than that is left: what costs much leaves a short run alone."""
    if look.deadline.left() < seconds:
        raise OutOfTime
