"""Answer files and frames: every row in order, a million of them in bounded memory."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from heldout.bundle.refusals import reason
from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.files import aside
from heldout.core.names import count
from heldout.tables import unnamed
from heldout.tables.answering import Chunk, Refusal, chunks
from heldout.tables.table import Columns

if TYPE_CHECKING:
    from heldout.bundle.read import Bundle

SHOWN = 1_000  # refusals kept in full; all are counted and all stand in the output
_RUNS = r"^[=+\-@\t\r]"
_PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


@dataclass(frozen=True)
class Predictions:
    """``frame``: one row per input row, in order: ``row``, the prediction under the target's
    name (a column for each of several, ``probability_<target>`` for labels), ``probability_<class>`` for classes, ``low`` and ``high`` where the model gives them,
    ``refused`` (empty or the reason). ``refused`` lists the first 1,000 refusals."""

    frame: pl.DataFrame
    rows: int
    answered: int
    refused: Sequence[Refusal]


@dataclass(frozen=True)
class Written:
    """What was written where."""

    path: Path
    rows: int
    answered: int
    refused: Sequence[Refusal]


@dataclass(frozen=True)
class Beside:
    """Further numbers of every answered row: ``names`` of their columns, and ``of(columns)``, an
    array (rows,) for each name; ``columns`` are typed arrays (rows,)."""

    names: Sequence[str]
    of: Callable[[Columns], Sequence[Doubles]]


class _Tally:
    """Counts while chunks go by."""

    def __init__(self) -> None:
        self.rows = 0
        self.answered = 0
        self.refused: list[Refusal] = []


def predict(
    bundle: Bundle,
    source: Any,
    *,
    rename: Mapping[str, str] | None = None,
    strict: bool = False,
    threshold: float | None = None,
    beside: Beside | None = None,
) -> Predictions:
    """Answer ``source`` (a path or a frame) in memory. Raises H310, and H311 with ``strict``."""
    tally = _Tally()
    frames = list(_frames(bundle, source, rename, strict, threshold, tally, beside))
    frame = pl.concat(frames) if frames else _empty(bundle, beside)
    return Predictions(frame, tally.rows, tally.answered, tally.refused)


def predict_file(
    bundle: Bundle,
    source: Any,
    out: Path,
    *,
    rename: Mapping[str, str] | None = None,
    strict: bool = False,
    threshold: float | None = None,
    beside: Beside | None = None,
) -> Written:
    """Answer ``source`` into ``out``: Parquet where it ends in .parquet, else CSV.

    Text in a CSV that a spreadsheet would run begins with an apostrophe.
    """
    tally = _Tally()
    frames = _frames(bundle, source, rename, strict, threshold, tally, beside)
    with aside(out) as temporary:
        if out.suffix.lower() in (".parquet", ".pq"):
            _write_parquet(frames, temporary, _empty(bundle, beside))
        else:
            _write_csv(frames, temporary, _empty(bundle, beside))
    return Written(out, tally.rows, tally.answered, tally.refused)


def columns_of(bundle: Bundle, beside: Beside | None = None) -> list[str]:
    """The names of the output's columns, in order."""
    others = ["row", "refused", *_probability_names(bundle)]
    if "lower" in bundle.session.outputs:
        several = bundle.task.targets if bundle.task.parts else ()
        others += [f"{end}_{t}" for t in several for end in ("low", "high")] or ["low", "high"]
    if "prediction_set" in bundle.session.outputs:
        others += [f"set_{label}" for label in bundle.task.classes]
    others += beside.names if beside else []
    targets: list[str] = []
    for target in bundle.task.targets:
        name = target
        while name in others or name in targets:
            name = f"predicted_{name}"
        targets.append(name)
    return ["row", *targets, *others[2:], "refused"]


def _probability_names(bundle: Bundle) -> list[str]:
    task = bundle.task
    return [f"probability_{t}" for t in (task.targets if task.is_multilabel else task.classes)]


def _empty(bundle: Bundle, beside: Beside | None) -> pl.DataFrame:
    names = columns_of(bundle, beside)
    task = bundle.task
    value = pl.String if task.is_likely else pl.Float64
    values = [value] * len(task.targets)
    sets = {f"set_{label}" for label in bundle.task.classes}
    numbers = [pl.Int64 if name in sets else pl.Float64 for name in names[1 + len(values) : -1]]
    kinds = [pl.Int64, *values, *numbers, pl.String]
    return pl.DataFrame(schema=dict(zip(names, kinds, strict=True)))


