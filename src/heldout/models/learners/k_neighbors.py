"""K nearest neighbors (MODEL-09, X-105): supervised; for reference, it would ship the rows."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.space import Choice, Settings, Space, Whole
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.forest import target
from heldout.models.rows import all_rows
from heldout.models.settings import complete
from heldout.primitives.block import Block

MOST = 20_000  # rows kept, drawn by the seed: the answer takes time for each of them
SPACE: Space = {
    "neighbors": Whole(1, 100, 15, log=True),
    "weights": Choice(("uniform", "distance"), "uniform"),
}


def fit_one(given: FitInput) -> Fitted:
    """Keeps the rows; ``neighbors`` vote, the nearer the louder if ``weights`` is "distance"."""
    from sklearn import neighbors

    task, settings = given.task, complete(SPACE, given.settings)
    rows = all_rows(given)
    if len(rows) > MOST:
        rows = rows.take(np.sort(given.seed.rng().permutation(len(rows))[:MOST]))
    classifier = task.is_classification
    kind = neighbors.KNeighborsClassifier if classifier else neighbors.KNeighborsRegressor
    model = kind(
        n_neighbors=min(int(settings["neighbors"]), len(rows)),
        weights=settings["weights"],
        n_jobs=given.threads,
    )
    model.fit(rows.x, target(rows, task))

    def predict(block: Block) -> Doubles:
        if not classifier:
            return np.asarray(model.predict(block.x), dtype=np.float64).reshape(-1, 1)
        full = np.zeros((len(block.x), task.outputs))
        full[:, model.classes_] = model.predict_proba(block.x)
        return full

    return Fitted({}, predict)


def cost(size: Size, _settings: Settings) -> Cost:
    """Distances from a tenth of the rows to all."""
    kept = min(size.rows, MOST)
    return Cost(0.1 + 0.1 * size.rows * kept * (size.features * 1e-9 + 5e-9), 150e6 + kept * 800.0)


CARD = ModelCard(
    name="k_neighbors",
    title="k nearest neighbors",
    version=1,
    family="neighbors",
    tasks=("binary", "multiclass", "regression"),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=None,
    cost=cost,
    summary="asks the rows that look most alike",
    invented="Fix and Hodges 1951",
    source="Cover and Hart 1967, Nearest neighbor pattern classification",
    assumes="that rows near in every scaled feature have like targets",
    when="as a reference: what likeness alone can say",
    when_not="a bundle is wanted (it would hold the rows of people); many columns",
)
