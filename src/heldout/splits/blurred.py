"""Rows whose numbers differ by a trace, all other cells being equal (see ``splits.near``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles, Hashes, Ints
from heldout.splits.content import mix
from heldout.splits.lowest import MOST_KEYS, lowest
from heldout.stats.standard import of_sorted
from heldout.tables.table import Table

FEWEST_ROWS, FEWEST_PAIRS = 50, 10
SHARE, TIMES = 0.01, 3.0  # more rows than this, and than so many times what honest rows show
NEAR = (0.1, 0.03, 0.01)  # of the distance to the fifth neighbor, tried in turn
FIFTH = 5
TREE_ROWS, SOME, ASKED = 50_000, 20_000, 2_000  # rows up to which all are asked; of more rows so
# many tell the density, and in both cases so many what is usual
GRIDS, CELL = 4, 8.0  # shifted grids for more rows, their cells in units of the near distance
DECIDING = 2  # of these grids, looked at in part first
DOUBT = 0.5  # of what is needed: from there on all rows are searched
ODD = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class _Scaled:
    """One column of numbers: ``(x - low) / spread``, 0 where there is none."""

    x: Doubles
    low: float
    spread: float

    def at(self, rows: Ints) -> Doubles:
        """Of some rows."""
        some = self.x[rows]
        return np.where(np.isfinite(some), (some - self.low) / self.spread, 0.0)


def blurred(table: Table, numbers: list[str], others: Hashes, whole: Hashes) -> tuple[Ints, float]:
    """(pairs, 2) of rows equal but for a trace of noise; beside it the share of honest rows that
    look so. ``others`` (rows,) hashes all cells that are no numbers, ``whole`` all cells."""
    none: Ints = np.zeros((0, 2), dtype=np.int64)
    first = np.sort(np.unique(whole, return_index=True)[1])  # exact copies are known already
    if len(first) < FEWEST_ROWS:
        return none, 0.0
    key, columns = others[first], []
    for place, name in enumerate(numbers):
        x = table.arrays([name])[name]
        x = x if len(first) == len(x) else x[first]
        known = np.isfinite(x)
        key = key + mix(known.astype(np.uint64) + np.uint64(2 * place + 1))
        found = _scaled(x, known)
        if found is not None:
            columns.append(found)
    if len(columns) < 2:
        return none, 0.0
    space = _Space(columns, len(first))
    if space.dimension <= 0:
        return none, 1.0
    radius = NEAR[0] * space.reach
    if len(first) <= TREE_ROWS:
        pairs = _tree_pairs(space.z, key, radius)
    elif _worth(columns, key, radius, space):
        cells = (_cells(columns, key, radius, shift) for shift in range(GRIDS))
        pairs = np.concatenate([_neighbors(columns, c, radius, np.arange(len(c))) for c in cells])
    else:
        return none, space.honest(NEAR[-1])
    return _judged(first, columns, space, pairs)


def _scaled(x: Doubles, known: Array) -> _Scaled | None:
    if not known.any():
        return None
    some = x[known]
    if np.ptp(some) <= 0:
        return None
    some = some[:: len(some) // (4 * TREE_ROWS) + 1]
    low, high = of_sorted(np.sort(some), (0.05, 0.95)).tolist()
    spread = high - low if high > low else float(x[known].std())
    return _Scaled(x, low, spread)


def _judged(first: Ints, columns: list[_Scaled], space: _Space, pairs: Ints) -> tuple[Ints, float]:
    """Those pairs that are so near that honest rows do not explain them, if any are."""
    ratio = space.ratios(columns, pairs)
    for near in NEAR:
        found = pairs[ratio < near]
        rows, honest = len(np.unique(found)), space.honest(near)
        if rows >= 2 * FEWEST_PAIRS and rows / len(first) > SHARE + TIMES * honest:
            return first[found], honest
    return np.zeros((0, 2), dtype=np.int64), space.honest(NEAR[-1])


def _worth(columns: list[_Scaled], key: Hashes, radius: float, space: _Space) -> bool:
    """Whether a part of the cells of two grids shows nearly as many near rows as are needed."""
    rows = len(key)
    share = min(1.0, 2 * MOST_KEYS / rows)
    for shift in range(DECIDING):
        cells = _cells(columns, key, radius, shift)
        some = np.flatnonzero(lowest(cells, share))
        pairs = _neighbors(columns, cells[some], radius, some)
        ratio = space.ratios(columns, pairs)
        for near in NEAR:
            seen = len(np.unique(pairs[ratio < near])) / share
            if seen > DOUBT * rows * (SHARE + TIMES * space.honest(near)):
                return True
    return False


class _Space:
    """Distances between neighbors: how far the fifth one is, and in how many dimensions.

    Of many rows a part is looked at, and distances are scaled to the density of all."""

    def __init__(self, columns: list[_Scaled], rows: int) -> None:
        from scipy.spatial import cKDTree

        every = np.arange(0, rows, 1 if rows <= TREE_ROWS else rows // SOME + 1)
        self.z: Doubles = np.stack([c.at(every) for c in columns], axis=1)
        self.tree = cKDTree(self.z)
        asked = np.linspace(0, len(self.z) - 1, min(ASKED, len(self.z))).astype(np.int64)
        distance = np.asarray(self.tree.query(self.z[asked], k=FIFTH + 1)[0], dtype=np.float64)
        use = distance[:, 2] > 0
        spread = np.log(distance[use, FIFTH, None] / distance[use, 2:FIFTH]).mean()
        enough = use.mean() > 0.5 and spread > 0
        self.dimension = float(1 / spread) if enough else 0.0
        self.closer = (len(self.z) / rows) ** (1 / self.dimension) if enough else 1.0
        self.reach = float(np.quantile(distance[:, FIFTH], 0.9)) * self.closer

    def honest(self, near: float) -> float:
        """The share of honest rows whose nearest neighbor is ``near`` as far as the fifth."""
        return float(1 - (1 - near**self.dimension) ** (FIFTH - 1))

    def ratios(self, columns: list[_Scaled], pairs: Ints) -> Doubles:
        """(pairs,) distance of a pair over that to the fifth neighbor of its first row."""
        if not len(pairs):
            return np.zeros(0)
        rows, place = np.unique(pairs[:, 0], return_inverse=True)
        z = np.stack([c.at(rows) for c in columns], axis=1)
        fifth = np.asarray(self.tree.query(z, k=[FIFTH + 1])[0], dtype=np.float64)[:, 0]
        fifth = np.maximum(fifth * self.closer, 1e-300)
        return np.asarray(_apart(columns, pairs) / fifth[place], dtype=np.float64)


def _apart(columns: list[_Scaled], pairs: Ints) -> Doubles:
    """(pairs,) distances."""
    square = np.zeros(len(pairs))
    for c in columns:
        square += (c.at(pairs[:, 0]) - c.at(pairs[:, 1])) ** 2
    return np.sqrt(square)


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


def _cells(columns: list[_Scaled], key: Hashes, radius: float, shift: int) -> Hashes:
    """(rows,) hash of the cell of a shifted grid and of all cells that are no numbers."""
    made = key.copy()
    size = CELL * radius
    for place, c in enumerate(columns):
        at = (c.x - c.low) * (1 / (c.spread * size)) + (shift + 0.5) / GRIDS
        np.floor(np.nan_to_num(at, copy=False, nan=0.0, posinf=0.0, neginf=0.0), out=at)
        np.clip(at, -(2.0**62), 2.0**62, out=at)
        cell = at.astype(np.int64).view(np.uint64)
        cell *= np.uint64((ODD * (2 * place + 1)) % 2**64)
        made += cell
        made ^= made >> np.uint64(29)
    return mix(made)


def _neighbors(columns: list[_Scaled], cells: Hashes, radius: float, rows: Ints) -> Ints:
    """(pairs, 2) of ``rows`` that follow each other in one cell, inside the radius."""
    order = np.argsort(cells, kind="stable")
    a, b = order[:-1], order[1:]
    hit = cells[a] == cells[b]
    pairs = np.stack([rows[a[hit]], rows[b[hit]]], axis=1)
    return np.asarray(pairs[_apart(columns, pairs) <= radius], dtype=np.int64)
