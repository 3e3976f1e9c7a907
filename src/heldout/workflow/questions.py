"""The questions that define a task, with what is assumed where nobody answers (TASK-01 to 12).

``heldout define`` asks them, ``definition:`` of a specification answers them, and what stays open
is an assumption on the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest


@dataclass(frozen=True)
class Question:
    """``ask`` is put to the person; ``options`` are answers with what each means; ``assumed`` is
    what the report says where there is no answer."""

    key: str
    ask: str
    assumed: str
    options: Mapping[str, str] | None = None


LABELERS = {
    "self": "costs your time; full control; little noise",
    "crowd": "cheap and quick for many rows; noisy, so have rows labeled by several",
    "firm": "saves time, costs money; less control",
    "expert": "dear and slow; little noise, if their rules are written down and understood",
    "trained": "a person trained for it: between crowd and expert in cost and noise",
    "outcome": "nobody: the world wrote it (a payment, a failure); late, but without opinion",
}

QUESTIONS = (
    Question(
        "available",
        "Is each column there, in the same form, at the moment of prediction? (column: yes or no)",
        "Every column used is there, in the same form, when an answer is needed",
    ),
    Question(
        "existing_how",
        "How is it solved today, and how well? (a column of old answers or a rule: `existing`)",
        "Nothing solves it today: the model is compared with trivial predictors only",
    ),
    Question(
        "labeled_by",
        "Who wrote the answers of the target?",
        "The answers in the target are right, whoever wrote them",
        LABELERS,
    ),
    Question(
        "annotators",
        "Did two people answer the same rows? (two columns; their agreement is measured)",
        "How far two people would agree on the answers is not known",
    ),
    Question(
        "representative",
        "Are these rows like those that will be asked about? (yes, no, or how they were picked)",
        "The rows are a fair sample of those that will be asked about",
    ),
    Question(
        "drift",
        "Is what is predicted likely to change over time? (slow, fast or no)",
        "The future behaves like the past",
        {
            "no": "look at new data once a year",
            "slow": "collect and label new rows each quarter, retrain when they differ",
            "fast": "collect and label new rows each week, retrain each month",
        },
    ),
    Question(
        "volume",
        "How many cases a day?",
        "How many cases come a day is not known: counts are told per 1,000",
    ),
    Question(
        "errors",
        "What does each kind of error cost? (`cost: {miss: 5, alarm: 1}`)",
        "A miss and a false alarm cost the same",
    ),
    Question(
        "limits",
        "Must it answer within some time, fit into some memory, be readable, keep rows private? "
        "(`limits`)",
        "No limit on latency, size, readability or privacy was given",
    ),
)
BY_KEY = {q.key: q for q in QUESTIONS}
FREE = ("question", "input_to_output")


def answers(value: Any) -> dict[str, Any]:
    """The ``definition`` of a specification, checked: H102 for questions that nobody asks."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("a list of questions with answers is needed")
    found = {str(k): v for k, v in value.items() if v is not None}
    for key in found:
        if key not in BY_KEY and key not in FREE:
            near = nearest(key, [*BY_KEY, *FREE])
            raise HeldoutError(
                "H102",
                f'the definition has no question "{key}"',
                seen=f"known: {', '.join([*BY_KEY, *FREE])}",
                why="an answer to a question that nobody asks would do nothing",
                do=[f'the nearest name is "{near}"'] if near else [],
            )
    for key in ("labeled_by", "drift"):
        allowed = BY_KEY[key].options or {}
        said = _word(found.get(key, ""))
        if said and said not in allowed:
            raise ValueError(f"{key}: one of {', '.join(allowed)}")
        if said:
            found[key] = said
    told = found.get("available")
    if told is not None:
        if not isinstance(told, Mapping):
            raise ValueError("available: a list of columns, each with yes or no")
        found["available"] = {str(c): _word(v) for c, v in told.items() if v is not None}
        if set(found["available"].values()) - {"yes", "no"}:
            raise ValueError("available: each column with yes or no")
    return found


def _word(value: Any) -> str:
    """YAML reads yes and no as booleans."""
    return {True: "yes", False: "no"}.get(value, str(value)) if value is not None else ""


def available(definition: Mapping[str, Any], answer: str) -> list[str]:
    """The columns that were declared available ("yes") or not ("no")."""
    return [c for c, said in (definition.get("available") or {}).items() if said == answer]
