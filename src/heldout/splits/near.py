"""Near copies: rows that are equal but for a trace of noise in the numbers, or for one cell.

Two laws tell them from neighbors that are only alike. In d dimensions the share of honest rows
whose nearest neighbor is ten times nearer than their fifth is about 4 / 10**d, whatever the density
(d by Levina and Bickel 2005); and among honest rows fewer pairs differ in one cell than in two. The
target is never read.

Whether there are any is decided on about ``MOST_KEYS`` keys: where there are more rows, on those
whose key (a hash of the cells that should be equal) is among the lowest, so that both rows of a
pair are looked at or neither. Only where there are some all rows are searched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from heldout.core.arrays import Hashes, Ints
from heldout.splits.alike import alike
from heldout.splits.blurred import blurred
from heldout.splits.content import column_hashes, content_columns, total
from heldout.splits.lowest import MOST_KEYS, lowest
from heldout.tables.table import Table

FEWEST_ROWS, FEWEST_COLUMNS = 50, 4
SHARE = 0.01  # more rows than this
FEWEST_PAIRS = 10
LARGEST = 0.05  # of all rows in one unit: larger ones are chains of neighbors, not copies
RICH = 0.5  # of the rows must differ in the other columns: else equality there says nothing
MOST_PAIRS = 300  # pairs of columns that are left out together; more are sampled


@dataclass(frozen=True)
class Near:
    """``of`` (rows,) the first row that is nearly equal, itself where there is none; ``blurred``
    and ``altered`` count rows with such a partner, and ``honest`` the share expected of none;
    ``column`` is the one that alone differs, if it is always the same; ``keys``: about how many
    were looked at; ``pictures`` counts rows whose picture is nearly that of another row."""

    of: Ints
    blurred: int = 0
    altered: int = 0
    honest: float = 0.0
    column: str = ""
    keys: int = 0
    pictures: int = 0

    @property
    def rows(self) -> int:
        """Rows that follow a row nearly equal to them."""
        return int((self.of != np.arange(len(self.of))).sum())


def near_copies(table: Table, hashes: Mapping[str, Hashes] | None = None) -> Near:
    """Find them; where they cannot be told from honest neighbors every row stands alone.

    ``hashes`` are ``content.column_hashes`` of the table, where they are known already.
    """
    keys = min(table.rows, MOST_KEYS)
    nobody = Near(np.arange(table.rows, dtype=np.int64), keys=keys)
    names = [
        n for n in content_columns(table.schema, table.rows) if table.schema[n].kind != "image"
    ]
    pictures = alike(table)
    if table.rows < FEWEST_ROWS or len(names) < FEWEST_COLUMNS:
        return _of_pictures(nobody, pictures)
    if hashes is None:
        hashes = column_hashes(table, names)
    whole = total((hashes[n] for n in names), table.rows)
    altered, column = _altered([(n, hashes[n]) for n in names], whole)
    numbers = [n for n in names if table.schema[n].kind == "number"]
    others = total((hashes[n] for n in names if table.schema[n].kind != "number"), table.rows)
    near, honest = blurred(table, numbers, others, whole)
    of = nobody.of
    for pairs in (altered, near):
        if len(pairs):
            of = linked(of, pairs)
    if not len(altered) + len(near) or np.bincount(of).max() > LARGEST * table.rows:
        return nobody
    return Near(of, len(np.unique(near)), len(np.unique(altered)), honest, column, keys)


def _of_pictures(nobody: Near, pairs: Ints) -> Near:
    """Where nothing but pictures tells rows apart; chains through half of the table are no copies."""
    if not len(pairs):
        return nobody
    of = linked(nobody.of, pairs)
    if np.bincount(of).max() > len(of) / 2:
        return nobody
    return replace(nobody, of=of, pictures=len(np.unique(pairs)))


def _altered(hashes: list[tuple[str, Hashes]], whole: Hashes) -> tuple[Ints, str]:
    """(pairs, 2) rows that differ in one cell, if more pairs do so than differ in two."""
    none: Ints = np.zeros((0, 2), dtype=np.int64)
    rows = len(whole)
    share = min(1.0, MOST_KEYS / rows)
    telling, counts = [], []
    for name, h in hashes:
        alike, different = _equal(whole - h, share)
        if different >= RICH * rows:
            telling.append((name, h))
            counts.append(alike)
    if len(telling) < 2:
        return none, ""
    equal = _equal(whole, share)[0]
    ones = [n - equal for n in counts]
    if sum(ones) < max(FEWEST_PAIRS, SHARE * rows):
        return none, ""
    two = [(a, b) for a in range(len(telling)) for b in range(a)]
    seen = two
    if len(two) * rows * share > MOST_PAIRS * 5_000:
        size = max(20, int(MOST_PAIRS * 5_000 / (rows * share)))
        seen = [two[i] for i in np.linspace(0, len(two) - 1, min(size, len(two))).astype(int)]
    twos = sum(
        _equal(whole - telling[a][1] - telling[b][1], share)[0] - counts[a] - counts[b] + equal
        for a, b in seen
    ) * (len(two) / len(seen))
    if sum(ones) <= twos:
        return none, ""
    found = [
        _next_equal(whole - h, whole) for (_, h), n in zip(telling, ones, strict=True) if n > 0
    ]
    most = int(np.argmax(ones))
    column = telling[most][0] if ones[most] > 0.9 * sum(ones) else ""
    pairs = np.concatenate(found)
    return (pairs, column) if len(np.unique(pairs)) > SHARE * rows else (none, "")


def _equal(keys: Hashes, share: float) -> tuple[float, float]:
    """How many pairs of rows have equal keys, and how many keys differ; where ``share`` is below
    1, by the keys that are among the lowest."""
    kept = keys if share >= 1 else keys[lowest(keys, share)]
    counts = np.unique(kept, return_counts=True)[1].astype(np.int64)
    return float((counts * (counts - 1) // 2).sum()) / share, len(counts) / share


def _next_equal(keys: Hashes, whole: Hashes) -> Ints:
    """(pairs, 2) of rows with equal keys that follow each other, without exact copies."""
    order = np.lexsort((whole, keys))
    a, b = order[:-1], order[1:]
    hit = (keys[a] == keys[b]) & (whole[a] != whole[b])
    return np.stack([a[hit], b[hit]], axis=1)


def linked(of: Ints, pairs: Ints) -> Ints:
    """The first row of each connected part, given pairs of rows."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(of)
    a = np.concatenate([pairs[:, 0], np.arange(n)])
    b = np.concatenate([pairs[:, 1], of])
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    first = np.unique(label, return_index=True)[1]
    return np.asarray(first[label], dtype=np.int64)
