"""A dense network in Keras: embeddings, relu layers, dropout (MODEL-11)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from heldout.core.space import Choice, Real, Settings, Space, Whole, defaults
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.settings import complete
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SPACE: Space = {
    "units": Choice((32, 64, 128, 256), 128),
    "layers": Whole(1, 4, 2),
    "dropout": Real(0.0, 0.5, 0.1),
    "learning_rate": Real(2e-4, 1e-2, 2e-3, log=True),
    "epochs": Whole(8, 256, 64, log=True),
    "patience": Whole(4, 32, 10),
    "most_hot": Choice((8, 16, 32), 16),
    "embedding_factor": Choice((1, 2, 4), 1),
    "objective": Choice((None, "l1", "l2"), None),
    "batch": Choice((None, 16, 32, 64, 128, 256, 512), None),
    "optimizer": Choice(("adam", "sgd", "rmsprop"), "adam"),
    "activation": Choice(("relu", "tanh", "elu", "selu", "sigmoid", "leaky_relu", "prelu"), "relu"),
    "initializer": Choice(("he_normal", "glorot_uniform", "lecun_normal"), "he_normal"),
    "normalization": Choice(("none", "batch"), "none"),
    "l1": Choice((0.0, 1e-6, 1e-5, 1e-4, 1e-3), 0.0),
    "l2": Choice((0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2), 0.0),
    "weight_decay": Choice((0.0, 1e-3, 1e-2, 0.1), 0.0),
}
BATCHES = ((2_800, 32), (4_500, 64), (6_400, 128), (32_000, 256), (108_000, 512))
COMPILE = 2.0  # CPU seconds, Keras' import and the first compilation of a process included
USUAL = 0.7  # share of the epochs that early stopping leaves


def batch_size(rows: int) -> int:
    """Rows a batch: steps stay cheap on large tables, and many enough on small ones.

    >>> [batch_size(n) for n in (500, 5_000, 50_000, 500_000)]
    [32, 128, 512, 1024]
    """
    return next((size for limit, size in BATCHES if rows < limit), 1_024)


def fit_one(given: FitInput) -> Fitted:
    """Adam (or another optimizer) until the inner part has not improved for ``patience`` epochs, or
    exactly ``rounds`` epochs. ``numbers`` tells the parameters, counted before training.
    ``objective`` "l1" learns medians; without it the loss is that of the table of tasks."""
    from heldout.models.nets import dense, fitting
    from heldout.models.nets.head import head
    from heldout.models.nets.learn import Manner, learn

    settings = complete(SPACE, given.settings)
    kind = head(given.task, settings["objective"])
    layout = dense.Layout.of(given.train, settings["most_hot"], settings["embedding_factor"])
    units = (int(settings["units"]),) * int(settings["layers"])
    dropout = float(settings["dropout"])
    batch = min(settings["batch"] or batch_size(len(given.y)), len(given.y))
    penalties = {name: float(settings[name]) for name in ("l1", "l2")}
    style = dense.Style(
        settings["activation"],
        settings["initializer"],
        settings["normalization"],
        any(penalties.values()),
    )
    optimizer, decay = settings["optimizer"], float(settings["weight_decay"])
    compiling = None if optimizer == "adam" else lambda: fitting.compiling(kind, optimizer)
    if decay > 0:  # decoupled: Adam's
        optimizer, compiling = "adamw", lambda: fitting.decaying(kind, decay)
    made = fitting.net(
        ("dense", layout, units, dropout > 0, kind, style, optimizer),
        lambda: dense.build(layout, units, dropout, kind.units, style),
        kind,
        layout.inputs(given.train),
        compiling=compiling,
    )
    knobs = {"learning_rate": float(settings["learning_rate"])}
    if style.penalized:
        knobs |= penalties
    if dropout > 0:
        knobs["dropout"] = dropout
    if decay > 0:
        knobs["weight_decay"] = decay
    inputs = {"inputs": layout.width}
    return learn(
        given, settings, made, Manner(batch, knobs), layout.inputs, layout.arrays(), inputs
    )


def to_onnx(
    state: State, settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """Float32 up to the raw scores; activation and scale of the target in double."""
    from heldout.models.nets.dense import to_onnx as raw_onnx
    from heldout.models.nets.head import answer_onnx

    activation = complete(SPACE, settings)["activation"]
    return answer_onnx(task, tape, raw_onnx(state, tape, parts, activation), state)


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = compiling + epochs * batches * (Keras' own + six operations a weight)."""
    full = {**defaults(SPACE), **settings}
    batch = min(full["batch"] or batch_size(size.rows), size.rows)
    width, depth = float(full["units"]), int(full["layers"])
    weights = width * (size.features + (depth - 1) * width + max(1, size.outputs))
    step = 2.5e-4 + 6 * batch * weights / 6e10
    steps = USUAL * full["epochs"] * math.ceil(size.rows / batch)
    memory = 350e6 + 8.0 * size.rows * size.features + 16 * weights
    return Cost(COMPILE + steps * step, memory)


CARD = ModelCard(
    name="dense_net",
    title="dense network (Keras)",
    version=3,
    family="net",
    tasks=("binary", "multiclass", "regression"),
    view="net",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="layers of weighted sums, bent between",
    invented="McCulloch and Pitts 1943 (neuron); Rosenblatt 1958 (perceptron); Rumelhart, Hinton and Williams 1986 (in depth)",
    source="Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors",
    assumes="scaled inputs, a smooth function, rows enough for its parameters",
    when="thousands of rows and smooth joint effects; beside boosted trees, whose errors differ",
    when_not="a few hundred rows; jagged effects; deeper is not always better",
    early_stopping=True,
    tolerance=1e-5,
    joint=True,
)
