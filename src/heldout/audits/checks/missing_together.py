"""Columns that are missing in the same rows: one reason for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import rows_of, sampled, share_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.tables import unnamed

SHARE, FEWEST, SHOWN, MOST = 0.01, 5, 3, 0.95


def run(look: Look) -> Iterator[Finding]:
    """Two or more columns with gaps in exactly the same rows, at least 1 % of them."""
    frame, rows = sampled(look).frame, rows_of(look)
    groups: dict[bytes, list[str]] = {}
    gaps: dict[bytes, int] = {}
    for column in look.table.schema.inputs:
        watch(look)
        if not column.nulls or column.kind == "image":
            continue
        mask = unnamed.column(frame, column.name).is_null().to_numpy()
        missing = int(mask.sum())
        if max(FEWEST, SHARE * rows) <= missing <= MOST * rows:
            key = np.packbits(mask).tobytes()
            groups.setdefault(key, []).append(column.name)
            gaps[key] = missing
    together = {key: names for key, names in groups.items() if len(names) > 1}
    if together:
        ranked = sorted(together, key=lambda k: -len(together[k]))
        told = "; ".join(
            ", ".join(f"`{n}`" for n in together[k][:4])
            + (f" and {len(together[k]) - 4} more" if len(together[k]) > 4 else "")
            + f" in the same {share_of(gaps[k], rows)} rows"
            for k in ranked[:SHOWN]
        )
        yield Finding(
            "A442",
            "missing_together",
            "note",
            f"missing together: {told}",
            tuple(n for k in ranked for n in together[k]),
            {"groups": [together[k] for k in ranked], "rows": [gaps[k] for k in ranked]},
            "one reason empties them all: a form that was not filled, a join that found nothing",
            "each gap is a value of its own",
            "find that reason: a column that names it says more than the gaps",
        )


def example() -> Look:
    """A join that found nothing for a tenth of the rows."""
    columns = examples.noise(400)
    lost = np.arange(400) % 10 == 0
    columns |= {n: np.where(lost, np.nan, columns[n]) for n in ("x0", "x1")}
    return examples.look(columns)


CARD = CheckCard(
    code="A442",
    question="Are columns missing together?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="gaps in exactly the same rows, at least 1 % of them",
    false_alarms=0.0,
    does="each gap is a value of its own",
    source="Rubin 1976, Inference and missing data",
)
