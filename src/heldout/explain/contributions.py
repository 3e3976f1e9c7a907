"""What each column adds to one answer: Shapley values against ordinary rows, by asking the graph.

The row's values are put into an ordinary row one column after the other, in a random order and in
the reverse of it; what the answer changes by is that column's. Averaged over orders and ordinary
rows this is the interventional Shapley value. The effects of a row always add up to its answer
less the mean answer of the ordinary rows. An order with its reverse is exact for a model in which
at most two columns act together, whatever the order; beyond that ``error`` says how sure it is.

Sources: Shapley 1953; Strumbelj and Kononenko 2014; Janzing, Minorics and Bloebaum 2020
(interventional); Mitchell et al. 2022 (an order with its reverse).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles, Ints
from heldout.core.seed import Seed
from heldout.explain.permutation import Run
from heldout.tables.table import Columns

AT_ONCE = 60_000  # questions to the graph that are held in memory together


@dataclass(frozen=True)
class Contributions:
    """``effects`` (rows, columns) in the answer's own unit, ``names`` of the columns; ``base`` is
    the mean answer (rows,) of the ordinary rows; ``answers`` (rows,) = base + the effects.
    ``error`` (rows, columns): standard error of the effects over orders and ordinary rows."""

    names: tuple[str, ...]
    base: Doubles
    answers: Doubles
    effects: Doubles
    error: Doubles


def contributions(
    run: Run,
    rows: Columns,
    ordinary: Columns,
    output: int | Ints = 0,
    *,
    orders: int = 1,
    seed: Seed | None = None,
) -> Contributions:
    """The effects of every column on every row's answer.

    ``rows``: typed arrays (n,); ``ordinary``: typed arrays (r,), see ``background``; ``output``:
    which column of the prediction, one for all rows or (n,). ``orders`` (each with its reverse)
    for every ordinary row. Up to 2 r orders (columns - 1) questions a row; columns that are equal in row and ordinary row cost nothing.
    """
    names = tuple(rows)
    ordinary = {name: np.tile(ordinary[name], orders) for name in names}
    n, r, d = len(rows[names[0]]), len(ordinary[names[0]]), len(names)
    which = np.broadcast_to(np.asarray(output, dtype=np.int64), (n,))
    rng = (seed or Seed()).child("contributions").rng()
    ranks = np.argsort(np.stack([rng.permutation(d) for _ in range(r)]), axis=1)
    own: Doubles = np.asarray(run(rows), dtype=np.float64)[np.arange(n), which]
    based: Doubles = np.asarray(run(ordinary), dtype=np.float64)
    step = max(1, AT_ONCE // max(1, 2 * r * d))
    effects, error = np.zeros((n, d)), np.zeros((n, d))
    for at in range(0, n, step):
        part = slice(at, min(at + step, n))
        some = {name: rows[name][part] for name in names}
        each = _paths(run, some, ordinary, ranks, own[part], based, which[part])
        effects[part] = each.mean(axis=1)
        error[part] = each.std(axis=1, ddof=1) / np.sqrt(r) if r > 1 else np.nan
    base = based.mean(axis=0)[which]
    return Contributions(names, base, own, effects, error)


def _paths(
    run: Run,
    rows: Columns,
    ordinary: Columns,
    ranks: Ints,
    own: Doubles,
    based: Doubles,
    which: Ints,
) -> Doubles:
    """Effects (rows, ordinary rows, columns), each the mean of an order and its reverse."""
    names = list(rows)
    differs = np.stack([_differs(rows[c], ordinary[c]) for c in names], axis=2)
    total = np.zeros(differs.shape)
    for ranked in (ranks, len(names) - 1 - ranks):
        values = _along(run, rows, ordinary, ranked, differs, own, based, which)
        gain = np.diff(values, axis=2)
        total += np.take_along_axis(gain, np.broadcast_to(ranked, differs.shape), axis=2)
    return total / 2


def _along(
    run: Run,
    rows: Columns,
    ordinary: Columns,
    ranked: Ints,
    differs: Bools,
    own: Doubles,
    based: Doubles,
    which: Ints,
) -> Doubles:
    """Answers (rows, ordinary rows, columns + 1) after each step; ``ranked`` (ordinary rows,
    columns) says in which step a column takes the row's value. A step that changes nothing is
    not asked."""
    n, r, d = differs.shape
    order = np.argsort(ranked, axis=1)
    asked = np.take_along_axis(differs, np.broadcast_to(order, differs.shape), axis=2)
    asked[:, :, -1] = False  # the last step is the row itself
    i, j, s = np.nonzero(asked)
    values = np.full((n, r, d + 1), np.nan)
    values[:, :, 0] = based[:, which].T
    values[:, :, d] = own[:, None]
    if len(i):
        mixed = {
            name: _mix(rows[name], ordinary[name], i, j, ranked[j, c] <= s)
            for c, name in enumerate(rows)
        }
        answers = np.asarray(run(mixed), dtype=np.float64)
        values[i, j, s + 1] = answers[np.arange(len(i)), which[i]]
    for k in range(1, d):
        still = np.isnan(values[:, :, k])
        values[:, :, k] = np.where(still, values[:, :, k - 1], values[:, :, k])
    return values


def _differs(values: Array, others: Array) -> Bools:
    """(rows, ordinary rows): NaN equals NaN."""
    a, b = values[:, None], others[None, :]
    same = a == b
    if values.dtype.kind == "f":
        same = same | (np.isnan(a) & np.isnan(b))
    return ~np.asarray(same, dtype=bool)


def _mix(values: Array, others: Array, i: Ints, j: Ints, taken: Bools) -> Array:
    mixed = others[j]
    mixed[taken] = values[i[taken]]
    return mixed
