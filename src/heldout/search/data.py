"""The training data as files: written once by the parent, memory-mapped by the workers.

``work/data/``: one ``.npy`` per column (numbers and dates as they are; words as int32 codes with
their distinct values in ``words.json``), target, weights, groups, folds, and ``meta.json`` with
task, schema and the specification of each view.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from heldout.core import files
from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.seed import Seed
from heldout.models import state as states
from heldout.primitives.recipe import RecipeSpec
from heldout.splits.assign import into_folds
from heldout.splits.content import mix
from heldout.splits.plan import Fold, Plan, Samples
from heldout.splits.units import make_units, salted, strata
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.several import alone
from heldout.tasks.task import Task

INNER_FOLDS = 5
PARTS = ("train", "inner", "valid")
FINAL = -1  # the "fold" whose training part is every open sample


@dataclass(frozen=True)
class TrainingData:
    """What every fit of one run reads. ``y`` (samples,) codes or values, NaN where missing,
    or (samples, targets);
    ``unit`` (samples,) codes: samples of one code never part company; ``folds`` those of repeat
    0, then those of further repeats; ``seed`` the root of the inner folds' seeds; ``may_miss``
    columns of which training rows are copied with gaps."""

    folder: Path
    task: Task
    schema: Schema
    specs: Mapping[str, RecipeSpec]
    y: Doubles
    weights: Doubles | None
    unit: Ints
    folds: tuple[Fold, ...]
    open: Ints
    seed: Seed
    may_miss: tuple[str, ...] = ()

    @classmethod
    def write(
        cls,
        folder: Path,
        columns: Columns,
        schema: Schema,
        task: Task,
        y: Doubles,
        plan: Plan,
        specs: Mapping[str, RecipeSpec],
        *,
        seed: Seed,
        weights: Doubles | None = None,
        unit: Ints | None = None,
        may_miss: Sequence[str] = (),
    ) -> TrainingData:
        """Write all columns that some view reads; whatever lay in ``folder`` is replaced."""
        folder.mkdir(parents=True, exist_ok=True)
        write_columns(folder, columns, {c for spec in specs.values() for c in spec.columns})
        unit = np.arange(len(y), dtype=np.int64) if unit is None else unit
        _save(folder / "y.npy", y)
        _save(folder / "unit.npy", unit)
        _save(folder / "open.npy", plan.open)
        if weights is not None:
            _save(folder / "weights.npy", weights)
        folds = (*plan.folds, *plan.more)
        parts = {f"{i}.{p}": getattr(f, p) for i, f in enumerate(folds) for p in PARTS}
        states.write(folder / "folds.npz", parts)
        meta = {
            "task": task.as_dict(),
            "schema": schema.as_dict(),
            "specs": {view: spec.as_dict() for view, spec in specs.items()},
            "folds": [[f.number, f.repeat] for f in folds],
            "weights": weights is not None,
            "seed": [seed.root, list(seed.path)],
            "may_miss": list(may_miss),
        }
        files.write(folder / "meta.json", json.dumps(meta, ensure_ascii=True))
        missed = tuple(may_miss)
        return cls(folder, task, schema, specs, y, weights, unit, folds, plan.open, seed, missed)

    @classmethod
    def read(cls, folder: Path) -> TrainingData:
        """The same, as a worker sees it."""
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        parts = states.read(folder / "folds.npz")
        folds = tuple(
            Fold(number, repeat, *(parts[f"{i}.{p}"] for p in PARTS))
            for i, (number, repeat) in enumerate(meta["folds"])
        )
        root, path = meta["seed"]
        return cls(
            folder=folder,
            task=Task.from_dict(meta["task"]),
            schema=Schema.from_dict(meta["schema"]),
            specs={view: RecipeSpec.from_dict(s) for view, s in meta["specs"].items()},
            y=_load(folder / "y.npy"),
            weights=_load(folder / "weights.npy") if meta["weights"] else None,
            unit=_load(folder / "unit.npy"),
            folds=folds,
            open=_load(folder / "open.npy"),
            seed=Seed(root, tuple(path)),
            may_miss=tuple(meta["may_miss"]),
        )

    @cached_property
    def files(self) -> ColumnFiles:
        """The columns on disk."""
        return ColumnFiles(self.folder)

    def training(self, fold: int) -> Ints:
        """Sample numbers that a recipe is fitted on; every open sample for ``FINAL``."""
        return self.open if fold == FINAL else self.folds[fold].training

    def inner_folds(self, rows: Ints, fold: int) -> tuple[tuple[Ints, Ints], ...]:
        """Five (train, valid) pairs numbered within ``rows``, units on one side: for encodings
        that look at the target."""
        unit = np.unique(self.unit[rows], return_inverse=True)[1].astype(np.int64)
        task, y = alone(self.task, np.asarray(self.y[rows]))
        classes = len(task.classes) if task.is_classification else 0
        key = mix((self.unit[rows] + 1).astype(np.uint64))
        samples = Samples(np.arange(len(rows)), None, None, unit, key)
        units = make_units(samples, strata(y, classes), copies=True)
        parts = min(INNER_FOLDS, len(units))
        if parts < 2:
            return ()
        salt = self.seed.child("inner", fold).digest().hex()
        of = into_folds(units, salted(units.key, salt), parts)[units.of]
        return tuple((np.flatnonzero(of != f), np.flatnonzero(of == f)) for f in range(parts))


class ColumnFiles:
    """Typed columns on disk, read for some rows at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        meta = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
        self._place: dict[str, int] = {name: i for i, name in enumerate(meta["names"])}
        self._words: dict[str, Array] = {
            name: _objects(words) for name, words in meta["words"].items()
        }

    def take(self, names: Iterable[str], rows: Ints | None = None) -> dict[str, Array]:
        """The named columns of these rows, as ``tables.table.Columns``."""
        found = {}
        for name in names:
            stored = _load(self._folder / f"column.{self._place[name]}.npy")
            values = np.array(stored) if rows is None else np.asarray(stored[rows])
            found[name] = self._words[name][values] if name in self._words else values
        return found


def write_columns(folder: Path, columns: Columns, wanted: Iterable[str] | None = None) -> None:
    """Write typed columns for ``ColumnFiles``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(columns if wanted is None else wanted)
    words: dict[str, list[str]] = {}
    for i, name in enumerate(names):
        values = columns[name]
        if values.dtype == object:
            codes, words[name] = _coded(values)
            values = codes
        _save(folder / f"column.{i}.npy", values)
    meta = {"names": names, "words": words}
    files.write(folder / "columns.json", json.dumps(meta, ensure_ascii=True))


def _coded(values: Array) -> tuple[Array, list[str]]:
    """Codes by first appearance and the distinct words."""
    index: dict[str, int] = {}
    codes = [index.setdefault(word, len(index)) for word in values]
    return np.array(codes, dtype=np.int32), list(index)


def _objects(words: Sequence[str]) -> Array:
    made = np.empty(len(words), dtype=object)
    made[:] = words
    return made


def _save(path: Path, values: Array) -> None:
    with files.aside(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def _load(path: Path) -> Array:
    """Memory-mapped; arrays without elements cannot be mapped and are read."""
    try:
        mapped: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        mapped = np.load(path, allow_pickle=False)
    return mapped
