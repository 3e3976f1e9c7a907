"""One answer in words: which columns of the row drove it, up or down, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heldout.bundle.predict import Beside
from heldout.bundle.read import Bundle
from heldout.core.arrays import Doubles, Ints
from heldout.core.errors import HeldoutError
from heldout.explain.background import background
from heldout.explain.contributions import Contributions, contributions
from heldout.explain.partial import label, plain
from heldout.tables.table import Columns

ORDERS = 8  # for one row, which may take some time


@dataclass(frozen=True)
class Reason:
    """``effect`` of one column's ``value`` on the answer, with its standard ``error``."""

    column: str
    value: Any
    words: str
    effect: float
    error: float


@dataclass(frozen=True)
class Explained:
    """``answer`` of the row for ``output`` (a class, or the target), ``base`` the mean answer of
    ordinary rows, ``reasons`` largest first; base + their effects = answer."""

    output: str
    answer: float
    base: float
    reasons: tuple[Reason, ...]


def explain(bundle: Bundle, rows: Columns, orders: int = 1) -> Contributions:
    """Contributions to the answers of typed ``rows``: to the probability of the positive class
    (two classes), of the most probable one (several), or to the value.

    Raises H101 where rows hold pictures: a picture is one column, and it says everything.
    """
    pictures = [c.name for c in bundle.schema.inputs if c.kind == "image"]
    if pictures:
        raise HeldoutError(
            "H101",
            f'the answer is not explained by column: "{pictures[0]}" holds pictures',
            seen="a picture is one column, to which the whole answer belongs",
            why="which part of a picture matters is another question than which column",
            do=["heldout explain RUN"],
        )
    return contributions(
        lambda columns: predictions(bundle, columns),
        rows,
        background(bundle.schema, bundle.reference),
        _outputs(bundle, rows),
        orders=orders,
    )


def beside(bundle: Bundle) -> Beside:
    """``base`` and ``contribution_<column>`` of every answered row, for ``Bundle.predict``."""
    names = ["base", *(f"contribution_{c.name}" for c in bundle.schema.inputs)]

    def of(columns: Columns) -> list[Doubles]:
        ordered = {c.name: columns[c.name] for c in bundle.schema.inputs}
        found = explain(bundle, ordered)
        return [found.base, *found.effects.T]

    return Beside(names, of)


def predictions(bundle: Bundle, columns: Columns) -> Doubles:
    """Probabilities (rows, classes) or values (rows, 1)."""
    found = bundle.run(columns)
    made: Doubles = found["probability"] if "probability" in found else found["prediction"]
    return made


def explain_row(bundle: Bundle, row: Columns) -> Explained:
    """Why one typed row, each array of shape (1,), is answered as it is."""
    found = explain(bundle, row, ORDERS)
    reasons = []
    for k, name in enumerate(found.names):
        column, value = bundle.schema[name], row[name][0]
        effect, error = float(found.effects[0, k]), float(found.error[0, k])
        reasons.append(Reason(name, plain(value, column), label(value, column), effect, error))
    reasons.sort(key=lambda r: -abs(r.effect))
    task, output = bundle.task, _outputs(bundle, row)
    code = output if isinstance(output, int) else int(output[0])
    what = task.output_words(code)
    return Explained(what, float(found.answers[0]), float(found.base[0]), tuple(reasons))


def _outputs(bundle: Bundle, rows: Columns) -> int | Ints:
    """Which column of the prediction is explained."""
    task = bundle.task
    if not task.is_classification:
        return 0
    if task.kind == "binary":
        return task.positive_code
    most: Ints = predictions(bundle, rows).argmax(axis=1)
    return most
