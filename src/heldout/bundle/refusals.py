"""A refused row in words: where, what stands there, what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Refused(Protocol):
    """What ``tables.answering.Refusal`` tells."""

    @property
    def row(self) -> int: ...
    @property
    def line(self) -> int | None: ...
    @property
    def column(self) -> str: ...
    @property
    def value(self) -> object: ...
    @property
    def expected(self) -> str: ...


def reason(refusals: Iterable[Refused]) -> str:
    """One line for all refusals of one row."""
    return "; ".join(_one(r) for r in refusals)


def _one(refusal: Refused) -> str:
    if not refusal.column:
        return f"line {refusal.line}: {refusal.expected}" if refusal.line else refusal.expected
    value = str(refusal.value)
    shown = value if len(value) <= 60 else value[:57] + "..."
    where = f"line {refusal.line}, " if refusal.line else ""
    return f'{where}{refusal.column}: "{shown}" is not {refusal.expected}'
