"""Too few rows for what is asked."""

from __future__ import annotations

from collections.abc import Iterator

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count, plural

FEW, PER_COLUMN, VERY_FEW = 200, 5, 50


def run(look: Look) -> Iterator[Finding]:
    """Fewer than 200 rows, or than five for each column."""
    rows, columns = look.table.rows, len(look.table.schema.inputs)
    if rows >= FEW and rows >= PER_COLUMN * columns:
        return
    yield Finding(
        "A106",
        "too_small",
        "warn",
        f"{plural(rows, 'row')} for {plural(columns, 'column')}",
        (),
        {"rows": rows, "columns": columns},
        "with so few rows chance looks like a pattern, and the interval of the score is wide"
        if rows >= VERY_FEW
        else f"below {count(VERY_FEW)} rows hardly any score can be told from chance",
        "every row validates once, again and again in other folds",
        "more rows, or fewer columns chosen by what they mean",
    )


def example() -> Look:
    """Sixty rows."""
    return examples.look(examples.noise(60))


CARD = CheckCard(
    code="A106",
    question="Are there enough rows?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="fewer than 200 rows, or than five for each column",
    false_alarms=0.0,
    does="validated again and again in other folds",
)
