"""The words that a column's name is made of."""

from __future__ import annotations

import re

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> set[str]:
    """The words of a name, in lower case.

    >>> sorted(words("customerAge_years"))
    ['age', 'customer', 'years']
    """
    return {w.lower() for w in WORD.findall(name)}
