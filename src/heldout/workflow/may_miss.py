"""``--may-miss``: columns that production may leave empty, checked and entered (PREP-08)."""

from __future__ import annotations

from heldout.core.errors import HeldoutError
from heldout.search.gaps import SHARE
from heldout.tables.read import find_column
from heldout.tables.schema import Schema
from heldout.workflow.context import Context

KINDS = ("category", "text", "number")


def may_miss(schema: Schema, context: Context) -> tuple[str, ...]:
    """The named inputs; H102 for a kind of which no copy with a gap can be made."""
    found = [find_column(schema, name) for name in context.spec.may_miss]
    inputs = {c.name for c in schema.inputs}
    for name in found:
        kind = "target" if schema[name].role == "target" else schema[name].kind
        if kind == "target" or (name in inputs and kind not in KINDS):
            raise HeldoutError(
                "H102",
                f'--may-miss cannot be "{name}"',
                seen=f"it is of kind {kind}",
                why="copies of training rows are made in which the value is missing",
                do=[f"name columns of kind {', '.join(KINDS)}"],
            )
    kept = tuple(name for name in found if name in inputs)
    if kept:
        context.write(
            "prepare",
            f"{SHARE:.0%} of the training rows stand there once more, without {', '.join(kept)}",
            "a model that never saw a gap cannot know what one means; nothing is scored on copies",
            numbers={"may_miss": list(kept), "share": SHARE},
            overrule="--may-miss",
        )
    return kept
