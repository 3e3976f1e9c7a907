"""What each column holds, counted over all rows by Polars: one column in memory at a time.

Numbers have ends, mean, spread, quartiles and a histogram; what has levels has counts and an
entropy; dates have ends and a histogram.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from heldout.tables import unnamed
from heldout.tables.schema import Column
from heldout.tables.table import Table

if TYPE_CHECKING:
    import polars as pl

BINS = 24
FEWEST = 5  # rows that a level must have to be named where no row may show
MOST_WHOLE = 30  # whole numbers with so few values have a bar for each
MOST_LEVELS = 10
MOST_CLASSES = 30
FAR = 5.0  # times the middle 98 %: what lies farther goes into the first and the last bar
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


@dataclass(frozen=True)
class Summary:
    """``edges`` (one more than ``counts``) of a histogram, dates in microseconds UTC; ``cut``: the
    first and the last bar hold what lies beyond them; ``lowest_row``, ``highest_row`` are rows of
    the table (from 0) that hold the ends; ``quantiles`` those of ``QUANTILES``; ``levels`` the
    commonest, ``others`` the rows of all further ones; ``entropy`` in bits."""

    name: str
    kind: str
    role: str
    rows: int
    missing: int
    distinct: int = 0
    low: float | None = None
    high: float | None = None
    lowest_row: int | None = None
    highest_row: int | None = None
    mean: float | None = None
    sd: float | None = None
    quantiles: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    cut: bool = False
    whole: bool = False
    levels: tuple[tuple[str, int], ...] = ()
    others: int = 0
    entropy: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, without what is empty."""
        told = asdict(self)
        return {k: v for k, v in told.items() if v not in (None, (), "")}


def summary(table: Table, name: str) -> Summary:
    """One column of a table.

    >>> from heldout.tables.read import read
    >>> made = summary(read({"a": [1.5, 2.5, 2.5, None] * 9}), "a")
    >>> made.rows, made.missing, made.low, made.high, sum(made.counts)
    (36, 9, 1.5, 2.5, 27)
    """
    column, series = table.schema[name], unnamed.column(table.frame, name)
    plain = Summary(name, column.kind, column.role, table.rows, series.null_count())
    if column.kind == "number":
        return _number(plain, series, column.whole)
    if column.kind == "date":
        return _date(plain, series)
    if column.kind in ("category", "boolean"):
        return _levels(plain, series, column)
    if column.kind == "text":
        return _texts(plain, series)
    return replace(plain, distinct=int(series.drop_nulls().n_unique()))