def _frames(
    bundle: Bundle,
    source: Any,
    rename: Mapping[str, str] | None,
    strict: bool,
    threshold: float | None,
    tally: _Tally,
    beside: Beside | None,
) -> Iterator[pl.DataFrame]:
    for chunk in chunks(source, bundle.schema, rename=rename, bundle=str(bundle.path)):
        if strict and chunk.refused:
            raise _strict(chunk.refused[0], len(chunk.refused))
        yield _frame(bundle, chunk, tally.rows, threshold, beside)
        tally.rows += chunk.rows
        tally.answered += len(chunk.accepted)
        tally.refused += chunk.refused[: SHOWN - len(tally.refused)]


def _frame(
    bundle: Bundle, chunk: Chunk, start: int, threshold: float | None, beside: Beside | None
) -> pl.DataFrame:
    """The answers of one chunk, refused rows as gaps in their place."""
    names = columns_of(bundle, beside)
    rows = pl.Series("row", range(start, start + chunk.rows), dtype=pl.Int64)
    frame = pl.DataFrame({"row": rows})
    if len(chunk.accepted):
        answers = bundle.answer(chunk.columns, threshold)
        found = {"row": pl.Series(chunk.accepted, dtype=pl.Int64)}
        parts: list[Any] = [
            one if answers.decision is None else one.tolist()
            for one in (answers.values.T if bundle.task.parts else [answers.values])
        ]
        if answers.probability is not None:
            parts += list(answers.probability.T)
        if answers.low is not None and answers.high is not None:
            pairs = zip(np.atleast_2d(answers.low.T), np.atleast_2d(answers.high.T), strict=True)
            parts += [end for pair in pairs for end in pair]
        parts += list(answers.sets.T) if answers.sets is not None else []
        parts += beside.of(chunk.columns) if beside else []
        found |= {n: pl.Series(p) for n, p in zip(names[1:-1], parts, strict=True)}
        if len(chunk.accepted) == chunk.rows:
            frame = pl.DataFrame(found)
        else:
            frame = frame.join(pl.DataFrame(found), on="row", how="left", maintain_order="left")
    else:
        frame = pl.concat([_empty(bundle, beside).drop("refused"), frame], how="diagonal")
    return frame.with_columns(_reasons(chunk, start).alias("refused"))


def _reasons(chunk: Chunk, start: int) -> pl.Series:
    by_row: dict[int, list[Refusal]] = {}
    for refusal in chunk.refused:
        by_row.setdefault(refusal.row, []).append(refusal)
    words = [""] * chunk.rows
    for row, refusals in by_row.items():
        words[row - start] = reason(refusals)
    return pl.Series(words, dtype=pl.String)


def _strict(first: Refusal, more: int) -> HeldoutError:
    return HeldoutError(
        "H311",
        "a row cannot be answered, and --strict refuses all then",
        seen=reason([first]) + (f"; {count(more)} such values so far" if more > 1 else ""),
        why="without --strict that row would have an empty answer and the others theirs",
        do=["mend the row, or leave --strict out"],
    )


def _write_csv(frames: Iterator[pl.DataFrame], path: Path, empty: pl.DataFrame) -> None:
    with path.open("wb") as file:
        guarded(empty).write_csv(file)
        for frame in frames:
            guarded(frame).write_csv(file, include_header=False)


def _write_parquet(frames: Iterator[pl.DataFrame], path: Path, empty: pl.DataFrame) -> None:
    """Chunks go to disk one by one and are joined by streaming, so that memory stays small."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".parts-") as folder:
        parts = []
        for i, frame in enumerate(frames):
            parts.append(Path(folder) / f"{i}.arrow")
            frame.write_ipc(parts[-1])
        if not parts:
            empty.write_parquet(path)
            return
        pl.scan_ipc(parts).sink_parquet(path)


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe; names of columns too.

    >>> guarded(pl.DataFrame({"a": ["=1+1", "-3", "x"]}))["a"].to_list()
    ["'=1+1", '-3', 'x']
    """
    made = []
    for name, cells in unnamed.columns(frame):
        spoken = re.match(_RUNS, name) and not re.match(_PLAIN, name)
        made.append(_quiet(cells).alias(f"'{name}" if spoken else name))
    return pl.DataFrame(made)


def _quiet(cells: pl.Series) -> pl.Series:
    if cells.dtype != pl.String:
        return cells
    runs = (cells.str.contains(_RUNS) & ~cells.str.contains(_PLAIN)).fill_null(value=False)
    return ("'" + cells).zip_with(runs, cells) if runs.any() else cells
