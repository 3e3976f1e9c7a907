"""RecipeSpec, made once per view before any fold; Recipe, the same fitted (joints 2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.core.space import Settings
from heldout.primitives.block import Block, Part
from heldout.primitives.card import PRIMITIVES, Feature, Folds, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape
    from heldout.tables.table import Columns


@dataclass(frozen=True)
class PrimitiveRef:
    """``number@1`` with its settings, those that differ from the card's defaults."""

    name: str
    version: int = 1
    settings: Settings = field(default_factory=dict)

    @property
    def card(self) -> PrimitiveCard:
        """From the shelf; raises H520 if the shelf holds another version."""
        card = PRIMITIVES.get(self.name)
        if card.version != self.version:
            raise HeldoutError(
                "H520",
                f"the recipe needs {self.name}@{self.version}",
                seen=f"this heldout has {self.name}@{card.version}",
                why="another version would prepare the columns differently",
                do=["train again, or use the version of heldout that made the recipe"],
            )
        return card

    @property
    def all_settings(self) -> dict[str, Any]:
        """The card's defaults, overridden."""
        return {**self.card.defaults, **self.settings}

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"primitive": f"{self.name}@{self.version}", "settings": dict(self.settings)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PrimitiveRef:
        """The inverse of ``as_dict``."""
        name, _, version = data["primitive"].partition("@")
        return cls(name, int(version), dict(data["settings"]))


@dataclass(frozen=True)
class Step:
    """Raw columns through a chain of primitives into a part of the Block: the first one reads
    columns, the others the matrix before them."""

    part: str
    columns: tuple[str, ...]
    chain: tuple[PrimitiveRef, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "part": self.part,
            "columns": list(self.columns),
            "chain": [ref.as_dict() for ref in self.chain],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        """The inverse of ``as_dict``."""
        chain = tuple(PrimitiveRef.from_dict(ref) for ref in data["chain"])
        return cls(data["part"], tuple(data["columns"]), chain)

    def fit(self, columns: Columns, training: Training) -> tuple[tuple[State, ...], Array]:
        """The states of the chain and the training values (out of fold where that matters)."""
        values: Sequence[Array] = [columns[name] for name in self.columns]
        states = []
        for ref in self.chain:
            card = ref.card
            state, known = card.fit(values, training, ref.all_settings)
            values = [card.transform(state, values) if known is None else known]
            states.append(state)
        return tuple(states), values[0]


@dataclass(frozen=True)
class RecipeSpec:
    """What to do with the columns, not yet fitted. Frozen, JSON, with a digest.

    >>> spec = RecipeSpec("trees", (Step("x", ("age",), (PrimitiveRef("number"),)),))
    >>> RecipeSpec.from_dict(spec.as_dict()) == spec
    True
    """

    view: str
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"view": self.view, "steps": [step.as_dict() for step in self.steps]}

    def as_json(self) -> str:
        """Equal specifications give equal texts."""
        return json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RecipeSpec:
        """The inverse of ``as_dict``."""
        return cls(data["view"], tuple(Step.from_dict(step) for step in data["steps"]))

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON text, hexadecimal."""
        return hashlib.sha256(self.as_json().encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def columns(self) -> list[str]:
        """The raw columns that are read, each once."""
        return list(dict.fromkeys(name for step in self.steps for name in step.columns))

    def fit(
        self,
        columns: Columns,
        y: Doubles | None = None,
        weights: Doubles | None = None,
        inner_folds: Folds = (),
        seed: Seed | None = None,
    ) -> tuple[Recipe, Block]:
        """Fit on these rows and nothing else; the Block holds their *training* values.

        ``columns`` and ``y`` hold the training rows; ``inner_folds`` number within them.
        """
        states, made = [], []
        for step in self.steps:
            training = Training(y, weights, inner_folds, seed or Seed())
            fitted, values = step.fit(columns, training)
            states.append(fitted)
            made.append(values)
        recipe = Recipe(self, tuple(states))
        return recipe, recipe.block(made)


@dataclass(frozen=True)
class Recipe:
    """A fitted specification: one state for each primitive of each step."""

    spec: RecipeSpec
    states: tuple[tuple[State, ...], ...]

    @property
    def view(self) -> str:
        """The view it was made for."""
        return self.spec.view

    @property
    def columns(self) -> list[str]:
        """The raw columns that are read, each once."""
        return self.spec.columns

    def transform(self, columns: Columns) -> Block:
        """Typed arrays (``tables.table.Columns``) to the parts that models eat."""
        made = []
        for step, states in zip(self.spec.steps, self.states, strict=True):
            values: Sequence[Array] = [columns[name] for name in step.columns]
            for ref, state in zip(step.chain, states, strict=True):
                values = [ref.card.transform(state, values)]
            made.append(values[0])
        return self.block(made)

    def to_onnx(self, tape: Tape, inputs: Mapping[str, str]) -> dict[str, str]:
        """Write the same on a tape; graph inputs by column in, names of the parts out: "x" is
        float [N, d], "codes" is int32 [N, c]."""
        made: dict[str, list[str]] = {}
        for step, states in zip(self.spec.steps, self.states, strict=True):
            names: Sequence[str] = [inputs[name] for name in step.columns]
            for ref, state in zip(step.chain, states, strict=True):
                names = [ref.card.to_onnx(state, tape, names)]
            made.setdefault(step.part, []).append(names[0])
        return {part: tape.concat(names) for part, names in made.items()}

    def features(self) -> dict[str, list[Feature]]:
        """The features of each part, in the order of its columns."""
        made: dict[str, list[Feature]] = {}
        for step, states in zip(self.spec.steps, self.states, strict=True):
            found = [Feature(name, name) for name in step.columns]
            for ref, state in zip(step.chain, states, strict=True):
                found = ref.card.features(state, found)
            made.setdefault(step.part, []).extend(found)
        return made

    def block(self, made: Sequence[Array]) -> Block:
        """The steps' matrices side by side in their parts, with names and origins."""
        matrices: dict[str, list[Array]] = {}
        kinds = {}
        for step, matrix in zip(self.spec.steps, made, strict=True):
            matrices.setdefault(step.part, []).append(matrix)
            kinds[step.part] = step.chain[0].card.makes
        parts = {
            part: Part(
                kind=kinds[part],
                values=np.concatenate(matrices[part], axis=1),
                names=tuple(f.name for f in found),
                origins=tuple(f.origin for f in found),
                categorical=tuple(f.categorical for f in found),
                sizes=tuple(f.size for f in found),
            )
            for part, found in self.features().items()
        }
        return Block(parts, np.arange(len(made[0])))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; ``from_dict`` gives a recipe that transforms bit for bit the same."""
        return {"spec": self.spec.as_dict(), "states": [list(map(dict, s)) for s in self.states]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recipe:
        """The inverse of ``as_dict``."""
        return cls(RecipeSpec.from_dict(data["spec"]), tuple(tuple(s) for s in data["states"]))
