"""Nearest names and numbers in words, the same on every screen."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar of ``names``, or None where nothing is near.

    >>> nearest("churned", ["Churn", "tenure"])
    'Churn'
    """
    by_lower = {n.lower(): n for n in names}
    hits = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[hits[0]] if hits else None


def count(n: float) -> str:
    """A whole number with commas, in every locale.

    >>> count(1409)
    '1,409'
    """
    return f"{round(n):,}"


def quoted(path: object) -> str:
    """A path or name as it must be typed into a shell.

    >>> quoted("my file.csv")
    "'my file.csv'"
    """
    return shlex.quote(str(path))


def plural(n: int, word: str, many: str | None = None) -> str:
    """Number and word together.

    >>> plural(1, "row"), plural(2, "row"), plural(0, "class", "classes")
    ('1 row', '2 rows', '0 classes')
    """
    return f"{count(n)} {word if n == 1 else many or word + 's'}"
