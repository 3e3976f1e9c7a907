"""Linear regression by least squares, with coefficients and intervals (MODEL-01)."""

from __future__ import annotations

from heldout.core.space import Settings
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.gram import gather, gram_seconds
from heldout.models.linear import fitted, to_onnx
from heldout.models.rows import all_rows
from heldout.models.settings import complete

NORMAL = 1.959963984540054  # 97.5 % quantile


def fit_one(given: FitInput) -> Fitted:
    """``numbers`` hold each feature's coefficient and 95 % interval (homoscedastic errors)."""
    complete({}, given.settings)
    gram = gather(all_rows(given), given.deadline)
    model = gram.solve()
    coef = model.coef[:, 0]
    error, spread = gram.standard_errors(coef)
    names = given.train.parts["x"].names or tuple(f"x{i}" for i in range(len(coef)))
    table = {
        name: [float(c), float(c - NORMAL * e), float(c + NORMAL * e)]
        for name, c, e in zip(names, coef, error, strict=True)
    }
    return fitted(model, given, {"coefficients": table, "residual_sd": spread})


def cost(size: Size, _settings: Settings) -> Cost:
    """One pass over the products."""
    seconds = gram_seconds(size.rows, size.features)
    return Cost(seconds, 60e6 + 8.0 * (3 * size.features**2 + 3 * 20_000 * size.features))


CARD = ModelCard(
    name="linear",
    title="linear regression",
    version=1,
    family="linear",
    tasks=("regression",),
    view="linear",
    space={},
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="a weighted sum of the features, by least squares",
    invented="Legendre 1805, Gauss 1809",
    source="Gauss 1809, Theoria motus corporum coelestium",
    assumes="effects that add up, errors of equal spread; the intervals need both",
    when="to read effects with their intervals; many more rows than features",
    when_not="more features than rows, or features that say the same: use ridge",
    linear=True,
)
