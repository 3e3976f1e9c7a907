"""Column and Schema: what each column is, which part it plays, and why.

Pure data, standard library only: the bundle carries it as ``schema.json`` and the answering side
reads it without Polars. ``edge rule`` is how a raw cell becomes a typed value; it is written in
``docs/edge.md`` and held by shared vectors in Python, Polars and JavaScript.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, plural

Kind = Literal["number", "category", "boolean", "date", "text", "image"]
Role = Literal["input", "target", "group", "time", "weight", "ignored", "computed"]

NULL = "\x01null"  # a missing string, as the graph sees it
NULL_DATE = -(2**63)  # a missing date, as the graph sees it


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``levels`` are the values of a category in order of code, or the two words (false, true) of a
    boolean; ``formats`` the accepted forms of a date (strptime, or "epoch_s", "epoch_ms") or of a
    number ("grouped" and signs such as "%");
    ``missing`` the texts read as missing, besides the empty cell; ``low`` and ``high`` the range
    seen (dates: microseconds UTC); ``size`` height and width of a picture as the model sees it,
    by the rule that ``formats`` names; ``formula`` the expression that a column is computed by
    (``primitives.expression``): the file does not hold it.
    """

    name: str
    kind: Kind
    role: Role = "input"
    reason: str = ""
    missing: tuple[str, ...] = ()
    nulls: int = 0
    distinct: int = 0
    levels: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    decimal: str = "."
    whole: bool = False
    low: float | None = None
    high: float | None = None
    size: tuple[int, ...] = ()
    formula: str = ""

    def replace(self, **changes: Any) -> Column:
        """A copy with other fields."""
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class Schema:
    """All columns, in the order of the file."""

    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [c.name for c in self.columns]

    def __getitem__(self, name: str) -> Column:
        """The column of that name; raises H104 with the nearest name."""
        found = self._by_name.get(name)
        if found is not None:
            return found
        near = nearest(name, self.names)
        raise HeldoutError(
            "H104",
            f'the table has no column "{name}"',
            seen=f"{plural(len(self), 'column')}: {_some(self.names)}"
            + (f'; the nearest name is "{near}"' if near is not None else ""),
            why="a column that is not there cannot be used",
            do=[self._instead(near)],
        )

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def _instead(self, near: str | None) -> str:
        if near is not None:
            return f'say "{near}" instead'
        if self.names[:1] == ["column_0"]:
            return "say one of these, or add --header if the first line holds names"
        return "say one of these"

    @cached_property
    def _by_name(self) -> dict[object, Column]:
        return {c.name: c for c in reversed(self.columns)}

    def of_role(self, *roles: Role) -> list[Column]:
        """The columns that play one of these parts."""
        return [c for c in self.columns if c.role in roles]

    @property
    def inputs(self) -> list[Column]:
        """What the model sees."""
        return self.of_role("input")

    @property
    def computed(self) -> list[Column]:
        """Inputs of the model that are computed from others, in order."""
        return [c for c in self.of_role("input", "computed") if c.formula]

    def asked(self) -> Schema:
        """The schema as those who ask see it: computed columns are no inputs to be given."""
        return self.update({c.name: c.replace(role="computed") for c in self.computed})

    def update(self, changes: Mapping[str, Column]) -> Schema:
        """A copy with some columns replaced by name."""
        return Schema(tuple(changes.get(c.name, c) for c in self.columns))

    def with_roles(self, roles: Mapping[str, Role], reason: str) -> Schema:
        """A copy in which the named columns play another part."""
        return self.update(
            {n: self[n].replace(role=role, reason=reason) for n, role in roles.items()}
        )

    def as_dict(self) -> list[dict[str, Any]]:
        """JSON-able."""
        return [dataclasses.asdict(c) for c in self.columns]

    @classmethod
    def from_dict(cls, columns: Sequence[Mapping[str, Any]]) -> Schema:
        """The inverse of ``as_dict``."""
        made = []
        for c in columns:
            fields: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in c.items()
            }
            made.append(Column(**fields))
        return cls(tuple(made))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(name[:40] for name in names[:8]) + more
