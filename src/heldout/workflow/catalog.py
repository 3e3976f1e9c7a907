"""The catalogue of models: every card, filtered and shown."""

from __future__ import annotations

import dataclasses
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.core.space import defaults
from heldout.models.card import MODELS, ModelCard
from heldout.tasks.several import PART
from heldout.tasks.task import TASKS
from heldout.workflow.told import Told, lines


def table(
    task: str | None, family: str | None, linear: bool | None = None, supervision: str | None = None
) -> Told:
    """One line a model, with its place on three axes (TASK-04); each of them filters."""
    if task is not None:
        TASKS.get(task)
    cards = MODELS.all()
    families = sorted({c.family for c in cards})
    if family is not None and family not in families:
        near = nearest(family, families)
        raise HeldoutError(
            "H103",
            f'there is no family "{family}"',
            seen=f"known: {', '.join(families)}",
            why="the family chooses what is listed",
            do=[f"heldout models --family {near}"] if near else ["heldout models"],
        )
    chosen = [
        c
        for c in cards
        if (task is None or PART.get(task, task) in c.tasks)
        and (family is None or c.family == family)
        and (linear is None or c.linear == linear)
        and (supervision is None or c.supervision == supervision)
    ]
    rows = [_row(c) for c in chosen]
    head = f"{'model':<16}{'family':<12}{'tasks':<32}{'kind':<25}{'in the bundle'}"
    body = [
        f"{r['name']:<16}{r['family']:<12}{', '.join(r['tasks']):<32}{_kind(r):<25}"
        f"{'yes' if r['bundles'] else 'no: reference, cannot be bundled'}"
        for r in rows
    ]
    tail = "The branches blur: a forest is an ensemble of trees, a net of one layer is linear."
    return Told(
        "\n".join([head, *body, "", tail, "One card: heldout models NAME"]), {"models": rows}
    )


def card_text(name: str) -> Told:
    """One card: idea, year, assumptions, when and when not (contract 16)."""
    card = MODELS.get(name)
    row = _row(card)
    text = lines(
        [
            ("Model", f"{card.title} ({card.name}, version {card.version})"),
            ("Idea", card.summary),
            ("Invented", card.invented),
            ("Assumes", card.assumes),
            ("Use when", card.when),
            ("Not when", card.when_not),
            ("Tasks", ", ".join(card.tasks)),
            ("Several", _several(card)),
            ("Kind", _kind(row)),
            ("Settings", ", ".join(f"{k} = {v}" for k, v in row["settings"].items())),
            ("Bundle", "yes" if card.bundles else "no: reference, cannot be bundled"),
            ("Source", card.source),
        ]
    )
    return Told(text, row)


def _several(card: ModelCard) -> str:
    """How several targets are fitted."""
    if not {"binary", "regression"} & set(card.tasks):
        return "no: one target"
    return "all targets in one fit" if card.joint else "targets: a fit for each"


def _kind(row: dict[str, Any]) -> str:
    return f"{row['supervision']}, {'linear' if row['linear'] else 'nonlinear'}"


def _row(card: ModelCard) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "family": card.family,
        "tasks": list(card.tasks),
        "supervision": card.supervision,
        "linear": card.linear,
        "bundles": card.bundles,
        "settings": defaults(card.space),
        "space": {k: dataclasses.asdict(v) for k, v in card.space.items()},
        "summary": card.summary,
        "invented": card.invented,
        "assumes": card.assumes,
        "when": card.when,
        "when_not": card.when_not,
        "source": card.source,
    }
