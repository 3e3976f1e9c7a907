"""A user's own columns: expressions of the specification, added to the table (contract 14)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.primitives.expression import parse
from heldout.tables.schema import Column, Schema
from heldout.tables.table import Table


def with_computed(table: Table, formulas: Mapping[str, str]) -> Table:
    """The table with a number for each formula, in order; one may build on those before it.

    Raises H216 for a name that is taken, H104 and H102 for what cannot be computed.
    """
    for name, text in formulas.items():
        table = _added(table, name, text)
    return table


def _added(table: Table, name: str, text: str) -> Table:
    import polars as pl

    schema = table.schema
    if name in schema:
        raise HeldoutError(
            "H216",
            f'there is a column "{name}" already',
            seen=f"{name} = {text}",
            why="every column needs a name of its own",
            do=["give the computed column another name"],
        )
    found = parse(text)
    found.check(schema)
    for operand in found.columns:
        _usable(schema[operand], name, text)
    arrays = table.arrays(found.columns)
    values = found.evaluate(arrays, {n: schema[n].kind for n in found.columns})
    known = values[np.isfinite(values)]
    column = Column(
        name,
        "number",
        reason=f"computed: {text}",
        nulls=len(values) - len(known),
        distinct=len(np.unique(known)),
        low=float(known.min()) if len(known) else None,
        high=float(known.max()) if len(known) else None,
        formula=text,
    )
    if column.distinct < 2:
        column = column.replace(role="ignored", reason=f"computed: {text}; the same in every row")
    made = pl.Series(name, np.where(np.isfinite(values), values, np.nan)).fill_nan(None)
    frame = table.frame.with_columns(made)
    return dataclasses.replace(table, frame=frame, schema=Schema((*schema.columns, column)))


def _usable(operand: Column, name: str, text: str) -> None:
    """H102 where an expression reads what the model may not see."""
    if operand.role == "input":
        return
    what = "the target" if operand.role == "target" else operand.reason or operand.role
    raise HeldoutError(
        "H102",
        f'the column "{name}" is computed from "{operand.name}", which the model does not see',
        seen=f"{name} = {text}; {operand.name}: {what}",
        why="a new row is answered from the columns that the model is asked with",
        do=["leave the target out of it"]
        if operand.role == "target"
        else [f"--keep {quoted(operand.name)}, or leave it out of the expression"],
    )


def without_orphans(schema: Schema) -> Schema:
    """Computed columns leave with the columns that they are computed from."""
    for column in schema.computed:
        lost = [n for n in parse(column.formula).columns if schema[n].role != "input"]
        if lost:
            words = f"computed from {', '.join(lost)}, which the model does not see"
            schema = schema.with_roles({column.name: "ignored"}, words)
    return schema
