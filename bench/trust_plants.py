"""Sixteen kinds of leaks and of dependence, each planted alone in a real table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

Rows = np.ndarray


@dataclass(frozen=True)
class Ground:
    """A table to plant in: its frame, its target, the target as codes or values, and dice."""

    frame: pl.DataFrame
    target: str
    y: Rows
    rng: np.random.Generator
    classes: int

    def with_column(self, values: Rows) -> pl.DataFrame:
        """The planted column, in the middle."""
        made = pl.Series("planted", values).fill_nan(None)
        return self.frame.clone().insert_column(self.frame.width // 2, made)

    @property
    def high(self) -> Rows:
        """The rarer class of two, the commonest of more, or the upper half."""
        if not self.classes:
            return self.y > np.median(self.y)
        counts = np.bincount(self.y.astype(int))
        return self.y == (np.argmin(counts) if self.classes == 2 else np.argmax(counts))

    def noise(self, share: float) -> Rows:
        """Normal noise, a share of the spread of the target."""
        return self.rng.normal(size=len(self.y)) * share * self.y.std()

    @property
    def inputs(self) -> list[str]:
        """All columns but the target."""
        return [c for c in self.frame.columns if c != self.target]


Plant = Callable[[Ground], pl.DataFrame]


def copy(g: Ground) -> pl.DataFrame:
    """The target under another name."""
    return g.with_column(g.y * 2.0 + 1)


def ordered_copy(g: Ground) -> pl.DataFrame:
    """A monotone change of it."""
    blur = g.rng.random(len(g.y)) * 0.5 if g.classes else 0.0
    return g.with_column(np.exp((g.y + blur - g.y.mean()) / g.y.std()))


def noisy_copy(g: Ground) -> pl.DataFrame:
    """5 % of the classes wrong, or noise of a fifth of the spread."""
    if g.classes:
        other = g.y[g.rng.permutation(len(g.y))]
        return g.with_column(np.where(g.rng.random(len(g.y)) < 0.05, other, g.y))
    return g.with_column(g.y + g.noise(0.2))


def missing_tells(g: Ground) -> pl.DataFrame:
    """Filled for one outcome only, with 3 % exceptions."""
    filled = np.where(g.rng.random(len(g.y)) < 0.03, ~g.high, g.high)
    return g.with_column(np.where(filled, g.rng.normal(size=len(g.y)), np.nan))


def filled_afterwards(g: Ground) -> pl.DataFrame:
    """Zero, unless the outcome came about; then for 70 % a count."""
    after = g.high & (g.rng.random(len(g.y)) < 0.7)
    return g.with_column(np.where(after, g.rng.integers(1, 9, len(g.y)), 0))


def id_in_order(g: Ground) -> pl.DataFrame:
    """Rows numbered by outcome."""
    place = np.argsort(np.argsort(g.y + g.noise(0.1)))
    return g.frame.with_columns(pl.Series("planted_id", place + 1000))


def rows_in_order(g: Ground) -> pl.DataFrame:
    """The file sorted by outcome, nearly."""
    return g.frame[np.argsort(g.y + g.noise(0.3))]


def later_in_time(g: Ground) -> pl.DataFrame:
    """The date goes with the outcome."""
    place = np.argsort(np.argsort(g.y + g.noise(1.0)))
    day = np.datetime64("2020-01-01") + (place // 3).astype("timedelta64[D]")
    return g.frame.with_columns(pl.Series("planted_day", day))


def _again(g: Ground) -> Rows:
    return g.rng.integers(0, len(g.y), int(0.15 * len(g.y)))


def _shuffled(g: Ground, again: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([g.frame, again.select(g.frame.columns)])
    return both[g.rng.permutation(both.height)]


def exact_copies(g: Ground) -> pl.DataFrame:
    """15 % of the rows again."""
    return _shuffled(g, g.frame[_again(g)])


def blurred_copies(g: Ground) -> pl.DataFrame:
    """15 % again, every number moved by half a percent of its spread."""
    again = g.frame[_again(g)]
    for name in g.inputs:
        if g.frame[name].dtype.is_float():
            spread = float(g.frame[name].quantile(0.9) or 0) - float(
                g.frame[name].quantile(0.1) or 0
            )
            shake = g.rng.normal(size=again.height) * 0.005 * spread
            again = again.with_columns(pl.col(name) + pl.Series(shake))
    return _shuffled(g, again)


def altered_copies(g: Ground) -> pl.DataFrame:
    """15 % again, one cell each taken from another row."""
    again = g.frame[_again(g)]
    cell = g.rng.integers(0, len(g.inputs), again.height)
    for place, name in enumerate(g.inputs):
        other = g.frame[name][g.rng.integers(0, len(g.y), again.height)]
        again = again.with_columns(
            pl.when(pl.Series(cell == place)).then(other).otherwise(pl.col(name)).alias(name)
        )
    return _shuffled(g, again)


def _entity(g: Ground) -> Rows:
    of = np.empty(len(g.y), dtype=np.int64)
    of[np.argsort(g.y + g.noise(0.7))] = np.arange(len(g.y)) // 6
    return of


def fingerprint(g: Ground) -> pl.DataFrame:
    """Groups of six with like outcomes, and a number that is the same within each."""
    of = _entity(g)
    return g.with_column(g.rng.normal(size=len(g.y) // 6 + 1)[of])


def named_entity(g: Ground) -> pl.DataFrame:
    """The same groups, and a column that names the person."""
    of = _entity(g)
    names = g.rng.permutation(90_000)[: len(g.y) // 6 + 1] + 10_000
    return g.frame.with_columns(pl.Series("planted_person_id", names[of]))


def recording(g: Ground) -> pl.DataFrame:
    """Outcomes in runs, and three sensors that drift: rows recorded one after the other."""
    n = len(g.y)
    start = g.rng.permutation(n)
    run = np.repeat(np.arange(n // 15 + 1), 15)[:n]
    key = np.argsort(g.y[start] + g.noise(0.2), kind="stable")
    order = start[key][np.argsort(g.rng.permutation(n // 15 + 1)[run], kind="stable")]
    drift = np.cumsum(g.rng.normal(size=(n, 3)), axis=0)
    made = g.frame[order]
    return made.with_columns([pl.Series(f"planted_{i}", drift[:, i]) for i in range(3)])


def pair(g: Ground) -> pl.DataFrame:
    """Two columns that give the target only together."""
    if g.classes:
        part = g.rng.integers(0, g.classes, len(g.y)) * 1.0
        other = (g.y - part) % g.classes
    else:
        part = g.rng.uniform(0.2, 0.8, len(g.y)) * g.y
        other = g.y - part
    return g.with_column(part).with_columns(pl.Series("planted_too", other))


def self_encoding(g: Ground) -> pl.DataFrame:
    """The mean of the target by town, each row's own target in it."""
    town = g.rng.integers(0, len(g.y) // 10, len(g.y))
    y = g.high * 1.0 if g.classes else g.y
    return g.with_column((np.bincount(town, y) / np.maximum(1, np.bincount(town)))[town])


KINDS: dict[str, Plant] = {
    "copy": copy,
    "order-preserving copy": ordered_copy,
    "noisy copy": noisy_copy,
    "missingness tells": missing_tells,
    "filled afterwards": filled_afterwards,
    "id in outcome order": id_in_order,
    "rows in outcome order": rows_in_order,
    "date goes with outcome": later_in_time,
    "exact copies": exact_copies,
    "blurred copies": blurred_copies,
    "copies with one cell changed": altered_copies,
    "entities, fingerprint": fingerprint,
    "entities, named": named_entity,
    "recording in order": recording,
    "pair": pair,
    "self-encoding": self_encoding,
}
TABLE_WIDE = {  # found by a finding about rows, whichever column it names
    "rows in outcome order": ("A307", "A501"),
    "exact copies": ("A101",),
    "blurred copies": ("A111",),
    "copies with one cell changed": ("A111",),
    "recording in order": ("A501", "A307"),
}
_COPIES = ("DataDuplicates", "TrainTestSamplesMix", "ConflictingLabels")
DEEPCHECKS_WIDE = {  # the same for the checks of deepchecks
    "exact copies": _COPIES,
    "blurred copies": _COPIES,
    "copies with one cell changed": _COPIES,
    "id in outcome order": ("IdentifierLabelCorrelation",),
    "date goes with outcome": ("IdentifierLabelCorrelation",),
    "entities, named": ("IdentifierLabelCorrelation", "IndexTrainTestLeakage"),
}
