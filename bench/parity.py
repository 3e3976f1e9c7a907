"""Training against the graph on hostile rows: preparation bit for bit, LightGBM bit for bit.

    python bench/parity.py [rows]

The table is the one that comes with heldout (telco churn); the rows are made to break things:
gaps, infinities, denormals, numbers beyond float32, unseen and odd texts.
"""

from __future__ import annotations

import gzip
import sys
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.graph.inputs import declare
from heldout.graph.tape import Tape
from heldout.models.card import MODELS, FitInput
from heldout.primitives import hostile
from heldout.primitives.views import make_spec
from heldout.splits.folds import three
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.workflow.parity import run_graph

LEARNERS = ("lightgbm", "logistic", "random_forest", "elastic_net", "decision_tree", "naive_bayes")


def main(rows: int) -> None:
    """Fit each learner once with its defaults; print the largest difference of each."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "churn.csv"
        packed = resources.files("heldout.workflow").joinpath("data/telco_churn.csv.gz")
        path.write_bytes(gzip.decompress(packed.read_bytes()))
        table = read(path)
    task = state(table, "Churn")
    y = encode(task, table)
    names = [c.name for c in table.schema.inputs]
    columns = table.arrays(names)
    probe = hostile.columns(table.schema, rows, Seed(0))
    recipes, blocks = {}, {}
    for view in ("trees", "linear"):
        spec = make_spec(view, table.schema, task)
        inner = three(len(y), y, None, Seed(0))
        recipes[view], blocks[view] = spec.fit(columns, y, None, inner, Seed(0))
    for name in LEARNERS:
        card = MODELS.get(name)
        recipe, block = recipes[card.view], blocks[card.view]
        fitted = card.fit_one(
            FitInput(task, {}, block, y, None, None, None, 100, Seed(0), Deadline.never())
        )
        tape = Tape()
        parts = recipe.to_onnx(tape, declare(tape, table.schema))
        assert card.to_onnx is not None
        answer = card.to_onnx(fitted.state, {}, task, tape, parts)
        tape.output("answer", answer, "double", (None, task.outputs))
        for part, node in parts.items():
            shape = block.parts[part]
            kind = "float" if shape.kind == "numbers" else "int32"
            tape.output(f"part.{part}", node, kind, (None, shape.values.shape[1]))
        outputs = run_graph(tape.build(), probe)
        made = recipe.transform(probe)
        bits = all(
            np.array_equal(outputs[f"part.{p}"], v.values, equal_nan=v.values.dtype.kind == "f")
            for p, v in made.parts.items()
        )
        gap = float(np.abs(outputs["answer"] - fitted.predict(made)).max())
        print(f"{name:15} {rows} rows  preparation {'same bits' if bits else 'DIFFERS'}  "
              f"largest difference {gap:.2g}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
