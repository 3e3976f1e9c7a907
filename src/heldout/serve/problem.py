"""What is wrong with a request, as an HTTP status and JSON that names field and expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One value that cannot be taken. ``row`` counts from 0; ``nearest`` is a name we know."""

    field: str
    value: Any
    expected: str
    row: int = 0
    nearest: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, long values cut."""
        told: dict[str, Any] = {
            "row": self.row,
            "field": self.field,
            "value": _short(self.value),
            "expected": self.expected,
        }
        if self.nearest is not None:
            told["nearest"] = self.nearest
        return told

    @property
    def text(self) -> str:
        """In words."""
        near = f' (the nearest name is "{self.nearest}")' if self.nearest else ""
        value = "nothing" if self.value is None else f'"{_short(self.value)}"'
        return f"{self.field}: {value} is not {self.expected}{near}"


class ProblemError(Exception):
    """Ends a request with ``status``; ``code`` is one of ours (H6..)."""

    def __init__(
        self, status: int, code: str, what: str, errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(what)
        self.status = status
        self.code = code
        self.what = what
        self.errors = tuple(errors)

    def as_dict(self) -> dict[str, Any]:
        """The body of the reply."""
        told: dict[str, Any] = {"error": self.what, "code": self.code}
        if self.errors:
            told["errors"] = [e.as_dict() for e in self.errors[:100]]
        return told


def _short(value: Any) -> Any:
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
