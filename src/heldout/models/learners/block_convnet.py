"""A convolutional network of residual or depthwise separable blocks for pictures (MODEL-16)."""

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
    "block": Choice(("residual", "separable", "plain"), "residual"),
    "filters": Choice((8, 16, 32), 16),
    "blocks": Whole(1, 5, 3),
    "dropout": Real(0.0, 0.6, 0.2),
    "learning_rate": Real(2e-4, 1e-2, 2e-3, log=True),
    "batch": Choice((None, 16, 32, 64, 128), None),
    "epochs": Whole(4, 128, 30, log=True),
    "patience": Whole(3, 20, 6),
}
BATCH = 32
COMPILE = 8.0  # CPU seconds, Keras' import included
SPEED = 1.5e10  # operations a CPU second
SIDE = 64  # assumed where the price is asked for before a picture was seen


def fit_one(given: FitInput) -> Fitted:
    """Adam until the inner part has not improved for ``patience`` epochs, or exactly ``rounds``."""
    from heldout.models.nets import blocks, own

    settings = complete(SPACE, given.settings)
    return own.fit(given, own.Manner(CARD.version, blocks.make, BATCH, scaled=True), settings)


def to_onnx(
    state: State, _settings: Settings, _task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """The graph that was followed after training."""
    from heldout.models.nets.own import to_onnx as recorded

    return recorded(state, tape, parts)


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = compiling + epochs * pictures * three times the operations of one look."""
    full = {**defaults(SPACE), **settings}
    side = math.isqrt(size.features // 3) if size.features >= 3 * 16 * 16 else SIDE
    look, channels = 2.0 * side**2 * 27 * full["filters"], float(full["filters"])
    thin = 0.25 if full["block"] == "separable" else 1.0
    for i in range(int(full["blocks"])):
        filters = full["filters"] * 2**i
        side = side if i == 0 else max(1, side // 2)
        look += 2.0 * thin * side**2 * 9 * filters * (channels + filters)
        channels = filters
    seconds = COMPILE + 0.7 * full["epochs"] * size.rows * (3 * look / SPEED + 2e-5)
    return Cost(seconds, 600e6 + 3.0 * SIDE * SIDE * size.rows)


CARD = ModelCard(
    name="block_convnet",
    title="residual convolutional network (Keras)",
    version=2,
    family="net",
    tasks=("binary", "multiclass", "regression"),
    view="image",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="convolutions in blocks with a way past each, normalized by the batch",
    invented="He and others 2015 (residual); Chollet 2016 (depthwise separable, Xception)",
    source="He, Zhang, Ren and Sun 2016, Deep residual learning for image recognition",
    assumes="what matters is local and may stand anywhere in the picture; batches are alike",
    when="thousands of pictures that a few plain convolutions underfit; only when named",
    when_not="hundreds of simple pictures: the plain network is as good and sooner done",
    early_stopping=True,
    tolerance=1e-5,
)
