"""What was wrong with a network, what was changed, and whether it helped: into the journal (DIAG-14)."""

from __future__ import annotations

from typing import Any

from heldout.search.result import Event
from heldout.workflow.context import Context


def enter_remedy(event: Event, context: Context) -> None:
    """Enter ``remedy``: symptom and evidence, what was changed, the outcome and why."""
    numbers = event.numbers
    changed = ", ".join(
        f"{name} {_short(old)} to {_short(new)}" for name, (old, new) in numbers["remedy"].items()
    )
    context.write(
        "remedy",
        f"{event.candidate}: {changed}: {numbers['outcome']}",
        f"{numbers['what']} ({numbers['code']}): {numbers['why']}. {event.reason}.",
        numbers={"candidate": event.candidate, "reason": event.reason, **numbers},
        overrule="--set MODEL.SETTING=VALUE",
    )


def _short(value: Any) -> str:
    """A setting as it is read; one that is chosen by the task is said so."""
    if value is None:
        return "by the task"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
