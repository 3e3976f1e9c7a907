"""One fit for each of several targets, so that every card serves them without a change.

The state holds the arrays of target j as ``tj.NAME``; what a fit found by itself is kept for each
target likewise (``tj.SETTING``), rounds among it. Training rows in which a target never varies
get its constant: there is nothing to fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline, now
from heldout.core.space import Settings
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

ROUNDS = "rounds"
CONSTANT = "never_varies"


def does(card: ModelCard, task: Task) -> bool:
    """Whether the learner can be fitted to the task: as a whole, or to each of its targets."""
    kind = task.parts[0].kind if task.parts else task.kind
    return kind in card.tasks


def fit(card: ModelCard, given: FitInput) -> Fitted:
    """The learner's fit, whatever the task."""
    task = given.task
    if not task.parts or card.joint:
        return card.fit_one(given)
    fits = []
    for j in range(len(task.parts)):
        left = given.deadline.left() / (len(task.parts) - j)
        fits.append(_one(card, given, j, Deadline(min(given.deadline.at, now() + left))))

    def predict(block: Block) -> Doubles:
        return np.stack([f.predict(block)[:, -1] for f in fits], axis=1)

    rounds = max(f.rounds for f in fits)
    chosen = {f"t{j}.{name}": value for j, f in enumerate(fits) for name, value in f.chosen.items()}
    if rounds:
        chosen |= {f"t{j}.{ROUNDS}": float(f.rounds) for j, f in enumerate(fits)}
    return Fitted(
        {f"t{j}.{name}": value for j, f in enumerate(fits) for name, value in f.state.items()},
        predict,
        rounds,
        any(f.stopped for f in fits),
        _numbers(fits),
        chosen,
    )


def to_onnx(
    card: ModelCard,
    state: State,
    settings: Settings,
    task: Task,
    tape: Tape,
    parts: Mapping[str, str],
) -> str:
    """The same in a graph: double [N, outputs]."""
    assert card.to_onnx is not None
    if not task.parts or card.joint:
        return card.to_onnx(state, settings, task, tape, parts)
    made = []
    last = tape.const(np.array([-1], dtype=np.int64))
    for j, part in enumerate(task.parts):
        own = of_target(state, j)
        if CONSTANT in own:
            rows = tape.op("Shape", next(iter(parts.values())), start=0, end=1)
            shape = tape.concat([rows, tape.const(np.array([1], dtype=np.int64))], axis=0)
            value = tape.const(np.array([[float(own[CONSTANT])]]))
            made.append(tape.op("Expand", value, shape))
            continue
        raw = card.to_onnx(own, _settings(settings, j), part, tape, parts)
        made.append(tape.op("Gather", raw, last, axis=1))
    return tape.concat(made)


def price(card: ModelCard, size: Size, settings: Settings, task: Task) -> Cost:
    """What a fit costs: that of one target, times the targets."""
    if not task.parts or card.joint:
        return card.cost(size, settings)
    outputs = 2 if task.is_multilabel else 1
    one = card.cost(replace(size, outputs=outputs), _settings(settings, 0))
    return Cost(one.seconds * len(task.parts), one.memory)


def of_target(values: Mapping[str, Any], j: int) -> dict[str, Any]:
    """What belongs to target ``j``, under its own names.

    >>> of_target({"t0.coef": 1, "t10.coef": 2, "t1.coef": 3}, 1)
    {'coef': 3}
    """
    head = f"t{j}."
    return {name[len(head) :]: value for name, value in values.items() if name.startswith(head)}


def _settings(settings: Settings, j: int) -> dict[str, Any]:
    """Those of all targets, and what folds chose for this one."""
    shared = {name: value for name, value in settings.items() if "." not in name}
    own = of_target(settings, j)
    own.pop(ROUNDS, None)
    return {**shared, **own}


def _one(card: ModelCard, given: FitInput, j: int, deadline: Deadline) -> Fitted:
    """The fit of one target; its constant where the training rows hold one value only."""
    part, y = given.task.parts[j], np.ascontiguousarray(given.y[:, j])
    if y.min() == y.max():
        return _constant(float(y[0]), given.task)
    inner = None if given.y_inner is None else np.ascontiguousarray(given.y_inner[:, j])
    return card.fit_one(
        replace(
            given,
            task=part,
            settings=_settings(given.settings, j),
            y=y,
            y_inner=inner,
            rounds=_rounds(given, j),
            seed=given.seed.child("target", part.target),
            deadline=deadline,
            share=given.share / len(given.task.parts),
        )
    )


def _rounds(given: FitInput, j: int) -> int | None:
    """Of the rounds of the longest target, as many as the folds found best for this one."""
    if given.rounds is None:
        return None
    every = [float(given.settings.get(f"t{i}.{ROUNDS}", 0)) for i in range(len(given.task.parts))]
    most = max(every)
    return given.rounds if most <= 0 else max(1, round(given.rounds * every[j] / most))


def _constant(value: float, task: Task) -> Fitted:
    state: dict[str, Array] = {CONSTANT: np.array(value)}
    width = 2 if task.is_multilabel else 1

    def predict(block: Block) -> Doubles:
        return np.full((len(block), width), value)

    return Fitted(state, predict)


def _numbers(fits: list[Fitted]) -> dict[str, Any]:
    """Counts add up over the targets; what is no whole number is left out."""
    names = dict.fromkeys(name for f in fits for name in f.numbers)
    whole = [n for n in names if all(isinstance(f.numbers.get(n, 0), int) for f in fits)]
    return {n: sum(int(f.numbers.get(n, 0)) for f in fits) for n in whole}
