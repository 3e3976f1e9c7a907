"""What every network's ``fit_one`` does once its structure is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.space import Settings
from heldout.models.card import FitInput, Fitted
from heldout.models.nets import fitting
from heldout.models.nets.dense import named_weights
from heldout.models.nets.head import answer, scaling, targets
from heldout.primitives.block import Block


def learn(
    given: FitInput,
    settings: Settings,
    made: fitting.Net,
    batch: int,
    knobs: Mapping[str, float],
    inputs: Callable[[Block], fitting.Inputs],
    arrays: Mapping[str, Array],
    numbers: Mapping[str, Any],
) -> Fitted:
    """Adam until the inner part has not improved for ``patience`` epochs, or exactly ``rounds``
    epochs. ``knobs`` are inputs of the compiled program; ``inputs`` makes what the model eats of a block; ``arrays`` are kept in the state
    beside weights and scale of the target."""
    task = given.task
    mean, deviation = scaling(task, given.y, given.weights)
    inner = None
    if given.rounds is None and given.inner is not None and given.y_inner is not None:
        inner = inputs(given.inner), targets(task, given.y_inner, mean, deviation)
    schedule = fitting.Schedule(
        given.rounds or int(settings["epochs"]),
        int(settings["patience"]),
        batch,
        knobs,
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

    def predict(block: Block) -> Doubles:
        raw = fitting.predict(made, trained.weights, inputs(block))
        return answer(task, raw, mean, deviation)

    made.model.set_weights(trained.weights)
    state = {
        **arrays,
        **named_weights(made.model),
        "target_mean": np.array(mean),
        "target_deviation": np.array(deviation),
    }
    told = {
        "parameters": int(made.model.count_params()),
        "batch": batch,
        "epochs_run": trained.run,
        **numbers,
    }
    return Fitted(state, predict, trained.epochs, trained.stopped, told)
