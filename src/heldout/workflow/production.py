"""``--production FILE``: rows of the time and place where the model will be used, without answers.

They are read by the schema of the training rows, and only compared with them: no model learns
from them and no score is taken on them.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from heldout.audits.finding import Finding, Look
from heldout.audits.production import DOMAIN
from heldout.audits.review import review
from heldout.tables import read, unnamed
from heldout.tables.apply import apply
from heldout.tables.schema import Column, Schema
from heldout.tables.table import Table
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec

MOST_ROWS = 50_000


def compared(look: Look, spec: Spec) -> list[Finding]:
    """What differs between the rows of the look and those of ``--production``; nothing where no
    such file was named."""
    if not spec.production:
        return []
    production = load(str(spec.production), look.table.schema, spec)
    memo = {"domain": quick_learner(DOMAIN)}
    return review(dataclasses.replace(look, production=production, memo=memo), "production")


def load(path: str, schema: Schema, spec: Spec) -> Table:
    """The file with the kinds of ``schema``; a cell that its column refuses is missing. Columns
    that the schema does not know are kept as ignored words. Raises the errors of reading."""
    import polars as pl

    raw = read.renamed(read.read_raw(path), spec.rename)
    frame: pl.DataFrame = raw.frame.head(MOST_ROWS)
    columns, series = [], []
    for name, text in unnamed.columns(frame):
        column = schema[name] if name in schema else Column(name, "category", "ignored", "new")
        values = apply(text, column).values
        filled = values.drop_nulls()
        columns.append(column.replace(nulls=values.null_count(), distinct=filled.n_unique()))
        values = values.cast(pl.Datetime("us")) if column.kind == "date" else values
        series.append(values.alias(name))
    return Table(pl.DataFrame(series), Schema(tuple(columns)), Path(path).name)
