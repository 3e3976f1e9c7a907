"""TabM in Keras: an ensemble in one network (MODEL-11, PREP-19)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.space import Choice, Real, Settings, Space, Whole, defaults
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.learners.dense_net import batch_size
from heldout.models.settings import complete
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SPACE: Space = {
    "members": Choice((8, 16, 32), 16),
    "own": Choice((False, True), False),
    "units": Choice((64, 128, 256, 512), 256),
    "layers": Whole(1, 4, 2),
    "bins": Choice((8, 16, 32, 48), 16),
    "width": Choice((8, 16, 32), 8),
    "dropout": Real(0.0, 0.5, 0.1),
    "learning_rate": Real(1e-4, 5e-3, 2e-3, log=True),
    "decay": Real(1e-4, 0.1, 3e-4, log=True),
    "epochs": Whole(16, 256, 100, log=True),
    "patience": Whole(4, 32, 16),
    "most_hot": Choice((8, 16, 32), 32),
    "embedding_factor": Choice((1, 2, 4), 4),
    "objective": Choice((None, "l1", "l2"), None),
}
"""``own``: factors for every member in every layer ("TabM"); without it in front of the first
layer alone ("TabM-mini"). Published: 32 members, 3 x 512, 48 bins x 16, on a GPU."""
COMPILE = 4.0  # CPU seconds, Keras' import included
USUAL = 0.7  # share of the epochs that early stopping leaves
SPEED = 5e10  # operations a CPU second


def fit_one(given: FitInput) -> Fitted:
    """Adam until the members' mean has not improved for ``patience`` epochs on the inner part, or
    exactly ``rounds`` epochs; each member is trained on its own loss."""
    from heldout.models.nets import dense, fitting, tabm
    from heldout.models.nets.head import head
    from heldout.models.nets.learn import Manner, learn

    settings = complete(SPACE, given.settings)
    kind = head(given.task, settings["objective"])
    layout = dense.Layout.of(given.train, settings["most_hot"], settings["embedding_factor"])
    units = (int(settings["units"]),) * int(settings["layers"])
    members, bins, width = (int(settings[name]) for name in ("members", "bins", "width"))
    dropout, decay, own = float(settings["dropout"]), float(settings["decay"]), settings["own"]
    inputs = layout.inputs(given.train)
    made = fitting.net(
        ("tabm", layout, units, members, bins, width, own, dropout > 0, kind),
        lambda: tabm.build(layout, units, members, bins, width, own, dropout, kind.units),
        kind,
        inputs,
        chunk=max(32, 4_096 // members),
        compiling=lambda: tabm.compiling(kind, decay),
    )
    knobs = {"learning_rate": float(settings["learning_rate"]), "weight_decay": decay}
    if dropout > 0:
        knobs["dropout"] = dropout
    numbers = inputs[0][:, : layout.numbers]

    def begin(model: Any) -> None:
        tabm.begin(model, numbers)

    batch = min(batch_size(len(given.y)), len(given.y))
    manner = Manner(batch, knobs, "val_together", begin)
    arrays = {**layout.arrays(), "members": np.array(members)}
    told = {"inputs": layout.width, "members": members}
    return learn(given, settings, made, manner, layout.inputs, arrays, told)


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """Float32 up to the raw scores of each member; their answers and mean in double."""
    from heldout.models.nets.head import answer_onnx
    from heldout.models.nets.tabm import to_onnx as raw_onnx

    return answer_onnx(task, tape, raw_onnx(state, tape, parts), state)


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = compiling + epochs * batches * members * six operations a weight."""
    full = {**defaults(SPACE), **settings}
    batch = min(batch_size(size.rows), size.rows)
    width, depth, k = float(full["units"]), int(full["layers"]), int(full["members"])
    inputs = size.features * full["width"]
    shared = width * (inputs + (depth - 1) * width)
    heads = k * width * max(1, size.outputs)
    curves = size.features * full["bins"] * full["width"]
    work = batch * (k * shared + heads + curves)
    step = 5e-4 + 12e-10 * (shared + heads + k * inputs) + 6 * work / SPEED
    steps = USUAL * full["epochs"] * math.ceil(size.rows / batch)
    memory = 400e6 + 8.0 * size.rows * size.features + 16 * (shared + heads)
    return Cost(COMPILE + steps * step, memory + 16.0 * batch * k * (inputs + depth * width))


CARD = ModelCard(
    name="tabm",
    title="TabM (Keras)",
    version=2,
    family="net",
    tasks=("binary", "multiclass", "regression"),
    view="net",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="many networks that share their weights, each with its own view of the inputs",
    invented="Gorishniy, Kotelnikov and Babenko 2024; BatchEnsemble, Wen, Tran and Ba 2020",
    source="Gorishniy, Kotelnikov and Babenko 2024, TabM: advancing tabular deep learning with"
    " parameter-efficient ensembling",
    assumes="scaled inputs, rows enough for its parameters",
    when="thousands of rows and minutes; beside boosted trees, whose errors differ",
    when_not="a short budget; each answer costs as many networks as there are members",
    early_stopping=True,
    tolerance=1e-5,
)
