"""The end of every run: verdict and card into the bundle, views, report, the promised fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heldout.bundle.content import BundleContent
from heldout.bundle.write import rewrite_verdict
from heldout.report.card import text as card_text
from heldout.report.page import write as write_page
from heldout.report.record import RunRecord
from heldout.stats.intervals import on_scale
from heldout.tasks.task import Task
from heldout.workflow import views
from heldout.workflow.context import Context
from heldout.workflow.verdict import Verdict


def close(
    verdict: Verdict,
    made: BundleContent,
    task: Task,
    context: Context,
    *,
    protocol: str,
    set_aside: Sequence[Mapping[str, Any]] = (),
    interrupted: bool = False,
    note: str = "",
) -> dict[str, Any]:
    """Write all that is left to write; the fields of the outcome. ``note`` is a line more on the
    card."""
    values = outcome(verdict, task, context, protocol, set_aside, interrupted)
    record_of = RunRecord.from_journal(context.folder.journal)
    views.write_findings(context.folder.path, record_of)
    views.write_leaderboard(context.folder.path, record_of)
    card = card_text(record_of)
    rewrite_verdict(
        context.folder.bundle,
        verdict_record(verdict),
        {**made.baseline, "value": verdict.baseline.value} if made.baseline else None,
        {"openings": verdict.openings, "before": len(verdict.before)},
        f"{card}\n{note}\n" if note else card,
    )
    context.write(
        "finish",
        "done" if not interrupted else "interrupted",
        numbers={
            "seconds": round(context.clock.elapsed(), 2),
            "bundle": str(context.folder.bundle),
            "bundle_bytes": context.folder.bundle.stat().st_size,
            "report": str(context.folder.report),
            "signal": verdict.signal,
            "questions": context.questions,
            "task": task.kind,
        },
    )
    write_page(context.folder.path)
    values["seconds"] = round(context.clock.elapsed(), 2)
    return values


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """The manifest's verdict (joints 13)."""
    s = verdict.score
    scale = s.estimate.scale if s.estimate else "plain"
    error = s.standard_error
    on = on_scale(s.value, error, scale) if error and s.estimate else None  # none at an end
    return {
        "metric": s.metric,
        "value": s.value,
        "low": s.low,
        "high": s.high,
        "level": s.level,
        "n": s.samples,
        "n_rarest": s.estimate.positives if s.estimate else None,
        "scale": scale,
        "standard_error": error,
        "on_scale": on,
        "sealed": verdict.sealed,
        "signal": verdict.signal,
        "others": [o.as_dict() for o in verdict.others],
    }


def outcome(
    verdict: Verdict,
    task: Task,
    context: Context,
    protocol: str,
    set_aside: Sequence[Mapping[str, Any]],
    interrupted: bool,
) -> dict[str, Any]:
    """The promised fields of ``run --json``."""
    s = verdict.score
    return {
        "answer": "signal" if verdict.signal else "no signal",
        "task": task.kind,
        "metric": s.metric,
        "greater_is_better": task.greater_is_better,
        "score": s.value,
        "low": s.low,
        "high": s.high,
        "level": s.level,
        "baseline": verdict.baseline.value,
        "samples": s.samples,
        "sealed": verdict.sealed,
        "protocol": protocol,
        "set_aside": [{k: a[k] for k in ("column", "code", "reason")} for a in set_aside],
        "questions": list(context.questions),
        "openings": verdict.openings,
        "seconds": round(context.clock.elapsed(), 2),
        "budget": context.spec.budget,
        "run": str(context.folder.path),
        "bundle": str(context.folder.bundle),
        "report": str(context.folder.report),
        "complete": not interrupted,
    }
