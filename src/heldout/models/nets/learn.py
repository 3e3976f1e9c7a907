"""What every network's ``fit_one`` does once its structure is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.space import Settings
from heldout.models.card import FitInput, Fitted
from heldout.models.nets import fitting
from heldout.models.nets.dense import named_weights
from heldout.models.nets.head import answer, scaling, targets
from heldout.primitives.block import Block
from heldout.training.schedules import Schedule

Shape = Callable[[Doubles, Doubles], Doubles]


@dataclass(frozen=True)
class Manner:
    """How a network is fitted: ``knobs`` are inputs of the compiled program, numbers or
    schedules; ``watch`` and ``begin`` as in ``fitting.Schedule``; ``clipped`` keeps values
    within those of the training rows."""

    batch: int
    knobs: Mapping[str, float | Schedule]
    watch: str = "val_loss"
    begin: Callable[[Any], None] | None = None
    clipped: bool = False


def learn(
    given: FitInput,
    settings: Settings,
    made: fitting.Net,
    manner: Manner,
    inputs: Callable[[Block], fitting.Inputs],
    arrays: Mapping[str, Array],
    numbers: Mapping[str, Any],
) -> Fitted:
    """Adam until the inner part has not improved for ``patience`` epochs, or exactly ``rounds``
    epochs. ``inputs`` makes what the model eats of a block; ``arrays`` are kept in the state
    beside weights and scale of the target."""
    task = given.task
    mean, deviation = scaling(task, given.y, given.weights)
    inner = None
    if given.rounds is None and given.inner is not None and given.y_inner is not None:
        inner = inputs(given.inner), targets(task, given.y_inner, mean, deviation)
    epochs = int(settings["epochs"])
    schedule = fitting.Schedule(
        given.rounds or epochs,
        int(settings["patience"]),
        manner.batch,
        _part(manner.knobs, (given.rounds or epochs) / epochs),
        manner.watch,
        manner.begin,
    )
    trained = fitting.train(
        made,
        inputs(given.train),
        targets(task, given.y, mean, deviation),
        given.weights,
        inner,
        schedule,
        given.seed,
        given.deadline,
    )
    ends = (given.y.min(axis=0), given.y.max(axis=0)) if manner.clipped else None

    def predict(block: Block) -> Doubles:
        raw = fitting.predict(made, trained.weights, inputs(block))
        answers = answer(task, raw, mean, deviation)
        return answers if ends is None else np.clip(answers, *ends)

    made.model.set_weights(trained.weights)
    state = {
        **arrays,
        **named_weights(made.model),
        "target_mean": np.array(mean),
        "target_deviation": np.array(deviation),
    }
    if ends is not None:
        state |= {"target_low": np.array(ends[0]), "target_high": np.array(ends[1])}
    told = {
        "parameters": int(made.model.count_params()),
        "batch": manner.batch,
        "epochs_run": trained.run,
        "findings": trained.findings,
        **numbers,
    }
    return Fitted(state, predict, trained.epochs, trained.stopped, told)


def _part(knobs: Mapping[str, float | Schedule], share: float) -> dict[str, float | Schedule]:
    """A final fit ends after the epochs that were best: it walks the same schedule up to there,
    not the whole of it faster."""
    cut = min(1.0, share)
    return {
        name: replace(knob, shape=_cut(knob.shape, cut)) if isinstance(knob, Schedule) else knob
        for name, knob in knobs.items()
    }


def _cut(shape: Shape, share: float) -> Shape:
    return lambda progress, step: shape(progress * share, step)
