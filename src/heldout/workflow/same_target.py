"""Whether new data ask what the run asked: its target is there, with values that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.core.names import count, quoted
from heldout.tables.table import Table
from heldout.tasks.task import Task

SHOWN = 5


def check_target(task: Task, columns: Sequence[str], run: str, data: str, inputs: set[str]) -> None:
    """H104 where the new data have no column of the run's target; ``inputs`` are the names that
    the recipe knows, so that the others may be the target under another name."""
    lost = [name for name in task.targets if name not in columns]
    if not lost:
        return
    others = [name for name in columns if name not in inputs and name not in task.targets]
    named = others[0] if len(others) == 1 else "COLUMN"
    raise HeldoutError(
        "H104",
        f'{Path(data).name} has no column "{lost[0]}", which the run predicts',
        seen=f"columns that are not among its inputs: {', '.join(others[:SHOWN]) or 'none'}",
        why="a challenger answers the champion's question, on rows whose answer is known",
        do=[
            "if it has another name there: heldout retrain "
            f"{quoted(run)} {quoted(data)} --rename {quoted(f'{named}={lost[0]}')}",
            f"if it is another question: heldout run {quoted(data)} --target {quoted(named)}",
        ],
    )


def unknown_labels(task: Task, table: Table, least: int) -> HeldoutError | None:
    """What to say where the target has values, but of hardly any row one that the run knows."""
    if task.parts or not task.is_classification:
        return None
    from heldout.tables import unnamed

    cells = unnamed.column(table.frame, task.target).drop_nulls()
    if len(cells) < least:
        return None
    found = cells.value_counts(sort=True)["cells"].to_list()
    strange = [str(value) for value in found if str(value) not in task.classes]
    return HeldoutError(
        "H261",
        f"{count(len(cells))} rows have a {task.target}, but hardly one that the run knows",
        seen=f"there: {', '.join(strange[:SHOWN])}; the run knows {', '.join(task.classes[:SHOWN])}",
        why="another set of classes is another question: champion and challenger cannot be compared",
        do=[
            "write the classes as they were written before",
            "if it is another question: heldout run "
            f"{quoted(table.source)} --target {quoted(task.target)}",
        ],
    )
