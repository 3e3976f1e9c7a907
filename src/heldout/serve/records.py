"""Records to typed columns: every value that cannot be taken is named, with what is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.bundle.edge import Edge
from heldout.core.arrays import Array
from heldout.core.names import count, nearest
from heldout.serve.body import LONGEST_TEXT, MOST_ROWS
from heldout.serve.problem import FieldError, ProblemError


@dataclass(frozen=True)
class Typed:
    """``columns`` of the accepted rows, their numbers, and the errors of the others by row."""

    columns: dict[str, Array]
    accepted: list[int]
    errors: dict[int, list[FieldError]]
    unknown: list[str]  # fields that the model does not take
    rows: int


def typed(records: Sequence[Any], edge: Edge) -> Typed:
    """Check and type ``records``; raises 413 (too many) and 422 (none, or not objects)."""
    if len(records) > MOST_ROWS:
        raise ProblemError(
            413, "H607", f"{count(len(records))} rows; at most {count(MOST_ROWS)} are taken at once"
        )
    if not records:
        raise ProblemError(422, "H608", "there is no row to answer")
    names = {c.name for c in edge.schema.inputs}
    pictures = {c.name for c in edge.schema.inputs if c.kind == "image"}
    rows: list[dict[str, Array]] = []
    accepted: list[int] = []
    errors: dict[int, list[FieldError]] = {}
    unknown: dict[str, None] = {}
    for i, record in enumerate(records):
        found, columns = _one(record, i, names, pictures, edge)
        if found:
            errors[i] = found
        else:
            rows.append(columns)
            accepted.append(i)
            unknown |= dict.fromkeys(n for n in record if n not in names)
    return Typed(_joined(rows), accepted, errors, list(unknown), len(records))


def _one(
    record: Any, i: int, names: set[str], pictures: set[str], edge: Edge
) -> tuple[list[FieldError], dict[str, Array]]:
    if not isinstance(record, Mapping):
        return [FieldError("(row)", record, "an object of fields and values", i)], {}
    errors = [_absent(name, record, names, i) for name in names if name not in record]
    errors += [
        FieldError(name, value, f"a text of at most {count(LONGEST_TEXT)} characters", i)
        for name, value in record.items()
        if isinstance(value, str) and len(value) > LONGEST_TEXT and name not in pictures
    ]
    if errors:
        return errors, {}
    columns, refused = edge.row(record)
    return [FieldError(r.column, record.get(r.column), r.expected, i) for r in refused], columns


def _absent(name: str, record: Mapping[str, Any], names: set[str], i: int) -> FieldError:
    """A field that is needed and not there; the nearest of the fields sent, if one is near."""
    near = nearest(name, [n for n in record if n not in names])
    return FieldError(name, None, "given; send null where its value is missing", i, near)


def _joined(rows: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    if not rows:
        return {}
    if len(rows) == 1:
        return dict(rows[0])
    return {name: np.concatenate([r[name] for r in rows]) for name in rows[0]}
