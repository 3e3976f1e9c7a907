"""Recipes fitted once per view and fold, and the blocks that fits eat (joints 2).

Kept in memory, and on disk so that the other worker need not fit the same recipe again.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heldout.core.arrays import Ints
from heldout.primitives.block import Block, Part
from heldout.primitives.recipe import Recipe
from heldout.search.data import FINAL, TrainingData
from heldout.search.fits import digest
from heldout.search.gaps import drawn, with_copies

MOST_BYTES = 512 * 2**20  # of blocks kept in memory by one worker
MOST_ON_DISK = 256 * 2**20  # a larger block is not written for the other worker


@dataclass(frozen=True)
class Prepared:
    """``training`` holds the *training* values (out-of-fold encodings) of the recipe's rows, in
    their order, and behind them of copies with gaps (``gaps``); ``valid`` the transformed
    validation part, None for the final recipe."""

    recipe: Recipe
    training: Block
    valid: Block | None

    @property
    def bytes(self) -> int:
        """Roughly, for the cache."""
        blocks = [self.training] + ([self.valid] if self.valid is not None else [])
        return sum(int(p.values.nbytes) for b in blocks for p in b.parts.values())


class Kitchen:
    """Prepares blocks for one worker."""

    def __init__(self, data: TrainingData, folder: Path) -> None:
        self.data = data
        self.folder = folder
        self._kept: OrderedDict[tuple[str, int], Prepared] = OrderedDict()

    def get(self, view: str, fold: int) -> Prepared:
        """The recipe of a view on a fold's training part, with its blocks."""
        found = self._kept.get((view, fold))
        if found is None:
            found = self._make(view, fold)
            self._kept[view, fold] = found
            while len(self._kept) > 1 and sum(p.bytes for p in self._kept.values()) > MOST_BYTES:
                self._kept.popitem(last=False)
        self._kept.move_to_end((view, fold))
        return found

    def _make(self, view: str, fold: int) -> Prepared:
        data, spec = self.data, self.data.specs[view]
        rows = data.training(fold)
        copied = None
        if data.may_miss:
            copied = drawn(len(rows), len(data.may_miss), data.seed.child("may_miss", fold))
        behind = rows if copied is None else np.concatenate([rows, rows[copied[0]]])
        place = self.folder / recipe_key(data, view, fold)
        made = read(place)
        if made is None:
            columns = data.files.take(spec.columns, rows)
            if copied is not None:
                rows, columns = behind, with_copies(columns, data.may_miss, *copied)
            weights = None if data.weights is None else np.asarray(data.weights[rows])
            made = spec.fit(
                columns,
                np.asarray(data.y[rows]),
                weights,
                data.inner_folds(rows, fold),
                data.seed.child("recipe", view, fold),
            )
            write(place, *made)
        recipe, training = made
        training = dataclasses.replace(training, samples=behind)
        if fold == FINAL:
            return Prepared(recipe, training, None)
        valid = data.folds[fold].valid
        block = recipe.transform(data.files.take(spec.columns, valid))
        return Prepared(recipe, training, dataclasses.replace(block, samples=valid))


def recipe_key(data: TrainingData, view: str, fold: int) -> str:
    """Names the fitted recipe by everything that it depends on within a run's data folder."""
    parts = (data.specs[view].digest, data.training(fold), data.task.as_dict(), fold)
    return digest(*parts, *data.may_miss)[:32]


def take(block: Block, where: Ints) -> Block:
    """The block of these positions."""
    parts = {n: dataclasses.replace(p, values=p.values[where]) for n, p in block.parts.items()}
    return Block(parts, block.samples[where])


def write(place: Path, recipe: Recipe, training: Block) -> None:
    """Keep a fitted recipe and its training values; another worker's equal ones stay."""
    if place.exists() or sum(p.values.nbytes for p in training.parts.values()) > MOST_ON_DISK:
        return
    aside = place.with_name(f".{place.name}.{os.getpid()}.part")
    aside.mkdir(parents=True, exist_ok=True)
    try:
        for name, part in training.parts.items():
            np.save(aside / f"{name}.npy", part.values, allow_pickle=False)
        meta = {name: _described(part) for name, part in training.parts.items()}
        text = json.dumps({"recipe": recipe.as_dict(), "parts": meta}, ensure_ascii=True)
        (aside / "recipe.json").write_text(text, encoding="ascii")
        aside.rename(place)
    except OSError:
        if not (place / "recipe.json").exists():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def read(place: Path) -> tuple[Recipe, Block] | None:
    """What ``write`` kept; None where there is nothing whole."""
    try:
        known = json.loads((place / "recipe.json").read_bytes())
        parts = {
            name: Part(
                kind=part["kind"],
                # Not mapped: scikit-learn's trees refuse arrays that cannot be written.
                values=np.load(place / f"{name}.npy", allow_pickle=False),
                names=tuple(part["names"]),
                origins=tuple(part["origins"]),
                categorical=tuple(part["categorical"]),
                sizes=tuple(part["sizes"]),
            )
            for name, part in known["parts"].items()
        }
    except (OSError, ValueError, KeyError):
        return None
    recipe = Recipe.from_dict(known["recipe"])
    return recipe, Block(parts, np.arange(len(next(iter(parts.values())).values)))


def _described(part: Part) -> Mapping[str, object]:
    return {k: getattr(part, k) for k in ("kind", "names", "origins", "categorical", "sizes")}
