"""Who goes where: the first by rank of a hash, or into folds of equal size and like strata."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles, Hashes, Ints
from heldout.splits.units import Units


def apportion(weights: Array, total: int) -> Ints:
    """``total`` whole parts in proportion to ``weights``, by largest remainder (Hamilton).

    >>> apportion(np.array([80, 10, 10]), 1003).tolist()
    [803, 100, 100]
    """
    exact = np.asarray(weights, dtype=np.float64)
    exact = exact * (total / exact.sum()) if exact.sum() > 0 else exact * 0.0
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def first_by_rank(
    units: Units,
    order: Hashes,
    wanted: int,
    *,
    by_rows: bool,
    least: int = 0,
    among: Bools | None = None,
    leave: int = 0,
) -> Bools:
    """(units,) whether a unit is among the first by ``order``, within its stratum.

    ``wanted`` rows (or units, where not ``by_rows``) in proportion to the strata; ``least`` of
    every stratum that has twice as many; ``leave`` units of each stratum stay behind. A unit too
    large for its stratum's part is passed over.
    """
    taken = np.zeros(len(units), dtype=bool)
    allowed = np.ones(len(units), dtype=bool) if among is None else among
    weight = units.size if by_rows else np.ones(len(units), dtype=np.int64)
    kinds = units.counts.shape[1]
    held = np.bincount(units.stratum[allowed], weight[allowed], kinds).astype(np.int64)
    quota = apportion(held, min(wanted, int(held.sum())))
    quota = np.maximum(quota, np.where(held >= 2 * least, least, 0))
    for kind in np.flatnonzero(quota):
        own = np.flatnonzero(allowed & (units.stratum == kind))
        own = own[np.argsort(order[own], kind="stable")]
        fits = own[(weight[own] == 1) | (weight[own] <= quota[kind] // 2)]
        inside = fits[np.cumsum(weight[fits]) <= quota[kind]]
        taken[inside[: max(0, len(own) - leave)]] = True
    return taken


def into_folds(units: Units, order: Hashes, folds: int, among: Bools | None = None) -> Ints:
    """(units,) fold numbers from 0, -1 for units not ``among``.

    Units of one sample: sizes differ by at most 1, overall and in every stratum. Larger units
    are placed first, each where it disturbs the strata least.
    """
    fold = np.full(len(units), -1, dtype=np.int64)
    allowed = np.ones(len(units), dtype=bool) if among is None else among
    strata_rows = np.maximum(1, units.counts[allowed].sum(axis=0)).astype(np.float64)
    held = np.zeros((folds, units.counts.shape[1]), dtype=np.float64)
    _place_large(units, order, np.flatnonzero(allowed & (units.size > 1)), strata_rows, held, fold)
    single = allowed & (units.size == 1)
    rare_first = np.argsort(strata_rows, kind="stable")
    for kind in rare_first:
        own = np.flatnonzero(single & (units.stratum == kind))
        own = own[np.argsort(order[own], kind="stable")]
        give = _level(held[:, kind], held.sum(axis=1), len(own))
        fold[own] = np.repeat(np.arange(folds), give)
        held[:, kind] += give
    return fold


def _place_large(
    units: Units, order: Hashes, large: Ints, rows: Doubles, held: Doubles, fold: Ints
) -> None:
    """Largest first; the fold where the squared shares of strata and of rows grow least."""
    every = rows.sum()
    for unit in large[np.lexsort((order[large], -units.size[large]))]:
        mine = units.counts[unit]
        kinds = np.flatnonzero(mine)
        growth = held[:, kinds] @ (mine[kinds] / rows[kinds] ** 2)
        growth += held.sum(axis=1) * (units.size[unit] / every**2)
        best = int(np.argmin(growth))
        fold[unit] = best
        held[best, kinds] += mine[kinds]


def _level(held: Doubles, totals: Doubles, amount: int) -> Ints:
    """How many of ``amount`` each fold gets, so that the lowest are filled up evenly first."""
    level = int(held.min())
    step = 1 << max(1, amount).bit_length()
    while step:
        if np.maximum(0, level + step - held).sum() <= amount:
            level += step
        step //= 2
    give = np.maximum(0, level - held).astype(np.int64)
    rest = amount - int(give.sum())
    low = np.flatnonzero(held <= level)
    give[low[np.argsort((totals + give)[low], kind="stable")[:rest]]] += 1
    return give
