"""A cell that the schema does not accept. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """``row`` from 0; ``line`` of the file, 0 where there is none; ``column`` is empty where the
    whole row does not fit; ``value`` as it stood; ``expected`` in words."""

    row: int
    line: int
    column: str
    value: str
    expected: str

    def text(self) -> str:
        """One sentence.

        >>> Refusal(3, 5, "age", "abc", "a number").text()
        'row 3 (line 5), age: "abc" is not a number'
        """
        where = f"row {self.row}" + (f" (line {self.line})" if self.line else "")
        if not self.column:
            return f"{where}: {self.expected}"
        return f'{where}, {self.column}: "{self.value}" is not {self.expected}'
