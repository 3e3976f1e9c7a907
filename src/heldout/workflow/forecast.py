"""The corridor of a forecast: define, origins, baselines, one-step models, bundle, seal, report.

What differs from tables: a sample is a step of a series, the unit (series, origin); the last
horizon is sealed; the graph takes lags and gives the next step, and is fed with its own answers
(joints 17). Names, journal and outcome are those of every run.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import numpy as np

from heldout.bundle import Bundle, load
from heldout.bundle.forecast import ahead
from heldout.core import files
from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import plural
from heldout.metrics.score import Score
from heldout.models.onestep import candidates
from heldout.models.onestep import usable as asked_for
from heldout.splits.ledger import Ledger
from heldout.splits.origins import plan_origins
from heldout.splits.samples import make_samples
from heldout.tables import read
from heldout.tables.table import Table
from heldout.tasks.options import Said
from heldout.tasks.series import time_kind
from heldout.tasks.state import encode, state, with_roles
from heldout.tasks.table import row
from heldout.tasks.task import Task
from heldout.workflow import deploy
from heldout.workflow.backtest import (
    Ground,
    Tested,
    backtest,
    band,
    best,
    gain,
    metric_of,
    nulls,
    repeat,
    spread,
)
from heldout.workflow.baseline import Baseline
from heldout.workflow.close import close
from heldout.workflow.context import Context
from heldout.workflow.define import one_target
from heldout.workflow.forecast_bundle import Question, ends_now, make
from heldout.workflow.series import (
    make_series,
    step_of,
    stretch,
)
from heldout.workflow.spec import Spec
from heldout.workflow.verdict import Verdict, record

LEAST_WINDOWS = 15  # one-step examples before the first origin
HORIZON = 12  # steps, where neither an option nor a season says
RANDOM_WALK = (
    "nothing beat the last value: to these models the series is a random walk, whose past changes "
    "say little about the next (as with prices on a market)"
)
RATIO_FROM = 0.1  # of the mean: with smaller values about, ratios would explode


def is_forecast(spec: Spec) -> bool:
    """Whether --task names a forecast."""
    try:
        return spec.task is not None and row(spec.task.strip().lower()).name == "forecast"
    except KeyError:
        return False


def forecast(
    table: Table, spec: Spec, context: Context, fingerprint: str, run_id: str
) -> dict[str, Any]:
    """From a table to the fields of the outcome."""
    asked = ask(table, spec, context)
    trivial, models = test_models(asked, context)
    shipped = models[0] if models else None
    width = band(shipped or trivial, asked.ground, asked.found[0].how == "ratio")
    content, blend = make(asked, shipped, trivial, width, fingerprint, context)
    deploy.write_bundle(context, content, "")
    verdict = judge(asked, load(context.folder.bundle), shipped, trivial, run_id, context)
    nothing = Baseline(trivial.name, np.zeros((0, 1)), verdict.baseline, None, None)
    label = "sealed: the last stretch, opened once by the bundle read back from disk"
    if not verdict.sealed:
        label = "not sealed: the seal was opened by an earlier try that did not end"
    if not verdict.signal and trivial.name == "last_value":
        score = dataclasses.replace(
            verdict.score, warning=f"{verdict.score.warning}; {RANDOM_WALK}"
        )
        verdict = dataclasses.replace(verdict, score=score)
    record(verdict, nothing, label, context)
    if not verdict.signal:
        blend, width = None, band(trivial, asked.ground, False)
    final = ends_now(content, asked, blend, trivial, width, context)
    note = (
        f"This bundle holds the last {len(final.schema.inputs)} values of each series "
        "(context.json): a forecast goes on from them."
    )
    values = close(verdict, final, asked.task, context, protocol=asked.plan.protocol, note=note)
    files.write(context.folder.result, json.dumps(values, ensure_ascii=False) + "\n")
    return values


def ask(table: Table, spec: Spec, context: Context) -> Question:
    """State the task, order the series, plan the origins; raises H101 to H105, H265, H266."""

    def find(name: str) -> str:
        return read.find_column(table.schema, name)

    task = state(
        table,
        one_target(spec, table.schema),
        Said(
            task=spec.task,
            metric=spec.metric,
            group=tuple(map(find, spec.group)),
            time=tuple(t if t == "row" else find(t) for t in spec.time),
            horizon=spec.horizon,
            unit="step" if spec.unit == "row" else spec.unit,
        ),
    )
    table = _with_roles(table, task)
    y = encode(task, table)
    samples = make_samples(table, task)
    series, kind = make_series(table, y, task, samples), time_kind(table, task)
    step = step_of(series, kind)
    longest = max(len(s) for s in series)
    horizon = task.horizon or min(step.season if step.season > 1 else HORIZON, longest // 6 or 1)
    season = step.season if longest >= 3 * step.season + horizon else 1
    task = dataclasses.replace(task, horizon=horizon)
    positive = all(s.values.min() > RATIO_FROM * np.abs(s.values).mean() for s in series)
    listed = candidates(season, positive)
    found = asked_for(listed, spec.models)
    if not found:
        raise HeldoutError(
            "H103",
            f"none of --models {','.join(spec.models)} can forecast",
            seen=f"known: {', '.join(c.name for c in listed)}",
            why="there would be nothing to score",
        )
    least = LEAST_WINDOWS + max((c.depth for c in found), default=season)
    plan = plan_origins(samples, y, task, context.seed, horizon=horizon, least=least)
    assert samples.time is not None
    starts = tuple(int(samples.time[f.valid].min()) for f in plan.folds)
    cut = int(samples.time[plan.sealed].min())
    ground = Ground(task, series, starts, cut, horizon, season)
    made = Question(table, task, y, series, plan, ground, step, kind, found)
    _tell(made, context)
    return made


def _with_roles(table: Table, task: Task) -> Table:
    """Target, time and group; everything else is ignored, with the reason."""
    table = with_roles(table, task)
    others = {c.name: "ignored" for c in table.schema.inputs}
    reason = "not used: at the time of a forecast its future values are not known"
    return table.with_schema(table.schema.with_roles(others, reason))  # type: ignore[arg-type]


def _tell(made: Question, context: Context) -> None:
    table, task, plan = made.table, made.task, made.plan
    gaps = int(sum((~s.known).sum() for s in made.series))
    notes = list(table.notes)
    if gaps:
        notes.append(f"{task.target}: {plural(gaps, 'gap')} filled by the value before.")
    context.write(
        "read",
        f"{plural(table.rows, 'row')}, {plural(len(made.series), 'series', 'series')}",
        "; ".join(notes),
        numbers={
            "notes": notes,
            "guesses": dict(table.guesses),
            "columns": table.schema.as_dict(),
            "without_target": gaps,
        },
        overrule="--type COLUMN=KIND, --time, --group",
    )
    context.questions += list(task.questions)
    said = "--horizon" if context.spec.horizon else "taken by default"
    season = f"a season of {made.ground.season} steps" if made.ground.season > 1 else "no season"
    context.write(
        "define",
        f"forecast: the next {task.horizon} steps of {task.target}, judged by {task.metric}",
        f"{task.reason}; one step is a {made.step.name}, {season}; horizon {said}",
        numbers={"task": task.as_dict(), "step": made.step.as_dict()},
        overrule="--horizon, --metric, --time",
    )
    context.write(
        "plan",
        f"origins: {plural(len(plan.sealed), 'step')} sealed, {len(plan.folds)} earlier origins",
        plan.reason,
        numbers={
            **plan.numbers,
            "protocol": plan.protocol,
            "sealed": len(plan.sealed),
            "open": len(plan.open),
            "folds": len(plan.folds),
            "unit": "time",
            "n": len(made.y),
            "fits_per_candidate": len(plan.folds),
        },
        overrule="--horizon",
    )


def _tell_audit(context: Context) -> None:
    """Leaks between columns cannot be: no other column enters."""
    context.write(
        "audit",
        "nothing set aside",
        "only earlier values of the series enter the model; no window reaches over its origin",
        numbers={"findings": [], "set_aside": []},
    )


def test_models(asked: Question, context: Context) -> tuple[Tested, list[Tested]]:
    """The best null model, and the models (what is shipped first), on the open origins."""
    _tell_audit(context)
    trivial = nulls(asked.ground)
    nothing = trivial[best(trivial, asked.task)]
    rows = [{"name": t.name, "value": t.value} for t in trivial]
    context.write(
        "baseline",
        f"{nothing.name}: {nothing.value:.4g}",
        "a model must beat the last value and the last season beyond noise, or it is no signal",
        numbers={
            "nulls": rows,
            "best_null": {"name": nothing.name, "value": nothing.value},
            "best_column": None,
            "metric": asked.task.metric,
        },
    )
    deadline = context.clock.deadline(reserve=0.2 * context.clock.total)
    made = backtest(asked.found, asked.ground, context.seed.child("forecast"), deadline)
    for one in made:
        context.write(
            "fit",
            f"{one.name}: finished",
            numbers={
                "candidate": one.name,
                "status": "finished",
                "value": one.value,
                "origins": one.values.tolist(),
            },
        )
    if made:
        board: list[dict[str, Any]] = [
            {"name": t.name, "card": _card(t.name, asked), "score": t.value, "folds": len(t.values)}
            for t in made
        ]
        sign = -1 if asked.task.greater_is_better else 1
        board.sort(key=lambda r: sign * float(r["score"]))
        context.write(
            "leaderboard",
            f"{plural(len(board), 'candidate')}, best {board[0]['name']}",
            "every one fitted anew at every origin",
            numbers={"rows": board, "ended": "finished", "fits": len(made) * len(asked.plan.folds)},
        )
        _tell_blend(made, context)
    return nothing, made


def _card(name: str, asked: Question) -> str:
    return next((c.card for c in asked.found if c.name == name), "blend")


def _tell_blend(made: list[Tested], context: Context) -> None:
    members = [t.name for t in made if t.name != "blend"]
    context.write(
        "ensemble",
        " + ".join(members),
        "the plain mean of all: decided before any was scored, so nothing was chosen by luck",
        numbers={
            "members": [{"name": n, "weight": 1 / len(members)} for n in members],
            "score": made[0].value,
            "tried": len(members),
        },
    )


def judge(
    asked: Question,
    bundle: Bundle,
    shipped: Tested | None,
    trivial: Tested,
    run_id: str,
    context: Context,
) -> Verdict:
    """Open the seal once: the bundle goes on from its context, and is compared with what came."""
    ground, task = asked.ground, asked.task
    opened = any(e.step == "seal" for e in context.journal.entries())
    earlier: list[Any] = []
    tested = shipped or trivial
    if opened:
        truth, predicted = ground.truth[-1], tested.predicted[-1]
        nothing = trivial.predicted[-1]
        models, base = tested.values, trivial.values
    else:
        earlier = Ledger().open(
            asked.plan.fingerprint,
            context.folder.name,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        context.write(
            "seal",
            "opened",
            "once, by the bundle read back from disk",
            numbers={
                "openings": len(earlier) + 1,
                "before": list(dict.fromkeys(o.run for o in earlier)),
                "run": run_id,
            },
        )
        truth, found = stretch(ground.series, ground.cut, ground.horizon)[0], ahead(bundle)
        predicted = found.values
        nothing = repeat(ground, ground.cut, ground.season if trivial.name == "seasonal" else 1)
        models = np.append(tested.values, metric_of(task, truth, predicted))
        base = np.append(trivial.values, metric_of(task, truth, nothing))
        _tell_sealed(truth, found, asked, context)
    samples = int(np.isfinite(truth).sum())
    score = spread(task, metric_of(task, truth, predicted), tested.values, samples)
    return Verdict(
        score,
        Score(task.metric, metric_of(task, truth, nothing), None, None, samples),
        gain(task, models, base),
        not opened,
        tuple(_others(task, truth, predicted)),
        len(earlier) + 1,
        tuple(dict.fromkeys(o.run for o in earlier)),
        {},
        {},
    )


def _others(task: Task, truth: Doubles, predicted: Doubles) -> list[Score]:
    """The other metrics on the same stretch, without intervals."""
    known = int(np.isfinite(truth).sum())
    return [
        Score(
            name,
            metric_of(dataclasses.replace(task, metric=name), truth, predicted),
            None,
            None,
            known,
        )
        for name in task.card.metrics
        if name != task.metric
    ]


def _tell_sealed(truth: Doubles, found: Any, asked: Question, context: Context) -> None:
    inside = (truth >= found.low) & (truth <= found.high)
    known = np.isfinite(truth)
    season = max(asked.ground.season, 1)
    past = [s.values[: int(np.searchsorted(s.rank, asked.ground.cut))] for s in asked.series]
    naive = np.concatenate([np.abs(v[season:] - v[:-season]) for v in past])
    error = float(np.mean(np.abs(truth - found.values)[known]))
    context.write(
        "forecast",
        f"{int(inside[known].sum())} of {int(known.sum())} sealed values inside the band",
        "the band is meant to hold 9 of 10",
        numbers={
            "truth": truth.tolist() if context.spec.rows else [],
            "predicted": found.values.tolist(),
            "low": found.low.tolist(),
            "high": found.high.tolist(),
            "times": found.times.tolist(),
            "series": list(found.names),
            "mase": error / float(naive.mean()) if naive.mean() > 0 else None,
        },
    )
