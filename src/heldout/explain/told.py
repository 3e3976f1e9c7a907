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


def explain(
    bundle: Bundle, rows: Columns, orders: int = 1, target: str | None = None
) -> Contributions:
    """Contributions to the answers of typed ``rows``: to the probability of the positive class
    (two classes), of the most probable one (several), or to the value. Of several targets to that
    of ``target``, by default the first.

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
        _outputs(bundle, rows, target),
        orders=orders,
    )


def beside(bundle: Bundle) -> Beside:
    """``base`` and ``contribution_<column>`` of every answered row, for ``Bundle.predict``."""
    if bundle.task.parts:
        raise HeldoutError(
            "H102",
            "--explain goes with one target",
            seen=f"this model has {len(bundle.task.parts)}: {bundle.task.listed[:80]}",
            why="each target has contributions of its own",
            do=[f"heldout explain RUN ROW --data FILE --target {bundle.task.targets[0]}"],
        )
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


def explain_row(bundle: Bundle, row: Columns, target: str | None = None) -> Explained:
    """Why one typed row, each array of shape (1,), is answered as it is; of several targets,
    ``target``."""
    found = explain(bundle, row, ORDERS, target)
    reasons = []
    for k, name in enumerate(found.names):
        column, value = bundle.schema[name], row[name][0]
        effect, error = float(found.effects[0, k]), float(found.error[0, k])
        reasons.append(Reason(name, plain(value, column), label(value, column), effect, error))
    reasons.sort(key=lambda r: -abs(r.effect))
    task, output = bundle.task, _outputs(bundle, row, target)
    code = output if isinstance(output, int) else int(output[0])
    what = task.output_words(code)
    return Explained(what, float(found.answers[0]), float(found.base[0]), tuple(reasons))


def _outputs(bundle: Bundle, rows: Columns, target: str | None = None) -> int | Ints:
    """Which column of the prediction is explained; H104 where there is no such target."""
    task = bundle.task
    if target is not None and target not in task.targets:
        raise HeldoutError(
            "H104",
            f'"{target}" is no target of this model',
            seen=f"its targets: {', '.join(task.targets)}",
            why="an answer is explained for one target at a time",
            do=[f"--target {task.targets[0]}"],
        )
    if task.parts:
        return 0 if target is None else task.targets.index(target)
    if not task.is_classification:
        return 0
    if task.kind == "binary":
        return task.positive_code
    most: Ints = predictions(bundle, rows).argmax(axis=1)
    return most
