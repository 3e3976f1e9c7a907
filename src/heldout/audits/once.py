"""What several checks of a review need is computed once and kept with the look."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from heldout.audits.finding import Look

T = TypeVar("T")


def once(look: Look, name: str, make: Callable[[], T]) -> T:
    """What ``make`` gives, made when it is first asked for under this name.

    >>> from heldout.audits import examples
    >>> look = examples.clean(60)
    >>> once(look, "rows", lambda: look.table.rows), once(look, "rows", lambda: 0)
    (60, 60)
    """
    return _kept(look.memo, name, make)


def once_for(look: Look, name: str, key: Hashable, make: Callable[[], T]) -> T:
    """The same for each of several, such as columns."""
    return _kept(look.memo.setdefault(name, {}), key, make)


def _kept(known: dict[Any, Any], key: Hashable, make: Callable[[], T]) -> T:
    if key not in known:
        known[key] = make()
    made: T = known[key]
    return made
