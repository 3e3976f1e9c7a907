"""Near copies: rows that are equal but for a trace of noise in the numbers, or for one cell.

Two laws tell them from neighbors that are only alike. In d dimensions the share of honest rows
whose nearest neighbor is ten times nearer than their fifth is about 4 / 10**d, whatever the density
(d by Levina and Bickel 2005); and among honest rows fewer pairs differ in one cell than in two. The
target is never read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles, Hashes, Ints
from heldout.splits.content import column_hash, content_columns, mix, word
from heldout.tables.table import Table

FEWEST_ROWS, FEWEST_COLUMNS = 50, 4
SHARE, TIMES = 0.01, 3.0  # more rows than this, and than so many times what honest rows show
FEWEST_PAIRS = 10
NEAR = (0.1, 0.03, 0.01)  # of the distance to the fifth neighbor, tried in turn
FIFTH = 5
LARGEST = 0.05  # of all rows in one unit: larger ones are chains of neighbors, not copies
TREE_ROWS, ASKED = 50_000, 2_000  # rows up to which all are asked; rows that tell what is usual
GRIDS, CELL = 4, 8.0  # shifted grids for more rows, their cells in units of the near distance
RICH = 0.5  # of the rows must differ in the other columns: else equality there says nothing
MOST_PAIRS = 300  # pairs of columns that are left out together; more are sampled


@dataclass(frozen=True)
class Near:
    """``of`` (rows,) the first row that is nearly equal, itself where there is none; ``blurred``
    and ``altered`` count rows with such a partner, and ``honest`` the share expected of none;
    ``column`` is the one that alone differs, if it is always the same."""

    of: Ints
    blurred: int = 0
    altered: int = 0
    honest: float = 0.0
    column: str = ""

    @property
    def rows(self) -> int:
        """Rows that follow a row nearly equal to them."""
        return int((self.of != np.arange(len(self.of))).sum())


def near_copies(table: Table) -> Near:
    """Find them; where they cannot be told from honest neighbors every row stands alone."""
    nobody = Near(np.arange(table.rows, dtype=np.int64))
    names = [
        n for n in content_columns(table.schema, table.rows) if table.schema[n].kind != "image"
    ]
    if table.rows < FEWEST_ROWS or len(names) < FEWEST_COLUMNS:
        return nobody
    arrays = table.arrays(names)
    hashes = {n: mix(column_hash(arrays[n], table.schema[n]) ^ word(n)) for n in names}
    whole = np.zeros(table.rows, dtype=np.uint64)
    for h in hashes.values():
        whole = whole + h
    altered, column = _altered(list(hashes.items()), whole)
    numbers = [n for n in names if table.schema[n].kind == "number"]
    others = [hashes[n] for n in names if n not in numbers]
    blurred, honest = _blurred([arrays[n] for n in numbers], others, whole)
    of = nobody.of
    for pairs in (altered, blurred):
        if len(pairs):
            of = linked(of, pairs)
    if not len(altered) + len(blurred) or np.bincount(of).max() > LARGEST * table.rows:
        return nobody
    return Near(of, len(np.unique(blurred)), len(np.unique(altered)), honest, column)


def _altered(hashes: list[tuple[str, Hashes]], whole: Hashes) -> tuple[Ints, str]:
    """(pairs, 2) rows that differ in one cell, if more pairs do so than differ in two."""
    none: Ints = np.zeros((0, 2), dtype=np.int64)
    rows = len(whole)
    hashes = [(n, h) for n, h in hashes if len(np.unique(whole - h)) >= RICH * rows]
    if len(hashes) < 2:
        return none, ""
    equal = _equal_pairs(whole)
    left = [_equal_pairs(whole - h) for _, h in hashes]
    ones = [n - equal for n in left]
    if sum(ones) < max(FEWEST_PAIRS, SHARE * rows):
        return none, ""
    two = [(a, b) for a in range(len(hashes)) for b in range(a)]
    seen = two
    if len(two) * rows > MOST_PAIRS * 5_000:
        size = max(20, MOST_PAIRS * 5_000 // rows)
        seen = [two[i] for i in np.linspace(0, len(two) - 1, min(size, len(two))).astype(int)]
    twos = sum(
        _equal_pairs(whole - hashes[a][1] - hashes[b][1]) - left[a] - left[b] + equal
        for a, b in seen
    ) * (len(two) / len(seen))
    if sum(ones) <= twos:
        return none, ""
    found = [_next_equal(whole - h, whole) for (_, h), n in zip(hashes, ones, strict=True) if n > 0]
    most = int(np.argmax(ones))
    column = hashes[most][0] if ones[most] > 0.9 * sum(ones) else ""
    pairs = np.concatenate(found)
    return (pairs, column) if len(np.unique(pairs)) > SHARE * rows else (none, "")


def _equal_pairs(keys: Hashes) -> int:
    """How many pairs of rows have equal keys."""
    counts = np.unique(keys, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def _next_equal(keys: Hashes, whole: Hashes) -> Ints:
    """(pairs, 2) of rows with equal keys that follow each other, without exact copies."""
    order = np.lexsort((whole, keys))
    a, b = order[:-1], order[1:]
    hit = (keys[a] == keys[b]) & (whole[a] != whole[b])
    return np.stack([a[hit], b[hit]], axis=1)


def _blurred(numbers: list[Array], others: list[Hashes], whole: Hashes) -> tuple[Ints, float]:
    """(pairs, 2) equal but for a trace of noise in the numbers; beside it the honest share."""
    none: Ints = np.zeros((0, 2), dtype=np.int64)
    first = np.unique(whole, return_index=True)[1]  # exact copies have been found already
    key, columns = np.zeros(len(first), dtype=np.uint64), []
    for h in others:
        key = key + h[first]
    for place, values in enumerate(numbers):
        x = values[first]
        known = np.isfinite(x)
        key = key + mix(known.astype(np.uint64) + np.uint64(2 * place + 1))
        if known.any() and np.ptp(x[known]) > 0:
            low, high = np.quantile(x[known], (0.05, 0.95))
            spread = high - low if high > low else float(x[known].std())
            columns.append(np.where(known, (x - low) / spread, 0.0))
    if len(columns) < 2 or len(first) < FEWEST_ROWS:
        return none, 0.0
    z = np.stack(columns, axis=1)
    space = _Space(z)
    if space.dimension <= 0:
        return none, 1.0
    radius = NEAR[0] * space.reach
    pairs = _tree_pairs(z, key, radius) if len(z) <= TREE_ROWS else _grid(z, key, radius)
    ratio = space.ratios(z, pairs)
    for near in NEAR:
        found = pairs[ratio < near]
        rows, honest = len(np.unique(found)), space.honest(near)
        if rows >= 2 * FEWEST_PAIRS and rows / len(z) > SHARE + TIMES * honest:
            return first[found], honest
    return none, space.honest(NEAR[-1])


class _Space:
    """Distances between neighbors: how far the fifth one is, and in how many dimensions."""

    def __init__(self, z: Doubles) -> None:
        from scipy.spatial import cKDTree

        self.tree = cKDTree(z if len(z) <= TREE_ROWS else z[:: len(z) // TREE_ROWS + 1])
        rows = np.linspace(0, len(z) - 1, min(ASKED, len(z))).astype(np.int64)
        distance = np.asarray(self.tree.query(z[rows], k=FIFTH + 1)[0], dtype=np.float64)
        use = distance[:, 2] > 0
        self.reach = float(np.quantile(distance[:, FIFTH], 0.9))
        spread = np.log(distance[use, FIFTH, None] / distance[use, 2:FIFTH]).mean()
        enough = use.mean() > 0.5 and spread > 0
        self.dimension = float(1 / spread) if enough else 0.0

    def honest(self, near: float) -> float:
        """The share of honest rows whose nearest neighbor is ``near`` as far as the fifth."""
        return float(1 - (1 - near**self.dimension) ** (FIFTH - 1))

    def ratios(self, z: Doubles, pairs: Ints) -> Doubles:
        """(pairs,) distance of a pair over that to the fifth neighbor of its first row."""
        if not len(pairs):
            return np.zeros(0)
        rows, place = np.unique(pairs[:, 0], return_inverse=True)
        fifth = np.asarray(self.tree.query(z[rows], k=[FIFTH + 1])[0], dtype=np.float64)[:, 0]
        apart = np.sqrt(((z[pairs[:, 0]] - z[pairs[:, 1]]) ** 2).sum(axis=1))
        return np.asarray(apart / np.maximum(fifth[place], 1e-300), dtype=np.float64)


def _tree_pairs(z: Doubles, key: Hashes, radius: float) -> Ints:
    """Each row with its nearest one inside the radius, if all other cells are equal.

    Rows with different other cells are parted by one more coordinate."""
    from scipy.spatial import cKDTree

    codes = np.unique(key, return_inverse=True)[1].astype(np.float64)
    apart = np.column_stack([z, codes * (4 * radius)])
    distance, other = cKDTree(apart).query(apart, k=2, distance_upper_bound=radius)
    self_first = other[:, 0] == np.arange(len(z))
    partner = np.where(self_first, other[:, 1], other[:, 0])
    near = np.isfinite(np.where(self_first, distance[:, 1], distance[:, 0]))
    return np.stack([np.flatnonzero(near), partner[near]], axis=1).astype(np.int64)


def _grid(z: Doubles, key: Hashes, radius: float) -> Ints:
    """The same for many rows: equal cells of shifted grids, then the distance itself."""
    found = []
    for shift in range(GRIDS):
        cells = np.floor(z / (CELL * radius) + (shift + 0.5) / GRIDS).astype(np.int64)
        total = key.copy()
        for place in range(z.shape[1]):
            total = mix(total ^ cells[:, place].view(np.uint64)) + np.uint64(place)
        order = np.argsort(total, kind="stable")
        a, b = order[:-1], order[1:]
        hit = total[a] == total[b]
        a, b = a[hit], b[hit]
        close = ((z[a] - z[b]) ** 2).sum(axis=1) <= radius**2
        found.append(np.stack([a[close], b[close]], axis=1))
    return np.concatenate(found)


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
