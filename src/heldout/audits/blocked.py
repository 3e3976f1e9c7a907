"""What earlier checks of a review have set aside or asked, so that later ones look past it."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.audits.finding import Look


def block(look: Look, columns: Iterable[str]) -> None:
    """Remember that these columns are set aside."""
    look.memo.setdefault("blocked", set()).update(columns)


def blocked(look: Look) -> frozenset[str]:
    """Columns that a check of this review has set aside."""
    return frozenset(look.memo.get("blocked", ()))


def ask(look: Look, column: str) -> None:
    """Remember that the person is asked about this column."""
    look.memo.setdefault("asked", set()).add(column)


def asked(look: Look) -> frozenset[str]:
    """Columns about which a question was put."""
    return frozenset(look.memo.get("asked", ()))


def answer(look: Look, columns: Iterable[str]) -> None:
    """Remember that the person has said that these are known at the moment of prediction."""
    look.memo["answered"] = frozenset(columns)


def answered(look: Look) -> frozenset[str]:
    """Columns about which the person has been asked before, and has answered."""
    known: frozenset[str] = look.memo.get("answered", frozenset())
    return known
