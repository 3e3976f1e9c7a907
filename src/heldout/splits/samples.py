"""From a table and a task to Samples: who belongs together, what comes first, what is equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Hashes, Ints
from heldout.splits.content import column_hashes, content, content_columns, table_content
from heldout.splits.near import Near, linked, near_copies
from heldout.splits.plan import Samples
from heldout.tables.schema import NULL_DATE, Column
from heldout.tables.table import Table
from heldout.tasks.task import Task


@dataclass(frozen=True)
class Repeats:
    """Which rows are equal, or nearly so, in ``names``: their ``content`` hash (rows,), ``copy_of``
    (rows,) the first row like it, and the near ones by themselves."""

    names: tuple[str, ...]
    content: Hashes
    copy_of: Ints
    near: Near


def repeats_of(table: Table) -> Repeats:
    """Compare all rows; what it costs is worth keeping, as several steps need it."""
    names = content_columns(table.schema, table.rows)
    hashes = column_hashes(table, names)
    same = table_content(table, hashes)
    copies = first_equal(same)
    near = near_copies(table, hashes)
    if near.rows:
        pairs = np.stack([np.arange(table.rows, dtype=np.int64), near.of], axis=1)
        copies = linked(copies, pairs)
    return Repeats(tuple(names), same, copies, near)


def make_samples(table: Table, task: Task, known: Repeats | None = None) -> Samples:
    """One sample per row; see ``Samples`` for shapes.

    Groups are equal values of all of ``task.group``; the order is that of ``task.time``, the
    first column first, ``("row",)`` being the order of the file; a missing time comes first.
    Near copies (``splits.near``) count as copies. ``known`` are the ``repeats_of`` these rows: it is
    taken where the same columns make them equal.
    """
    if known is None or list(known.names) != content_columns(table.schema, table.rows):
        known = repeats_of(table)
    group, entity = _groups(table, task.group)
    return Samples(
        index=np.arange(table.rows, dtype=np.int64),
        group=group,
        time=_order(table, task.time),
        copy_of=known.copy_of,
        content=known.content,
        entity=entity,
        near=known.near.rows,
        near_keys=known.near.keys,
    )


def first_equal(keys: Array) -> Ints:
    """The first position that holds the same key.

    >>> first_equal(np.array([7, 5, 7, 5, 1])).tolist()
    [0, 1, 0, 1, 4]
    """
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return np.asarray(first[inverse.reshape(-1)], dtype=np.int64)


def _groups(table: Table, names: tuple[str, ...]) -> tuple[Ints | None, Hashes | None]:
    if not names:
        return None, None
    entity = content(table.arrays(names), table.schema)
    _, codes = np.unique(first_equal(entity), return_inverse=True)
    return np.asarray(codes, dtype=np.int64), entity


def _order(table: Table, names: tuple[str, ...]) -> Ints | None:
    if not names:
        return None
    if names == ("row",):
        return np.arange(table.rows, dtype=np.int64)
    arrays = table.arrays(names)
    ranks = [_rank(arrays[name], table.schema[name]) for name in names]
    order = np.lexsort(ranks[::-1])
    rows = np.stack(ranks, axis=1)[order]
    new = np.r_[False, (rows[1:] != rows[:-1]).any(axis=1)]
    time = np.empty(table.rows, dtype=np.int64)
    time[order] = np.cumsum(new)
    return time


def _rank(values: Array, column: Column) -> Ints:
    """Dense ranks, a missing value below all others."""
    if column.kind in ("number", "boolean"):
        filled = np.where(np.isnan(values), -np.inf, values)
        return np.asarray(np.unique(filled, return_inverse=True)[1], dtype=np.int64)
    if column.kind == "date":
        assert np.iinfo(np.int64).min == NULL_DATE
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)
