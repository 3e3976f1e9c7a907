"""What the order of a file shows by itself, the target left out: sorting, runs, clocks.

A file may be sorted by columns, the coarsest first; what still comes in runs inside that sorting
was written down in an order that no column says. A clock is a column that goes around: weekdays,
months, hours. It tells the time where its name or its levels are those of a calendar, and where
the file is not a list of lists that each start it anew (shop by shop, month by month).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.once import once
from heldout.audits.shallow import as_codes, as_numbers
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.audits.wording import words
from heldout.core.arrays import Doubles, Ints
from heldout.tables.schema import NULL, Column

RUNS, Z = 0.05, 6.0  # agreement of a cell with the next one
SORTED = 0.999  # of the steps inside a stretch go one way
FEWEST = 5.0  # rows a stretch, below which a sort leaves nothing to look at
HELD = 20.0  # rows a stretch, from which a value is held
LEVELS = (3, 100)  # of a clock
ROUNDS, FOLLOWS, CLOCK_Z = 2, 0.6, 8.0  # a clock goes around twice and keeps its order
BOUNDS = 3  # starts of a sorting's stretches that show whether each starts the clock anew
MOST_ROWS, PIECES, MOST_COLUMNS = 60_000, 30, 200
CALENDAR = (
    "year yr years month mnth months week weekday day days hour hr hours minute quarter season "
    "date datetime time period timestamp"
)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
WEEKDAYS = "mon tue wed thu fri sat sun"


@dataclass(frozen=True)
class Order:
    """``keys`` sort the file, coarsest first (``dated``: by a calendar); ``runs`` column to correlation of a cell with the
    next one inside that sorting; ``clocks`` go around like a calendar and run on; ``doubtful`` ones
    go around too; ``held`` keep a value over long stretches and change together."""

    keys: tuple[str, ...]
    dated: bool
    runs: dict[str, float]
    clocks: tuple[str, ...]
    doubtful: tuple[str, ...]
    held: tuple[str, ...]

    @property
    def hidden(self) -> bool:
        """Whether something shows an order that no sorting explains."""
        return bool(self.runs or self.clocks or self.doubtful)

    @property
    def listed(self) -> bool:
        """Whether the file is a list sorted by columns that are no calendar, and nothing more."""
        return bool(self.keys) and not self.dated and not self.runs and not self.clocks


def order_of(look: Look) -> Order:
    """The order of the rows of a look, found once."""
    return once(look, "order", lambda: _order(look))


def _order(look: Look) -> Order:
    rows = _pieces(look.table.rows)
    columns: dict[str, Column] = {}
    codes: dict[str, Ints] = {}
    for column in look.table.schema.inputs[:MOST_COLUMNS]:
        watch(look)
        if column.kind in ("number", "boolean", "date", "category") and column.distinct > 1:
            columns[column.name] = column
            codes[column.name] = _codes(look, column)[rows]
    keys, parts = _sorting(columns, codes)
    top = _parts(np.zeros(len(rows), dtype=np.int64), codes[keys[0]]) if keys else None
    clocks: list[str] = []
    doubtful: list[str] = []
    for name, code in codes.items():
        if turns(code):
            above = keys[: keys.index(name)] if name in keys else keys
            dated = all(is_calendar(columns[key]) for key in above)
            sure = is_calendar(columns[name]) and (dated or _runs_on(code, top))
            (clocks if sure else doubtful).append(name)
    runs = {}
    if len(rows) / (int(parts.max()) + 1) >= FEWEST:
        for name, code in codes.items():
            watch(look)
            if name not in keys:
                lag, z = agreement(code, parts, columns[name].kind != "category")
                if lag > RUNS and z > Z:
                    runs[name] = lag
    first = [columns[key] for key in keys[:1]]
    return Order(
        keys,
        any(c.kind == "date" or is_calendar(c) for c in first),
        runs,
        tuple(clocks),
        tuple(doubtful),
        _held(codes),
    )


def _pieces(rows: int) -> Ints:
    """All rows, or whole pieces from all over the file."""
    if rows <= MOST_ROWS:
        return np.arange(rows, dtype=np.int64)
    length = MOST_ROWS // PIECES
    starts = np.linspace(0, rows - length, PIECES).astype(np.int64)
    return np.asarray((starts[:, None] + np.arange(length)).ravel(), dtype=np.int64)


def _codes(look: Look, column: Column) -> Ints:
    """(rows,) dense codes, of numbers in their order; a gap is a value: the lowest, or the highest
    where a sorting would put it there."""
    values = values_of(look, column.name)
    if column.kind == "category":
        return as_codes(values)
    x = as_numbers(values, column)
    known = x[~np.isnan(x)]
    rising = len(known) > 0 and known[0] < known[-1]
    gap = np.inf if np.isnan(x[-1 if rising else 0]) else -np.inf
    filled = np.where(np.isnan(x), gap, x)
    return np.asarray(np.unique(filled, return_inverse=True)[1], dtype=np.int64)


def _sorting(columns: dict[str, Column], codes: dict[str, Ints]) -> tuple[tuple[str, ...], Ints]:
    """The columns by which the rows are sorted, each inside the one before; the last stretches."""
    n = len(next(iter(codes.values()), np.zeros(1)))
    parts = np.zeros(n, dtype=np.int64)
    keys: list[str] = []
    while n / (int(parts.max()) + 1) >= FEWEST:
        best: tuple[int, str] | None = None
        for name, code in codes.items():
            size = _key(code, parts, columns[name].kind != "category")
            if size and name not in keys and (best is None or size < best[0]):
                best = (size, name)
        if best is None:
            break
        keys.append(best[1])
        parts = _parts(parts, codes[best[1]])
    return tuple(keys), parts


def _parts(parts: Ints, code: Ints) -> Ints:
    """Stretches of rows with the same part and the same code, numbered in order."""
    new = (np.diff(parts) != 0) | (np.diff(code) != 0)
    return np.asarray(np.r_[0, np.cumsum(new)], dtype=np.int64)


def _key(code: Ints, parts: Ints, ordered: bool) -> int:
    """How many stretches a column makes of the parts if it sorts them; 0 if it does not."""
    inside = np.diff(parts) == 0
    step = np.diff(code)[inside]
    changes = int((step != 0).sum())
    if not changes:
        return 0
    if ordered:
        up, down = int((step > 0).sum()), int((step < 0).sum())
        few = min((1 - SORTED) * len(step), 0.02 * changes)
        sorts = min(up, down) <= few
        return changes + int(parts[-1]) + 1 if sorts else 0
    stretches = changes + int(parts[-1]) + 1
    pairs = len(np.unique(parts * (int(code.max()) + 1) + code))
    return stretches if stretches <= 1.001 * pairs and 2 * pairs < len(code) else 0


def turns(code: Ints) -> bool:
    """Whether a column goes around: every level has one that mostly follows it, all in one circle.

    >>> turns(np.repeat(np.arange(40) % 5, 3)), turns(np.arange(120) % 24)
    (True, True)
    >>> turns(np.random.default_rng(0).integers(0, 5, 2000)), turns(np.repeat(np.arange(5), 30))
    (False, False)
    """
    levels = int(code.max()) + 1
    if not LEVELS[0] <= levels <= LEVELS[1]:
        return False
    seen = code[np.r_[True, np.diff(code) != 0]]
    if len(seen) - 1 < ROUNDS * levels:
        return False
    counts = np.bincount(seen[:-1] * levels + seen[1:], minlength=levels * levels)
    counts = counts.reshape(levels, levels)
    follower = counts.argmax(axis=1)
    place, visited = 0, set()
    while place not in visited:
        visited.add(place)
        place = int(follower[place])
    if place or len(visited) < levels:
        return False
    follows = float(counts.max(axis=1).sum())
    share = np.bincount(code, minlength=levels) / len(code)
    other = np.sort(share)[::-1]
    most = np.where(share == other[0], other[1], other[0]) / np.maximum(1e-9, 1 - share)
    chance = counts.sum(axis=1) * np.minimum(1.0, most)
    spread = np.sqrt(max(1e-9, float((chance * (1 - np.minimum(1.0, most))).sum())))
    total = len(seen) - 1
    certain = (follows - float(chance.sum())) / max(spread, 1.0)
    return bool(follows >= FOLLOWS * total and certain > min(CLOCK_Z, 0.8 * np.sqrt(total)))


def _runs_on(code: Ints, top: Ints | None) -> bool:
    """Whether the clock runs on where the first key of a sorting changes."""
    if top is None:
        return True
    starts = np.flatnonzero(np.diff(top)) + 1
    if not len(starts):
        return True
    levels = int(code.max()) + 1
    changed = np.flatnonzero(np.diff(code)) + 1
    counts = np.bincount(code[changed - 1] * levels + code[changed], minlength=levels * levels)
    follower = counts.reshape(levels, levels).argmax(axis=1)
    before, after = code[starts - 1], code[starts]
    on = (before == after) | (follower[before] == after)
    if on.mean() < 0.8:
        return False
    anew = float(np.bincount(after).max()) / len(after)
    return len(starts) < BOUNDS or anew < 0.8


def is_calendar(column: Column) -> bool:
    """Whether a name, or the levels, are those of a calendar.

    >>> is_calendar(Column("mnth", "number")), is_calendar(Column("holidays", "number"))
    (True, False)
    """
    if words(column.name) & set(CALENDAR.split()):
        return True
    levels = {level.strip().lower()[:3] for level in column.levels if level != NULL}
    return len(levels) > 2 and any(levels <= set(names.split()) for names in (MONTHS, WEEKDAYS))


def agreement(code: Ints, parts: Ints, ordered: bool) -> tuple[float, float]:
    """How far a cell agrees with the next one inside its stretch, beyond what the stretch itself
    says: a correlation of ranks, or of being the same level; and its z.

    >>> rng = np.random.default_rng(0)
    >>> slow = np.repeat(rng.integers(0, 9, 200), 5)
    >>> agreement(slow, np.zeros(1000, dtype=np.int64), True)[0] > 0.7
    True
    >>> agreement(rng.permutation(slow), np.zeros(1000, dtype=np.int64), True)[1] < 4
    True
    """
    same = np.diff(parts) == 0
    if same.sum() < 50:
        return 0.0, 0.0
    size = np.bincount(parts)
    if not ordered:
        levels = int(code.max()) + 1
        pair, counts = np.unique(parts * levels + code, return_counts=True)
        alike = np.bincount(pair // levels, counts * (counts - 1.0), len(size))
        chance = (alike / np.maximum(1, size * (size - 1.0)))[parts[1:]][same]
        agree = (np.diff(code) == 0)[same]
        spread = float(np.sqrt(max(1e-9, (chance * (1 - chance)).sum())))
        excess = float((agree - chance).sum())
        return excess / max(1e-9, float((1 - chance).sum())), excess / spread
    x = _mid_ranks(code)
    x = x - (np.bincount(parts, x) / np.maximum(1, size))[parts]
    own = np.bincount(parts, x * x) / np.maximum(1, size)
    product = (x[1:] * x[:-1])[same]
    chance = -(own / np.maximum(1, size - 1))[parts[1:]][same]
    base = float(own[parts[1:]][same].sum())
    if base <= 0:
        return 0.0, 0.0
    lag = float((product - chance).sum()) / base
    spread = float(np.sqrt(max(1e-12, (own[parts[1:]][same] ** 2).sum())))
    return lag, lag * base / spread


def _mid_ranks(code: Ints) -> Doubles:
    counts = np.bincount(code)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(middle[code] / len(code), dtype=np.float64)


def _held(codes: dict[str, Ints]) -> tuple[str, ...]:
    """Columns that keep a value over long stretches and of whose changes most are shared."""
    changes = {}
    for name, code in codes.items():
        at = np.flatnonzero(np.diff(code))
        spread = code - code.mean()
        if len(at) and len(code) / (len(at) + 1) >= HELD and len(at) >= 1 and spread.any():
            changes[name] = at
    found = set()
    for a, b in itertools.combinations(changes, 2):
        shared = len(np.intersect1d(changes[a], changes[b]))
        if shared and 2 * shared > min(len(changes[a]), len(changes[b])):
            rare = max(len(changes[a]), len(changes[b])) * HELD < len(codes[a])
            if rare:
                found |= {a, b}
    return tuple(name for name in codes if name in found)