def of_classes(name: str, classes: Sequence[str], counts: Sequence[int]) -> Summary:
    """A target of classes, the commonest first; all classes are named up to ``MOST_CLASSES``."""
    named = sorted(zip(classes, counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return Summary(
        name, "category", "target", sum(counts), 0, distinct=len(named),
        levels=tuple(named[:MOST_CLASSES]), others=sum(n for _, n in named[MOST_CLASSES:]),
        entropy=entropy(counts),
    )  # fmt: skip


def hidden(made: Summary) -> Summary:
    """The same where no single row may show: no ends, no rare level, nothing beyond 1 and 99 %.

    >>> hidden(Summary("a", "category", "input", 9, 0, levels=(("x", 8), ("y", 1)))).levels
    (('x', 8),)
    """
    levels = tuple((v, n) for v, n in made.levels if n >= FEWEST)
    others = made.others + sum(n for _, n in made.levels if n < FEWEST)
    counts, edges = made.counts, made.edges
    if made.quantiles and counts:
        low, high = made.quantiles[0], made.quantiles[-1]
        inside = [i for i in range(len(counts)) if edges[i + 1] > low and edges[i] < high]
        first, last = (inside[0], inside[-1]) if inside else (0, len(counts) - 1)
        kept = list(counts[first : last + 1])
        kept[0] += sum(counts[:first])
        kept[-1] += sum(counts[last + 1 :])
        counts, edges = tuple(kept), edges[first : last + 2]
    return replace(
        made, low=None, high=None, lowest_row=None, highest_row=None, levels=levels, others=others,
        counts=counts, edges=edges, cut=made.cut or bool(made.quantiles),
    )  # fmt: skip


def entropy(counts: Any) -> float:
    """Bits of a column of levels that occur so often.

    >>> entropy([5, 5]), round(entropy([9, 1]), 6)
    (1.0, 0.468996)
    """
    total = float(sum(counts))
    return 0.0 - math.fsum(n / total * math.log2(n / total) for n in counts if n > 0)


def _number(made: Summary, series: pl.Series, whole: bool) -> Summary:
    known = series.drop_nulls()
    finite = known.filter(known.is_finite())
    if not len(finite):
        return made
    quantiles = tuple(float(finite.quantile(q) or 0.0) for q in QUANTILES)
    low, high = float(finite.min()), float(finite.max())  # type: ignore[arg-type]
    distinct = int(finite.n_unique())
    edges, cut = _edges(low, high, quantiles, whole and high - low < MOST_WHOLE)
    bounded = series.is_finite().fill_null(value=False)
    return replace(
        made,
        distinct=distinct,
        low=low,
        high=high,
        lowest_row=_row_of(series, low, bounded),
        highest_row=_row_of(series, high, bounded),
        mean=float(finite.mean()),  # type: ignore[arg-type]
        sd=float(finite.std() or 0.0),  # type: ignore[arg-type]
        quantiles=quantiles,
        edges=tuple(edges),
        counts=tuple(histogram(finite, edges)),
        cut=cut,
        whole=whole,
    )


def _row_of(series: pl.Series, value: float, known: pl.Series) -> int | None:
    found = ((series == value) & known).arg_max()
    return None if found is None else int(found)


def _edges(
    low: float, high: float, quantiles: tuple[float, ...], each: bool
) -> tuple[list[float], bool]:
    """Ends of the bars, and whether the first and the last hold what lies beyond."""
    if each and max(abs(low), abs(high)) < 2**50:
        return [v - 0.5 for v in range(int(low), int(high) + 2)], False
    if high <= low:
        room = min(abs(low) * 0.05, 1e300) or 0.5
        return [low - room, low + room], False
    first, last = quantiles[0], quantiles[-1]
    room = last - first
    cut = room > 0 and high - low > FAR * room
    if cut:
        low, high = max(low, first - room / 4), min(high, last + room / 4)
    step = (high - low) / BINS
    edges = [low + step * i for i in range(BINS)] + [high]
    if not step > 0 or not math.isfinite(step) or len(set(edges)) <= BINS:
        return [low, high], cut
    return edges, cut


def histogram(known: pl.Series, edges: list[float]) -> list[int]:
    """How many of the finite values lie between neighboring edges (all widths equal); what lies
    beyond the ends counts with the first or the last."""
    import polars as pl

    bars = len(edges) - 1
    if bars == 1:
        return [len(known)]
    step = (edges[-1] - edges[0]) / bars
    place = ((known - edges[0]) / step).floor().clip(0, bars - 1).cast(pl.Int64)
    table = place.rename("place").value_counts(name="n")
    counted = dict(zip(table["place"].to_list(), table["n"].to_list(), strict=True))
    return [int(counted.get(i, 0)) for i in range(bars)]


def _date(made: Summary, series: pl.Series) -> Summary:
    import polars as pl

    known = series.cast(pl.Datetime("us")).to_physical().drop_nulls().cast(pl.Float64)
    if not len(known):
        return made
    low, high = float(known.min()), float(known.max())  # type: ignore[arg-type]
    edges, _ = _edges(low, high, (low, low, low, high, high), each=False)
    counts = histogram(known, edges)
    return replace(
        made,
        distinct=int(known.n_unique()),
        low=low,
        high=high,
        edges=tuple(edges),
        counts=tuple(counts),
    )


def _levels(made: Summary, series: pl.Series, column: Column) -> Summary:
    counted = _counted(series)
    words = column.levels if column.kind == "boolean" and len(column.levels) == 2 else ()
    named = [(words[int(v)] if words else str(v), n) for v, n in counted]
    return replace(
        made,
        distinct=len(named),
        levels=tuple(named[:MOST_LEVELS]),
        others=sum(n for _, n in named[MOST_LEVELS:]),
        entropy=entropy([n for _, n in named]) if named else None,
    )


def _counted(series: pl.Series) -> list[tuple[Any, int]]:
    """Values with their counts, commonest first, ties by value."""
    import polars as pl

    table = series.drop_nulls().rename("level").value_counts(name="n")
    table = table.sort([pl.col("n"), pl.col("level")], descending=[True, False])
    return list(zip(table["level"].to_list(), table["n"].to_list(), strict=True))


def _texts(made: Summary, series: pl.Series) -> Summary:
    """How long the texts are, in characters: the words themselves are not shown."""
    import polars as pl

    known = series.drop_nulls()
    lengths = known.str.len_chars().cast(pl.Float64)
    if not len(lengths):
        return made
    found = _number(made, lengths, whole=True)
    return replace(found, distinct=int(known.n_unique()), lowest_row=None, highest_row=None)
