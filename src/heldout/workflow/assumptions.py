"""What a run rests on without an answer, and what became of its two hypotheses (TASK-01, TASK-09).

Entries ``hypotheses`` (stated before, marked after) and ``assumptions`` of the journal.
"""

from __future__ import annotations

from typing import Any

from heldout.core.names import plural
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import cases_a_day
from heldout.workflow.questions import QUESTIONS, available
from heldout.workflow.spec import Spec
from heldout.workflow.verdict import Verdict

RHYTHM = {"no": "once a year", "slow": "each quarter", "fast": "each month"}


def hypotheses(task: Task) -> list[dict[str, str]]:
    """The two that every task rests on, not yet evaluated."""
    return [
        {
            "name": "predictable",
            "text": f"{task.target} can be predicted from the columns of this table",
            "state": "open",
            "reason": "",
        },
        {
            "name": "informative",
            "text": "these rows are enough to learn it",
            "state": "open",
            "reason": "",
        },
    ]


def stated(task: Task, context: Context) -> None:
    """Enter them before anything is evaluated."""
    context.write(
        "hypotheses",
        "two hypotheses, not yet evaluated",
        "; ".join(h["text"] for h in hypotheses(task)),
        numbers={"hypotheses": hypotheses(task)},
    )


def marked(task: Task, verdict: Verdict, context: Context) -> None:
    """Held or refuted, by the gate. Not shown is not the same as shown not to be."""
    predictable, informative = hypotheses(task)
    gain = verdict.gain
    if verdict.signal:
        reason = f"the model beats the baseline by {gain.value:.3g}, at least {gain.low:.3g}"
        predictable |= {"state": "held", "reason": reason}
        informative |= {"state": "held", "reason": reason}
    else:
        reason = "no model beat the baseline by more than chance"
        if verdict.detectable is not None:
            reason += f"; a gain of {verdict.detectable:.3g} would have been found 4 times in 5"
        predictable |= {"state": "refuted", "reason": f"{reason}, from these columns"}
        informative |= {"state": "refuted", "reason": reason}
    both = [predictable, informative]
    context.write(
        "hypotheses",
        ", ".join(f"{h['name']}: {h['state']}" for h in both),
        reason,
        numbers={"hypotheses": both},
    )


def assumed(spec: Spec, task: Task, inputs: list[str]) -> list[dict[str, str]]:
    """Each open question with what is assumed instead."""
    said = spec.definition
    answered = {key for key in said if key != "available"}
    declared = {*available(said, "yes"), *available(said, "no"), *spec.keep}
    if not set(inputs) - declared:
        answered.add("available")
    if spec.existing:
        answered.add("existing_how")
    if spec.cost or spec.threshold is not None or task.kind not in ("binary", "multilabel"):
        answered.add("errors")
    if cases_a_day(spec) is not None:
        answered.add("volume")
    if spec.limits:
        answered.add("limits")
    rows = [
        {"question": q.key, "ask": q.ask, "text": f"{q.assumed}."}
        for q in QUESTIONS
        if q.key not in answered
    ]
    drift = str(said.get("drift", "slow"))
    rows.append(
        {
            "question": "rhythm",
            "ask": "",
            "text": f"Collect and label new rows and look at them {RHYTHM[drift]} "
            "(heldout monitor), and retrain when they differ: the model knows the past only.",
        }
    )
    return rows


def record(task: Task, inputs: list[str], context: Context) -> None:
    """Enter what stays unanswered."""
    rows = assumed(context.spec, task, inputs)
    context.write(
        "assumptions",
        plural(len(rows), "assumption"),
        "questions that nobody answered; heldout define DATA writes them down",
        numbers={
            "assumptions": rows,
            "definition": _plain(context.spec),
            "cases_a_day": cases_a_day(context.spec),
        },
        overrule="definition: in spec.yaml",
    )


def _plain(spec: Spec) -> dict[str, Any]:
    return dict(spec.definition)
