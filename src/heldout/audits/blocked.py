"""What earlier checks of a review have set aside, so that later ones look past it."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.audits.finding import Look


def block(look: Look, columns: Iterable[str]) -> None:
    """Remember that these columns are set aside."""
    look.memo.setdefault("blocked", set()).update(columns)


def blocked(look: Look) -> frozenset[str]:
    """Columns that a check of this review has set aside."""
    return frozenset(look.memo.get("blocked", ()))
