"""How much is sealed, how many folds, how often: the table of contract 1 as a total function.

The figures behind it: below 1,000 rows a seal of 20 % doubles the error of the estimate, from
5,000 on its half-width is about 0.02 of an accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.errors import HeldoutError
from heldout.core.names import count, nearest
from heldout.splits.assign import apportion

PROTOCOLS = ("holdout", "kfold", "repeated", "80/10/10", "90/10")
PURGED = "purged"  # where time rules; sized like kfold
SEAL_FROM = (1_000, 150)  # rows and rarest class from which --seal is accepted
LEAST_OF_RAREST = 100


@dataclass(frozen=True)
class Size:
    """``sealed`` samples (or groups) set aside; ``folds`` 1 means one validation split of
    ``validation`` of the open ones; ``repeats`` promised, ``at_most`` if the budget allows."""

    protocol: str  # holdout, kfold, repeated
    sealed: int
    folds: int
    repeats: int = 1
    at_most: int = 1
    validation: float = 0.0
    least: int = 0  # sealed of the rarest class, at least
    words: str = ""


def folds_before_counting(n: int) -> int:
    """How many members a class needs to be scored: one for each fold.

    >>> folds_before_counting(900), folds_before_counting(9_000), folds_before_counting(900_000)
    (10, 5, 10)
    """
    return 5 if 5_000 <= n < 200_000 else 10


def choose(n: int, rarest: int, *, seal: bool | None = None, protocol: str | None = None) -> Size:
    """First row that matches; ``seal`` and ``protocol`` overrule.

    n and rarest count samples, or groups where samples have groups.

    >>> choose(7043, 1869).sealed, choose(7043, 1869).folds
    (1409, 5)
    >>> choose(690, 300).protocol, choose(690, 300).repeats, choose(200, 90).repeats
    ('repeated', 5, 10)
    """
    if protocol is not None:
        return _named(n, rarest, seal, protocol)
    sealed = _sealed(n, rarest, seal)
    if n >= 200_000 and (sealed or (seal is False and rarest >= 500)):
        return Size("holdout", sealed, 1, validation=0.1, least=_least(sealed), words=_PLENTY)
    if sealed:
        return Size("kfold", sealed, 5, least=_least(sealed), words=_SEALED)
    if n < 1_000:
        times = 10 if n < 300 else 5
        return Size("repeated", 0, 10, times, times, words=_FEW)
    if n < 5_000:
        return Size("kfold", 0, 10, 1, 5, words=_SOME)
    return Size("kfold", 0, 5, words=_SEAL_REFUSED if seal is False else _RARE)


_PLENTY = "there is plenty: one validation split is precise enough"
_SEALED = "enough to set some aside for one final measurement"
_FEW = "few samples: every one validates, and shuffling anew evens out the luck of a split"
_SOME = "too few to set some aside without doubling the error of the score"
_RARE = "too few of the rarest class to set some aside"
_SEAL_REFUSED = "no seal was asked for"
_ASKED = "asked for"


def _least(sealed: int) -> int:
    return LEAST_OF_RAREST if sealed else 0


def _sealed(n: int, rarest: int, seal: bool | None) -> int:
    """How many to set aside, 0 where none; raises H264 where ``--seal`` cannot be had."""
    if seal is False:
        return 0
    if n >= 200_000 and rarest >= 500:
        return min(50_000, max(20_000, round(0.1 * n)))
    if n >= 5_000 and rarest >= 500:
        return min(20_000, round(0.2 * n))
    if seal:
        if n < SEAL_FROM[0] or rarest < SEAL_FROM[1]:
            raise HeldoutError(
                "H264",
                f"{count(n)} samples, {count(rarest)} of the rarest class, are too few to seal any",
                seen=f"--seal needs {count(SEAL_FROM[0])} and {count(SEAL_FROM[1])}",
                why="a score measured on so few would be wider than the cross-validated one",
                do=["leave --seal out: the score is cross-validated and says so"],
            )
        return round(0.2 * n)
    return 0


def _named(n: int, rarest: int, seal: bool | None, protocol: str) -> Size:
    if protocol == "80/10/10":
        part = apportioned(n)
        return Size("holdout", part, 1, validation=part / max(1, n - part), words=_ASKED)
    if protocol == "90/10":
        return Size("kfold", 0, 10, words=_ASKED)
    sealed = _sealed(n, rarest, seal)
    least = _least(sealed)
    if protocol == "holdout":
        share = 0.1 if n >= 200_000 else 0.2
        return Size("holdout", sealed, 1, validation=share, least=least, words=_ASKED)
    folds = 5 if n >= 5_000 else 10
    if protocol == "kfold":
        return Size("kfold", sealed, folds, least=least, words=_ASKED)
    if protocol == "repeated":
        times = 10 if n < 300 else 5
        return Size("repeated", sealed, folds, times, times, least=least, words=_ASKED)
    near = nearest(protocol, (*PROTOCOLS, PURGED))
    raise HeldoutError(
        "H103",
        f'there is no protocol "{protocol}"',
        seen=f"known: {', '.join((*PROTOCOLS, PURGED))}",
        why="the protocol decides which rows are trained on and which are scored",
        do=[f"--protocol {near}"] if near else ["leave --protocol out"],
    )


def apportioned(n: int) -> int:
    """The tenth that is set aside by 80/10/10, by largest remainder.

    >>> apportioned(1000), apportioned(1003)
    (100, 100)
    """
    return int(apportion(np.array([80, 10, 10]), n)[2])
