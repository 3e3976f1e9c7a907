"""Wide and deep in Keras (MODEL-17)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from heldout.core.space import Choice, Real, Settings, Space, Whole, defaults
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.learners.dense_net import COMPILE, USUAL, batch_size
from heldout.models.settings import complete
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SPACE: Space = {
    "units": Choice((32, 64, 128, 256), 128),
    "layers": Whole(1, 4, 2),
    "dropout": Real(0.0, 0.5, 0.1),
    "l1": Real(1e-7, 1e-3, 1e-5, log=True),
    "pairs": Choice((0, 10, 30, 100), 30),
    "buckets": Choice((256, 1_024, 4_096), 1_024),
    "learning_rate": Real(2e-4, 1e-2, 2e-3, log=True),
    "epochs": Whole(8, 256, 64, log=True),
    "patience": Whole(4, 32, 10),
    "most_hot": Choice((8, 16, 32), 16),
    "embedding_factor": Choice((1, 2, 4), 1),
    "objective": Choice((None, "l1", "l2"), None),
}


def fit_one(given: FitInput) -> Fitted:
    """Adam for both parts until the inner part has not improved for ``patience`` epochs, or
    exactly ``rounds`` epochs; the wide part's weights have an L1 penalty."""
    from heldout.models.nets import dense, fitting, wide_deep
    from heldout.models.nets.head import head
    from heldout.models.nets.learn import Manner, learn

    settings = complete(SPACE, given.settings)
    kind = head(given.task, settings["objective"])
    layout = dense.Layout.of(given.train, settings["most_hot"], settings["embedding_factor"])
    wide = wide_deep.Wide.of(layout.sizes, int(settings["pairs"]), int(settings["buckets"]))
    units = (int(settings["units"]),) * int(settings["layers"])
    dropout, l1 = float(settings["dropout"]), float(settings["l1"])
    penalized = l1 > 0 and bool(wide.sizes)
    made = fitting.net(
        ("wide_deep", layout, wide, units, dropout > 0, penalized, kind),
        lambda: wide_deep.build(layout, wide, units, dropout, l1, kind.units),
        kind,
        wide_deep.inputs(layout, wide, given.train),
    )
    knobs = {"learning_rate": float(settings["learning_rate"])}
    if dropout > 0:
        knobs["dropout"] = dropout
    if penalized:
        knobs["l1"] = l1
    batch = min(batch_size(len(given.y)), len(given.y))
    told = {"inputs": layout.width, "wide": wide.rows, "pairs": len(wide.pairs)}
    return learn(
        given,
        settings,
        made,
        Manner(batch, knobs),
        lambda block: wide_deep.inputs(layout, wide, block),
        {**layout.arrays(), **wide.arrays()},
        told,
    )


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """Float32 up to the raw scores; activation and scale of the target in double."""
    from heldout.models.nets.head import answer_onnx
    from heldout.models.nets.wide_deep import to_onnx as raw_onnx

    return answer_onnx(task, tape, raw_onnx(state, tape, parts), state)


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = compiling + epochs * batches * (Keras' own + six operations a weight)."""
    full = {**defaults(SPACE), **settings}
    batch = min(batch_size(size.rows), size.rows)
    width, depth, outputs = float(full["units"]), int(full["layers"]), max(1, size.outputs)
    weights = width * (size.features + (depth - 1) * width + outputs)
    table = full["pairs"] * full["buckets"] * outputs
    step = 3e-4 + 12e-10 * table + 6 * batch * weights / 6e10
    steps = USUAL * full["epochs"] * math.ceil(size.rows / batch)
    memory = 350e6 + 8.0 * size.rows * (size.features + full["pairs"]) + 16 * (weights + table)
    return Cost(COMPILE + steps * step, memory)


CARD = ModelCard(
    name="wide_deep",
    title="wide and deep network (Keras)",
    version=2,
    family="net",
    tasks=("binary", "multiclass", "regression"),
    view="net",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="a linear model on categories and their pairs beside a dense network, added up",
    invented="Cheng et al. 2016",
    source="Cheng et al. 2016, Wide and deep learning for recommender systems",
    assumes="combinations of categories that come back, and smooth effects of the rest",
    when="many categories whose pairs matter, many thousand rows",
    when_not="tables of numbers: without categories it is a dense network with a straight line",
    early_stopping=True,
    tolerance=1e-5,
    joint=True,
)
