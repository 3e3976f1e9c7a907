"""A one-step model of a series: any learner on changes between lags, told in units of the target.

The learner predicts how the next value differs from the one ``base`` steps before it, as a ratio or
a difference; the graph takes the raw lags and gives the next value. Only ``lag_k`` columns enter.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.core.space import Settings
from heldout.models.assemble import Assembled
from heldout.models.blend import blend, blend_onnx
from heldout.models.card import MODELS, FitInput, ModelCard, State
from heldout.primitives.recipe import PrimitiveRef, Recipe, RecipeSpec, Step
from heldout.tables.schema import Schema
from heldout.tasks.series import lag_columns
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SHORT, LONG = 3, 6  # changes that a linear model and a boosted one look at
RIDGE: Settings = {}
BOOSTED: Settings = {
    "objective": "l2", "leaves": 4, "min_leaf": 5, "learning_rate": 0.05, "feature_fraction": 0.8,
}  # fmt: skip
ROUNDS = 120


@dataclass(frozen=True)
class StepCandidate:
    """``pairs`` are (newer, older) lags, counted from 1; ``how`` "ratio" or "difference"."""

    name: str
    card: str
    base: int
    how: str
    pairs: tuple[tuple[int, int], ...]
    settings: Settings = field(default_factory=dict)
    rounds: int | None = None

    @property
    def depth(self) -> int:
        """Steps of history that are looked at."""
        return max(self.base, *(max(pair) for pair in self.pairs))

    @property
    def model(self) -> ModelCard:
        """The learner."""
        return MODELS.get(self.card)

    def spec(self) -> RecipeSpec:
        """Changes between lags; scaled and clipped for linear models."""
        places = [[a - 1, b - 1] for a, b in self.pairs]
        chain = [PrimitiveRef("change", 1, {"pairs": places, "how": self.how})]
        if self.model.view == "linear":
            fill = PrimitiveRef("median_fill", 1, {"indicator": False})
            chain += [fill, PrimitiveRef("standardize"), PrimitiveRef("clip", 1, {"limit": 8.0})]
        lags = tuple(f"lag_{k}" for k in range(1, self.depth + 1))
        return RecipeSpec(self.model.view, (Step("x", lags, tuple(chain)),))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return dataclasses.asdict(self)


def candidates(season: int, positive: bool) -> list[StepCandidate]:
    """In order of simplicity. Against the last season and against the last value; by ratios only
    where every value is above 0."""
    found = []
    for how in ("ratio", "difference") if positive else ("difference",):
        if season > 1:
            found.append(_ridge("season", season, how, _changes(SHORT, season)))
        recent = _changes(SHORT, 1)
        again = ((season, season + 1),) if season > SHORT else ()
        found.append(_ridge("last", 1, how, recent + again))
    how = "ratio" if positive else "difference"
    count = min(LONG, season + 1) if season > 1 else LONG
    name = "lightgbm_season" if season > 1 else "lightgbm_last"
    found.append(
        StepCandidate(name, "lightgbm", season, how, _changes(count, season), dict(BOOSTED), ROUNDS)
    )
    return found


def _ridge(name: str, base: int, how: str, pairs: tuple[tuple[int, int], ...]) -> StepCandidate:
    return StepCandidate(f"ridge_{name}_{how}", "ridge", base, how, pairs, dict(RIDGE))


def _changes(count: int, apart: int) -> tuple[tuple[int, int], ...]:
    return tuple((k, k + apart) for k in range(1, count + 1))


@dataclass(frozen=True)
class StepModel:
    """A fitted candidate. Its answer, a ratio or difference, is kept within what training saw."""

    candidate: StepCandidate
    recipe: Recipe
    state: State
    low: float
    high: float
    library: Any

    def __call__(self, window: Doubles) -> Doubles:
        """Windows (n, steps), the newest last, to the next value of each, (n,)."""
        columns = lag_columns(window)
        change = self.library(self.recipe.transform(columns))[:, 0]
        change = np.minimum(np.maximum(change, self.low), self.high)
        base = columns[f"lag_{self.candidate.base}"]
        with np.errstate(over="ignore"):
            return np.asarray(
                base * change if self.candidate.how == "ratio" else base + change,
                dtype=np.float64,
            )


def fit_step(
    candidate: StepCandidate,
    window: Doubles,
    following: Doubles,
    task: Task,
    seed: Seed,
    deadline: Deadline,
) -> StepModel | None:
    """Fit on windows (n, depth) and what followed; None where fewer than 10 are usable."""
    columns = lag_columns(window)
    base = columns[f"lag_{candidate.base}"]
    with np.errstate(all="ignore"):
        change = following / base if candidate.how == "ratio" else following - base
    usable = np.isfinite(change)
    if int(usable.sum()) < 10:
        return None
    columns = {name: values[usable] for name, values in columns.items()}
    change = change[usable]
    recipe, block = candidate.spec().fit(columns, change, seed=seed.child("recipe"))
    plain = dataclasses.replace(task, kind="regression", metric="rmse", group=(), time=())
    given = FitInput(
        task=plain,
        settings=candidate.settings,
        train=block,
        y=change,
        weights=None,
        inner=None,
        y_inner=None,
        rounds=candidate.rounds,
        seed=seed.child("fit"),
        deadline=deadline,
    )
    fitted = candidate.model.fit_one(given)
    low, high = float(change.min()), float(change.max())
    return StepModel(candidate, recipe, fitted.state, low, high, fitted.predict)


@dataclass(frozen=True)
class StepBlend:
    """The plain mean of several one-step models: decided before any was scored, so that nothing
    was chosen and nothing has to be paid for."""

    members: tuple[StepModel, ...]

    @property
    def depth(self) -> int:
        """Steps of history that are looked at."""
        return max(m.candidate.depth for m in self.members)

    def __call__(self, window: Doubles) -> Doubles:
        """Windows (n, steps), the newest last, to the next value of each, (n,)."""
        values = [member(window) for member in self.members]
        return blend(values, [1.0] * len(values))


def assemble_step(task: Task, schema: Schema, model: StepBlend) -> Assembled:
    """The one-step graph: ``lag_k`` double [N, 1] in, "prediction" double [N, 1] out."""
    from heldout.graph.inputs import declare
    from heldout.graph.tape import Tape

    tape = Tape()
    inputs = declare(tape, schema)
    values = [_member_onnx(task, tape, inputs, member) for member in model.members]
    result = blend_onnx(tape, values, [1.0] * len(values))
    tape.output("prediction", result, "double", (None, 1))
    return Assembled(tape.build(), tape.tree_nodes, {"prediction": "double"})


def _member_onnx(task: Task, tape: Tape, inputs: Mapping[str, str], model: StepModel) -> str:
    candidate = model.candidate
    assert candidate.model.to_onnx is not None
    parts = model.recipe.to_onnx(tape, inputs)
    plain = dataclasses.replace(task, kind="regression", metric="rmse")
    change = candidate.model.to_onnx(model.state, candidate.settings, plain, tape, parts)
    low, high = (tape.const(np.array(end, dtype=np.float64)) for end in (model.low, model.high))
    change = tape.op("Min", tape.op("Max", change, low), high)
    base = inputs[f"lag_{candidate.base}"]
    return tape.op("Mul" if candidate.how == "ratio" else "Add", base, change)


def assemble_lag(schema: Schema, lag: int) -> Assembled:
    """The graph of a null model: the value ``lag`` steps before."""
    from heldout.graph.inputs import declare
    from heldout.graph.tape import Tape

    tape = Tape()
    inputs: Mapping[str, str] = declare(tape, schema)
    tape.output("prediction", inputs[f"lag_{lag}"], "double", (None, 1))
    return Assembled(tape.build(), 0, {"prediction": "double"})


def usable(found: Sequence[StepCandidate], only: Sequence[str]) -> list[StepCandidate]:
    """Those that were asked for by --models, by name or learner; all without it."""
    return [c for c in found if not only or c.name in only or c.card in only]
