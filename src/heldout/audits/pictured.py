"""Examples of looks at pictures, without files: what their heads would say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import Look
from heldout.tables.pixels import Head


def look(files: Sequence[tuple[int, int, str]], y: Sequence[float] | None = None) -> Look:
    """A look at one column ``image``; ``files`` are (height, width, mode)."""
    paths = np.array([f"{i}.png" for i in range(len(files))], dtype=object)
    made = examples.look(
        {"image": paths}, None if y is None else np.array(y), kinds={"image": "image"}
    )
    schema = made.table.schema
    schema = schema.update({"image": schema["image"].replace(size=(16, 16))})
    heads = [Head(h, w, mode, "PNG", 100) for h, w, mode in files]
    rows = list(range(len(files)))
    made.memo["heads"] = {"image": (rows, heads)}
    return Look(
        made.table.with_schema(schema), made.task, made.y, made.folds, made.seed, made.deadline,
        memo=made.memo,
    )  # fmt: skip
