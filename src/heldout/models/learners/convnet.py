"""A convolutional network in Keras for pictures (VISION-02)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.space import Choice, Real, Settings, Space, Whole, defaults
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.settings import complete
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SPACE: Space = {
    "filters": Choice((8, 16, 32, 64), 32),
    "layers": Whole(1, 5, 3),
    "shrink": Choice((1, 2, 4), 1),
    "dropout": Real(0.0, 0.6, 0.25),
    "learning_rate": Real(2e-4, 1e-2, 1e-3, log=True),
    "epochs": Whole(4, 128, 30, log=True),
    "patience": Whole(3, 20, 6),
    "augment": Choice(("none", "shift", "flip"), "none"),
    "weight_decay": Choice((0.0, 1e-3, 1e-2, 0.1), 0.0),
}
"""``augment``: training pictures are shifted by up to a twelfth of their side, anew in each epoch
("shift"), or mirrored half of the time too ("flip"); ``weight_decay`` is decoupled."""
BATCH = 32
COMPILE = 5.0  # CPU seconds, Keras' import included
SPEED = 1.5e10  # operations a CPU second: XLA's own convolutions
SIDE = 64  # assumed where the price is asked for before a picture was seen


def fit_one(given: FitInput) -> Fitted:
    """Adam until the inner part has not improved for ``patience`` epochs, or exactly ``rounds``
    epochs. ``numbers`` tells the parameters and the shape after each layer."""
    from heldout.models.nets import conv, fitting
    from heldout.models.nets.head import head
    from heldout.models.nets.learn import Manner, learn

    settings = complete(SPACE, given.settings)
    kind = head(given.task)
    height, width = given.train.parts["image"].values.shape[1:3]
    shrink = int(settings["shrink"])
    count = conv.depth(height // shrink, width // shrink, int(settings["layers"]))
    filters = tuple(int(settings["filters"]) * 2**i for i in range(count))
    dropout = float(settings["dropout"])
    decay, augment = float(settings["weight_decay"]), str(settings["augment"])
    batch = min(BATCH, len(given.y))
    made = fitting.net(
        ("conv", height, width, filters, dropout > 0, shrink, kind, decay > 0, augment),
        lambda: conv.build((height, width, 3), filters, dropout, kind.units, shrink),
        kind,
        (given.train.parts["image"].values,),
        chunk=BATCH,
        compiling=None if decay == 0 else lambda: fitting.decaying(kind, decay),
        augment=conv.augmentation(augment, height, width),
    )
    shapes = [list(layer.output.shape[1:]) for layer in made.model.layers]
    knobs = {"learning_rate": float(settings["learning_rate"])}
    if dropout > 0:
        knobs["dropout"] = dropout
    if decay > 0:
        knobs["weight_decay"] = decay
    return learn(
        given,
        settings,
        made,
        Manner(batch, knobs),
        lambda block: (block.parts["image"].values,),
        {"shrink": np.array(shrink)},
        {"shapes": shapes},
    )


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """Float32 up to the raw scores; activation and scale of the target in double."""
    from heldout.models.nets.conv import to_onnx as raw_onnx
    from heldout.models.nets.head import answer_onnx

    return answer_onnx(task, tape, raw_onnx(state, tape, parts), state)


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = compiling + epochs * pictures * three times the operations of one look.

    ``size.features`` counts the values of a picture where it is known (more than a few)."""
    full = {**defaults(SPACE), **settings}
    side = math.isqrt(size.features // 3) if size.features >= 3 * 16 * 16 else SIDE
    side //= int(full["shrink"])
    look, channels, filters = 0.0, 3, int(full["filters"])
    while filters <= int(full["filters"]) * 2 ** (int(full["layers"]) - 1) and side > 4:
        look += 2.0 * (side - 2) ** 2 * 9 * channels * filters
        side, channels, filters = (side - 2) // 2, filters, filters * 2
    seconds = COMPILE + 0.7 * full["epochs"] * size.rows * (3 * look / SPEED + 1e-5)
    return Cost(seconds, 500e6 + 3.0 * SIDE * SIDE * size.rows)


CARD = ModelCard(
    name="convnet",
    title="convolutional network (Keras)",
    version=4,
    family="net",
    tasks=("binary", "multiclass", "regression"),
    view="image",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="small windows slid over the picture, layer upon layer",
    invented="Fukushima 1980; LeCun and others 1989",
    source="LeCun et al. 1998, Gradient-based learning applied to document recognition",
    assumes="what matters is local and may stand anywhere in the picture",
    when="thousands of pictures, or hundreds of simple ones",
    when_not="few pictures of varied things: a network trained on many others knows more",
    early_stopping=True,
    tolerance=1e-5,
)
