"""RealMLP in Keras: a dense network with better defaults (MODEL-11, PREP-19)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.space import Choice, Real, Settings, Space, Whole, defaults
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.settings import complete
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SPACE: Space = {
    "units": Choice((128, 256, 384, 512), 256),
    "layers": Whole(2, 4, 3),
    "waves": Choice((True, False), True),
    "dropout": Real(0.0, 0.5, 0.15),
    "learning_rate": Choice((None, 0.02, 0.04, 0.1, 0.2, 0.3), None),
    "decay": Real(1e-3, 5e-2, 0.02, log=True),
    "function": Choice((None, "selu", "mish"), None),
    "epochs": Whole(32, 256, 256, log=True),
    "patience": Whole(16, 512, 512, log=True),
    "most_hot": Choice((9,), 9),
    "embedding": Choice((8,), 8),
    "zero_last": Choice((False, True), False),
    "objective": Choice((None, "l1", "l2"), None),
}
"""``learning_rate`` None: 0.04 for classes, 0.2 for numbers; ``function`` None: selu for classes,
mish for numbers; ``most_hot`` counts a column's codes."""
SMALL: Settings = {"waves": False, "dropout": 0.0, "decay": 0.0, "epochs": 64, "zero_last": True}
"""The simplified one (TD-S): no embeddings of numbers, no dropout, no decay."""
BATCH = 256
COMPILE = 3.0  # CPU seconds, Keras' import included
SPEED = 6e10  # operations a CPU second
EPOCH = 4e-3  # CPU seconds between two epochs


def fit_one(given: FitInput) -> Fitted:
    """All epochs of the schedule, the best on the inner part counts; or ``rounds`` epochs of it."""
    from heldout.models.nets import fitting, realmlp
    from heldout.models.nets.head import head
    from heldout.models.nets.learn import Manner, learn
    from heldout.training.schedules import coslog4, flat_cosine

    settings = complete(SPACE, given.settings)
    kind = head(given.task, settings["objective"])
    layout = realmlp.layout_of(given.train, settings["most_hot"], settings["embedding"])
    units = (int(settings["units"]),) * int(settings["layers"])
    dropout, decay = float(settings["dropout"]), float(settings["decay"])
    classes = given.task.is_likely
    function = settings["function"] or ("selu" if classes else "mish")
    waves = bool(settings["waves"])
    inputs = layout.inputs(given.train)
    made = fitting.net(
        ("realmlp", layout, units, function, dropout > 0, waves, decay > 0, kind),
        lambda: realmlp.build(layout, units, function, dropout, waves, kind.units),
        kind,
        inputs,
        compiling=lambda: realmlp.compiling(kind, decay),
    )

    def begin(model: Any) -> None:
        rng = given.seed.child("begin").rng()
        realmlp.begin(model, inputs, function, rng, bool(settings["zero_last"]))

    rate = float(settings["learning_rate"] or (0.04 if classes else 0.2))
    knobs = {"learning_rate": coslog4(rate)}
    if dropout > 0:
        knobs["dropout"] = flat_cosine(dropout)
    if decay > 0:
        knobs["weight_decay"] = flat_cosine(decay)
    manner = Manner(min(BATCH, len(given.y)), knobs, begin=begin, clipped=not classes)
    arrays = {**layout.arrays(), "function": np.array(function)}
    told = {"inputs": layout.width}
    return learn(given, settings, made, manner, layout.inputs, arrays, told)


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """Float32 up to the raw scores; activation and scale of the target in double."""
    from heldout.models.nets.head import answer_onnx
    from heldout.models.nets.realmlp import to_onnx as raw_onnx

    return answer_onnx(task, tape, raw_onnx(state, tape, parts), state)


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = compiling + epochs * batches * (Keras' own + six operations a weight)."""
    full = {**defaults(SPACE), **settings}
    batch = min(BATCH, size.rows)
    width, depth = float(full["units"]), int(full["layers"])
    inputs = size.features * (4 if full["waves"] else 1)
    weights = width * (inputs + (depth - 1) * width + max(1, size.outputs))
    waves = 60.0 * size.features * batch * 16 if full["waves"] else 0.0
    step = 4e-4 + 12e-10 * weights + (6 * batch * weights + waves) / SPEED
    steps = full["epochs"] * math.ceil(size.rows / batch)
    memory = 400e6 + 8.0 * size.rows * size.features + 16 * weights + 64.0 * batch * inputs * 4
    return Cost(COMPILE + EPOCH * full["epochs"] + steps * step, memory)


CARD = ModelCard(
    name="realmlp",
    title="RealMLP (Keras)",
    version=2,
    family="net",
    tasks=("binary", "multiclass", "regression"),
    view="net",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="a dense network with numbers as waves, trained scales and a waving learning rate",
    invented="Holzmüller, Grinsztajn and Steinwart 2024",
    source="Holzmüller, Grinsztajn and Steinwart 2024, Better by default: strong pre-tuned MLPs",
    assumes="scaled inputs, rows enough for its parameters",
    when="some hundred to some ten thousand rows and minutes; beside boosted trees",
    when_not="a short budget: all of its epochs count; millions of rows without an accelerator",
    early_stopping=True,
    tolerance=1e-5,
    joint=True,
)
