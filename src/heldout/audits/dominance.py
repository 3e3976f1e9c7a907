"""The best single column against all others together (rules R1 and R2).

Honest information is usually shared: a column that beats everything else alone is suspect.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from heldout.audits.blocked import blocked
from heldout.audits.finding import Look
from heldout.audits.goal import Goal, goal
from heldout.audits.once import once_for
from heldout.audits.rest import rest_losses
from heldout.audits.shallow import as_codes
from heldout.audits.singles import Single, copies_of, singles, sums_of, values_of
from heldout.core.arrays import Doubles

DETERMINES = 0.9  # skill from which one column is the target
COPY, NOTHING = 0.99, 0.05  # skill asked for where all others have hardly any
TIMES = 3.0  # as much left unexplained by all others
DOMINATES = 0.25  # skill from which a lead is worth a question
LEAD = 0.05
HALF = 0.5  # skill from which it is asked what the best column adds to the others
RENAMED = 10  # rows of each class
SUM = 0.5  # skill from which a sum of the best column stands on its side
Z = 4.0


@dataclass(frozen=True)
class Duel:
    """``top`` and its ``copies`` against the rest, with ``skill`` and z of the lead."""

    top: Single
    copies: tuple[str, ...]
    rest: float
    z: float
    renamed: bool = False  # whether its values are the classes under other names

    @property
    def family(self) -> tuple[str, ...]:
        """The column and those that say the same."""
        return (self.top.column, *self.copies)

    @property
    def determines(self) -> bool:
        """Rule R1. Values that are the classes, one by one, need no lead that is certain: with a rare
        class few rows show one. Where nothing else says anything (a law of nature, a designed experiment),
        only a copy of the target blocks: what is set aside there leaves nothing to learn."""
        if self.renamed:
            return True
        own = 1.0 - self.top.skill
        least = DETERMINES if self.rest > NOTHING else COPY
        return self.top.skill >= least and self.z > Z and 1.0 - self.rest > TIMES * own

    @property
    def dominates(self) -> bool:
        """Rule R2."""
        return self.top.skill >= DOMINATES and self.z > Z and self.top.skill - self.rest > LEAD


def duel(
    look: Look, without: Collection[str], *, sums: bool = False, always: bool = False
) -> Duel | None:
    """The best column left against the others; None where no rule could hold (``always``: even
    where the second is near).

    With ``sums`` columns that only sum up the best one, as a grade sums up its subgrades, stand
    on its side. All others together know at least what the best of them knows, which saves fits.
    """
    left = [s for name, s in singles(look).items() if name not in without]
    if look.learner is None or not left or left[0].skill < DOMINATES:
        return None
    top = left[0]
    copies = copies_of(look, top.column, [s.column for s in left])
    if sums and top.skill >= DETERMINES:
        copies += sums_of(look, top.column, [s.column for s in left if s.skill >= SUM])
        copies = list(dict.fromkeys(copies))
    others = [s.skill for s in left if s.column != top.column and s.column not in copies]
    second = max(others, default=0.0)
    aim = goal(look)
    renamed = _is_renamed(look, top.column, aim)
    may_determine = top.skill >= DETERMINES and 1.0 - second > TIMES * (1.0 - top.skill)
    if (
        not renamed
        and not may_determine
        and top.skill - second <= LEAD
        and not (always and top.skill >= HALF)
    ):
        return None
    aside = frozenset({*without, top.column, *copies})
    losses = _rest(look, aside)
    return Duel(top, tuple(copies), aim.skill(losses), aim.z(losses, top.losses), renamed)


def _is_renamed(look: Look, name: str, aim: Goal) -> bool:
    """Whether equal values and equal classes are the same rows, of each ``RENAMED`` at least."""
    if not aim.classes:
        return False
    values, classes = values_of(look, name), aim.y.astype(np.int64)
    if values.dtype == object:
        codes = as_codes(values)
    else:
        codes = np.unique(values, return_inverse=True)[1]
    counts = np.unique(codes * aim.classes + classes, return_counts=True)[1]
    one_to_one = len(np.unique(codes)) == len(np.unique(classes)) == len(counts)
    return bool(one_to_one and counts.min() >= RENAMED)


def with_all(look: Look, found: Duel) -> tuple[float, float, float]:
    """Skill of all columns, of all but the duel's family, and z of the gain."""
    aim = goal(look)
    whole = _rest(look, frozenset(blocked(look)))
    rest = _rest(look, frozenset({*blocked(look), *found.family}))
    return aim.skill(whole), aim.skill(rest), aim.z(rest, whole)


def _rest(look: Look, aside: frozenset[str]) -> Doubles:
    losses = once_for(look, "rest", aside, lambda: rest_losses(look, aside))
    assert losses is not None
    return losses
