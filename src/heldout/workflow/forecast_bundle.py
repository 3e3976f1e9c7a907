"""What a forecast's bundle is made of: the one-step graph, compared; the context it goes on from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.bundle.content import BundleContent
from heldout.bundle.forecast import context
from heldout.core.arrays import Doubles
from heldout.core.names import plural
from heldout.models.onestep import StepBlend, StepCandidate, assemble_lag, assemble_step
from heldout.primitives import hostile
from heldout.splits.plan import Plan
from heldout.tables.steps import Step
from heldout.tables.table import Table
from heldout.tasks.series import lag_columns
from heldout.tasks.task import Task
from heldout.workflow import deploy
from heldout.workflow.backtest import Band, Ground, Tested, fitted
from heldout.workflow.context import Context
from heldout.workflow.parity import run_graph
from heldout.workflow.series import Series, histories, lag_schema, windows

WIDE = 2_000  # hostile windows
LIMIT = 1e-12  # times max(1, value, scale), as contract 5 has it for linear models and blends


@dataclass(frozen=True)
class Question:
    """The stated task over a table, as series."""

    table: Table
    task: Task
    y: Doubles
    series: list[Series]
    plan: Plan
    ground: Ground
    step: Step
    kind: str
    found: list[StepCandidate]


def make(
    asked: Question,
    shipped: Tested | None,
    trivial: Tested,
    width: Band,
    fingerprint: str,
    context_of: Context,
) -> tuple[BundleContent, StepBlend | None]:
    """Refit on all open steps, write the graph, compare; the content of the bundle whose context
    ends where the seal begins."""
    blend = _refit(asked, context_of) if shipped is not None else None
    graph, depth = _graph(asked, blend, trivial)
    schema = lag_schema(asked.table.schema[asked.task.target], depth)
    window, following = windows(asked.series, asked.ground.cut, depth)
    scale = float(np.std(following))
    certificate = {"rows": 0, "largest": 0.0, "over": 0, "scale": scale, "tolerance": LIMIT}
    if blend is not None:
        certificate |= _compared(graph, blend, window, asked, scale, context_of)
    columns = lag_columns(window)
    answers = deploy.answers(graph, columns)
    content = deploy.content(
        asked.task,
        schema,
        graph,
        columns,
        _recipe(asked, blend, context_of),
        {},
        certificate,
        {},
        {"name": trivial.name},
        fingerprint,
        context_of.seed,
        answers,
    )
    known = _context(asked, asked.ground.cut, depth, width)
    return dataclasses.replace(content, context=known), blend


def _refit(asked: Question, context: Context) -> StepBlend | None:
    seed, until = context.seed.child("forecast", "final"), context.clock.deadline(1.0)
    models = [
        fitted(c, asked.ground, asked.ground.cut, seed.child(c.name), until) for c in asked.found
    ]
    made = tuple(m for m in models if m is not None)
    context.write(
        "refit",
        " + ".join(m.candidate.name for m in made),
        f"on every window of the {plural(len(asked.plan.open), 'open step')}",
        numbers={"members": [{"name": m.candidate.name} for m in made]},
    )
    return StepBlend(made) if made else None


def _graph(asked: Question, blend: StepBlend | None, trivial: Tested) -> tuple[bytes, int]:
    """The serialized one-step graph and how many lags it takes."""
    target = asked.table.schema[asked.task.target]
    if blend is None:
        lag = asked.ground.season if trivial.name == "seasonal" else 1
        return assemble_lag(lag_schema(target, lag), lag).model, lag
    schema = lag_schema(target, blend.depth)
    return assemble_step(asked.task, schema, blend).model, blend.depth


def _compared(
    graph: bytes,
    blend: StepBlend,
    window: Doubles,
    asked: Question,
    scale: float,
    context: Context,
) -> dict[str, Any]:
    """Training side against the graph on open windows and hostile ones; H404 where they differ."""
    schema = lag_schema(asked.table.schema[asked.task.target], blend.depth)
    wild = hostile.columns(schema, WIDE, context.seed.child("hostile"))
    strange = np.stack([wild[f"lag_{k}"] for k in range(blend.depth, 0, -1)], axis=1)
    both = np.concatenate([window, strange])
    with np.errstate(all="ignore"):
        expected = blend(both)
    got = run_graph(graph, lag_columns(both))["prediction"][:, 0]
    same = (expected == got) | (np.isnan(expected) & np.isnan(got))
    with np.errstate(all="ignore"):
        gap = np.abs(got - expected) / np.maximum(np.maximum(1.0, np.abs(expected)), scale)
    gap = np.where(same, 0.0, np.nan_to_num(gap, nan=np.inf))
    largest = float(gap.max(initial=0.0))
    if largest > LIMIT:
        raise deploy.refused(f"the one-step graph differs by {largest:.3g}")
    import onnxruntime

    found = {
        "rows": len(both),
        "largest": largest,
        "over": int((gap > 1e-6).sum()),
        "runtimes": {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__},
        "scale": scale,
        "tolerance": LIMIT,
    }
    context.write("parity", "the same answers", numbers=found)
    return found


def _recipe(asked: Question, blend: StepBlend | None, context: Context) -> dict[str, Any]:
    spec = {k: v for k, v in context.spec.as_dict().items() if k not in ("data", "out")}
    members = [] if blend is None else [m.candidate.as_dict() for m in blend.members]
    return {"spec": spec, "forecast": {"members": members}, "rows": len(asked.plan.open)}


def _context(asked: Question, before: int, depth: int, width: Band) -> dict[str, Any]:
    """``context.json`` as it stands before a rank."""
    ends = [s.times[max(0, int(np.searchsorted(s.rank, before)) - 1)] for s in asked.series]
    return context(
        [s.name for s in asked.series],
        [float(t) for t in ends],
        histories(asked.series, before, depth),
        asked.step,
        asked.kind,
        asked.ground.horizon,
        list(width.widths),
        width.how,
        width.level,
    )


def ends_now(
    content: BundleContent,
    asked: Question,
    blend: StepBlend | None,
    trivial: Tested,
    width: Band,
    context_of: Context,
) -> BundleContent:
    """After the opening the context moves on to the end of the data; without a signal the null
    model answers."""
    graph, depth = _graph(asked, blend, trivial)
    now = 1 + max(int(s.rank.max()) for s in asked.series)
    if blend is None:
        schema = lag_schema(asked.table.schema[asked.task.target], depth)
        columns = lag_columns(windows(asked.series, asked.ground.cut, depth)[0])
        answers = deploy.answers(graph, columns)
        content = dataclasses.replace(
            deploy.content(
                asked.task, schema, graph, columns, content.recipe, {}, content.parity, {},
                content.baseline or {}, content.data_fingerprint, context_of.seed, answers,
            )
        )  # fmt: skip
    final = dataclasses.replace(content, context=_context(asked, now, depth, width))
    deploy.write_bundle(context_of, final, "")
    return final
