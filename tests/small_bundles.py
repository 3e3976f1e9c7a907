"""Small bundles, their graphs written by hand."""

from __future__ import annotations

import numpy as np

from heldout.bundle.content import BundleContent
from heldout.bundle.reference import build_reference
from heldout.bundle.session import Session
from heldout.bundle.vectors import build_vectors
from heldout.core.seed import Seed
from heldout.graph.inputs import declare
from heldout.graph.tape import Tape
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tasks.task import Task

SCHEMA = Schema(
    (
        Column("age", "number", low=18.2, high=79.9),
        Column("plan", "category", levels=("basic", "gold", "one-off"), missing=("?",)),
        Column("member", "boolean", levels=("no", "yes")),
        Column("since", "date", formats=("%Y-%m-%d",), low=0.0, high=1.6e15),
        Column("customer", "category", role="ignored", levels=("Ada", "Bob")),
        Column("left", "boolean", role="target", levels=("no", "yes")),
    )
)
BINARY = Task(
    "binary", "left", "roc_auc", True, classes=("no", "yes"), positive="yes",
    labels={"no": "no", "yes": "yes"}, unit="customer",
)  # fmt: skip
REGRESSION = Task("regression", "price", "mae", False)


def table(rows: int = 400) -> dict[str, np.ndarray]:
    """Typed columns of the inputs."""
    rng = Seed(3).rng()
    age = np.round(rng.uniform(18, 80, rows), 1)
    age[::17] = np.nan
    plan = np.array(["basic", "gold"], dtype=object)[rng.integers(2, size=rows)]
    plan[::23], plan[:2] = NULL, "one-off"
    since = rng.integers(0, 1_600_000_000, rows) * 1_000_000
    since[::31] = NULL_DATE
    return {
        "age": age,
        "plan": plan,
        "member": rng.integers(2, size=rows).astype(np.float64),
        "since": since,
    }


def graph(task: Task, schema: Schema = SCHEMA) -> bytes:
    """A logistic rule on two columns, or a plane for regression."""
    tape = Tape()
    inputs = declare(tape, schema)
    age = inputs["age"]
    filled = tape.op("Where", tape.op("IsNaN", age), tape.const(np.array(40.0)), age)
    scaled = tape.op(
        "Clip",
        tape.op("Div", filled, tape.const(np.array(40.0))),
        tape.const(np.array(-9.0)),
        tape.const(np.array(9.0)),
    )
    code = tape.ml(
        "LabelEncoder", inputs["plan"], keys_strings=[NULL, "basic", "gold"],
        values_int64s=[0, 1, 2], default_int64=0,
    )  # fmt: skip
    z = tape.op("Sub", tape.op("Add", scaled, tape.cast(code, "double")), tape.const(np.array(2.3)))
    if task.kind == "regression":
        tape.output("prediction", z, "double")
        return tape.build()
    p = tape.op("Sigmoid", z)
    both = tape.concat([tape.op("Sub", tape.const(np.array(1.0)), p), p])
    tape.output("probability", both, "double", (None, 2))
    flagged = tape.cast(tape.op("GreaterOrEqual", p, tape.const(np.array(0.5))), "int64")
    tape.output(
        "decision", tape.op("Squeeze", flagged, tape.const(np.array([1]))), "int64", (None,)
    )
    return tape.build()


def content(task: Task = BINARY, **changes: object) -> BundleContent:
    """All that a bundle holds."""
    schema = SCHEMA if task is BINARY else SCHEMA.with_roles({"left": "ignored"}, "")
    model = graph(task, schema)
    session = Session(model, schema)
    columns = table()
    outputs = session.run(columns)
    scores = outputs["prediction" if task is REGRESSION else "probability"]
    reference = build_reference(columns, schema, scores)
    fields = {
        "model": model,
        "schema": schema,
        "task": task.as_dict(),
        "recipe": {"members": []},
        "reference": reference,
        "vectors": build_vectors(schema, session.run, Seed(0), reference),
        "decision": {"threshold": 0.5, "positive": "yes", "rule": "p >= t"}
        if task is BINARY
        else {},
        "parity": {"tolerance": 1e-12},
        "card": "# card\n",
        "data_fingerprint": "f" * 64,
    }
    return BundleContent(**{**fields, **changes})
