"""The plan in numbers and in words: size, cost, and what may be claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heldout.core.names import count, plural
from heldout.splits.plan import Plan
from heldout.splits.sizes import Size
from heldout.tasks.task import Task

FEWEST_GROUPS = 10


def counted(
    plan: Plan,
    size: Size,
    n: int,
    rare: Sequence[str],
    groups: int | None,
    left_out: int,
    copies: bool,
) -> dict[str, Any]:
    """What the journal keeps; ``fits_per_candidate`` is what the search pays, repeat 0 alone."""
    folds = len(plan.folds)
    total = folds + len(plan.more)
    validated = sum(len(fold.valid) for fold in plan.folds)
    few = groups is not None and groups < FEWEST_GROUPS
    facts: dict[str, Any] = {
        "n": n,
        "n_rarest": plan.rarest,
        "sealed": len(plan.sealed),
        "open": len(plan.open),
        "folds": folds,
        "repeats": size.repeats,
        "repeats_at_most": total // max(1, folds),
        "fits_per_candidate": folds,
        "fits_of_the_chosen": total,
        "validated": validated,
        "unit": plan.unit,
        "rare_classes": list(rare),
        "interval": not few,
        "why_no_interval": f"only {plural(groups or 0, 'group')} in the scored part" if few else "",
        "copies_together": copies,
        "left_out": left_out,
    }
    if groups is not None:
        facts["groups_scored"] = groups
    if plan.is_sealed:
        scored = len(plan.sealed) + len(plan.open)
        facts["wider_than_cross_validated"] = round((scored / len(plan.sealed)) ** 0.5, 2)
    return facts


def told(plan: Plan, size: Size, facts: Mapping[str, Any], task: Task) -> str:
    """A few sentences: what was counted, what is done, what it costs."""
    what = {"group": "group", "time": "row"}.get(plan.unit, "row")
    parts = [f"{plural(facts['n'], what)}"]
    if task.is_classification:
        parts[0] += f", {count(plan.rarest)} of the rarest class"
    if task.is_multilabel:
        parts[0] += f", {count(plan.rarest)} of the rarest label that can be scored"
    parts[0] += f": {size.words}"
    if plan.is_sealed:
        how = "the latest stretch" if plan.unit == "time" else "by a hash of their content"
        parts.append(f"{plural(len(plan.sealed), 'row')} sealed, {how}")
    else:
        parts.append("Cross-validated, not sealed")
    parts.append(_cost(plan, facts))
    if plan.unit == "time":
        parts.append("Never shuffled: training comes before validation, validation before the seal")
    if plan.unit == "group" or task.group:
        parts.append("Rows of one group stay on one side")
    if facts["rare_classes"]:
        names = ", ".join(facts["rare_classes"][:5])
        parts.append(f"Too rare to be scored, spread over the folds: {names}")
    if not facts["copies_together"]:
        parts.append(
            "Equal rows are not kept together: the inputs take too few different values for that"
        )
    if facts["left_out"]:
        parts.append(
            f"{plural(facts['left_out'], 'earlier row')} of groups or copies that are sealed: left out"
        )
    if facts["why_no_interval"]:
        parts.append(f"No interval: {facts['why_no_interval']}")
    return ". ".join(parts) + "."


def _cost(plan: Plan, facts: Mapping[str, Any]) -> str:
    if len(plan.folds) == 1:
        return "One validation split: 1 fit per candidate"
    kind = "steps forward in time" if plan.unit == "time" else "folds"
    words = f"{len(plan.folds)} {kind}: {plural(len(plan.folds), 'fit')} per candidate"
    repeats = facts["repeats_at_most"]
    if repeats > 1:
        total = f"{len(plan.folds)} x {repeats} = {facts['fits_of_the_chosen']} fits"
        sure = "" if facts["repeats"] == repeats else ", as far as the budget allows"
        words += f"; the chosen one {repeats} times anew, {total}{sure}"
    return words
