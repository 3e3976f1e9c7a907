"""Steps 6 to 9: tune, refit, compare, write the bundle, test once, report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import load
from heldout.bundle.content import BundleContent
from heldout.core.arrays import Doubles
from heldout.core.names import plural
from heldout.models.assemble import MAX_NODES, Member
from heldout.models.blend import shares
from heldout.search.choose import Choice
from heldout.search.final import FinalModel, FinalModels, growth, more_repeats, refit
from heldout.search.pool import Pool
from heldout.search.result import SearchResult
from heldout.splits.content import content as content_of
from heldout.tables.table import Columns
from heldout.tasks import null
from heldout.tasks.several import deviation
from heldout.workflow import assumptions, deploy, existing, insight, kept, refit_all
from heldout.workflow.baseline import Baseline
from heldout.workflow.causes import causes
from heldout.workflow.close import close
from heldout.workflow.context import Context
from heldout.workflow.decisions import answered, decisions
from heldout.workflow.define import Defined
from heldout.workflow.fairness import fairness
from heldout.workflow.look import Looked
from heldout.workflow.look_again import look_again, seconds
from heldout.workflow.look_late import look_late
from heldout.workflow.looks import record_looks, record_stability
from heldout.workflow.own_test import open_test
from heldout.workflow.promise import promise
from heldout.workflow.protocol import Protocol
from heldout.workflow.stand_in import record_stand_in
from heldout.workflow.tune import Tuned, corrected, fold_numbers, tune
from heldout.workflow.verdict import Verdict, judge, open_seal, record

WRITE_SECONDS = 2.0  # kept for graph, bundle, opening and report
NODE_SECONDS = 6e-6  # for each node of a tree, the same
REPORT_SECONDS = 0.5
OVERSHOOT = 0.03  # of the budget, where the refit needs it
REFIT = 3.5  # times the CPU seconds of the slowest fold: more rows, the probe, reading the trees
COMPILE_SECONDS = 8.0  # where a worker that was ended must load Keras and compile anew


@dataclass(frozen=True)
class Ends:
    """What every ending step holds."""

    defined: Defined
    looked: Looked
    plan: Protocol
    trivial: Baseline
    found: SearchResult
    pool: Pool
    fingerprint: str
    run_id: str
    context: Context


def finish(ends: Ends) -> dict[str, Any]:
    """From a finished search to the fields of the outcome."""
    context, defined = ends.context, ends.defined
    interrupted = ends.found.ended == "interrupted"
    ends.pool.stopping = False
    repeats: list[Doubles] = []
    if ends.plan.plan.more and not ends.plan.plan.is_sealed and not interrupted:
        until = context.clock.deadline(_refit_seconds(ends))
        repeats = more_repeats(ends.found, ends.pool, deadline=until)
    chosen = ends.found.choice
    ends, tuned, final, probe = _settle(ends)
    if ends.found.choice != chosen:
        repeats = []  # they were those of other members
    crossval = _cross_validated(tuned, repeats, ends)
    record_stability(tuned, repeats, ends.trivial, ends.looked.table, defined, ends.plan, context)
    made = _content(tuned, final, probe, ends)
    deploy.write_bundle(context, made, "")
    _remember_training(ends)
    _keep_answers(tuned, ends)
    bundle = load(context.folder.bundle)
    if context.spec.test and not interrupted and not _opened(context):
        verdict = open_test(bundle, defined, ends.plan, ends.trivial, ends.run_id, context)
        label = f"scored once on {Path(context.spec.test).name}, which no model had seen"
    elif ends.plan.plan.is_sealed and not interrupted and not _opened(context):
        verdict = open_seal(bundle, defined, ends.plan, ends.trivial, ends.run_id, context)
        label = "sealed: set aside before any model, opened once by the bundle read back from disk"
    else:
        verdict, label = crossval, _label(ends, interrupted)
    record(verdict, ends.trivial, label, context)
    record_looks(tuned, ends.found, crossval, verdict, context)
    record_stand_in(ends.found, defined, context)
    assumptions.marked(defined.task, verdict, context)
    assumptions.record(defined.task, [c.name for c in ends.looked.table.schema.inputs], context)
    insight.failures(tuned, ends.looked.table, defined, context)
    again = 0.0 if interrupted else seconds(context)
    last = context.clock.deadline(REPORT_SECONDS + again)
    open_ = answered(tuned, ends.looked.table, defined.task, defined.y)
    decisions(open_, verdict, last, context)
    fairness(open_, context)
    better = defined.task.greater_is_better
    causes(crossval, verdict, ends.looked.table, ends.plan, better, last, context)
    insight.drivers(
        ends.found, tuned, ends.looked.table, defined, ends.plan, last, context, made.reference
    )
    if not interrupted:
        look_again(tuned, ends.looked.table, defined, ends.plan, context)
        look_late(ends.looked.table, defined, ends.plan, context)
    note = ""
    if context.spec.refit_all and verdict.sealed and verdict.signal and not interrupted:
        table = ends.looked.table
        made = refit_all.refitted(made, final, table, defined, ends.plan, tuned.calibrator, context)
        note = refit_all.NOTE if made.recipe.get("refitted_on_all") else ""
    return _close(verdict, made, ends, interrupted, note)


def _settle(ends: Ends) -> tuple[Ends, Tuned, FinalModels, Columns]:
    """Tune and refit. Where some could not be refitted in time, or do not fit into a bundle together,
    the others are tuned again: whatever is reported is of those that answer. Where none is left,
    the cheapest candidate that has all its folds takes their place: a run that fitted anything
    ends with a model."""
    table, context = ends.looked.table, ends.context
    probe = deploy.probe(table.arrays(), ends.plan.plan.open, table.schema, context.seed)
    tuned = tune(ends.found, ends.defined, ends.plan, context)
    late = OVERSHOOT * context.clock.total  # a better model is worth what the clock allows
    until = context.clock.deadline(_write_seconds(ends) - late)
    final = refit(ends.found, ends.pool, probe=probe, deadline=until)
    for lost in (m for m in final.members if m.failure):
        context.write("refit", f"{lost.name} leaves the ensemble", lost.failure)
    good = tuple(m for m in final.members if not m.failure)
    if good:
        good = tuple(good[i] for i in deploy.within_limit(_members(good)[0], context))
        if len(good) < len(final.members):
            ends = replace(ends, found=replace(ends.found, choice=_rest(ends.found, good)))
            tuned = tune(ends.found, ends.defined, ends.plan, context)
        return ends, tuned, replace(final, members=good), probe
    ends = replace(ends, found=ends.found.without({m.name for m in final.members}, ends.plan.plan))
    tuned = tune(ends.found, ends.defined, ends.plan, context)
    return ends, tuned, refit(ends.found, ends.pool, probe=probe), probe


def _rest(found: SearchResult, good: Sequence[FinalModel]) -> Choice:
    """The choice without those that left, in the same proportions."""
    assert found.choice is not None
    names = {m.name for m in good}
    members = [(i, w) for i, w in found.choice.members if found.usable[i].name in names]
    shared = shares([w for _, w in members])
    best = found.choice.best if found.choice.best in dict(members) else members[0][0]
    return Choice(
        tuple((i, w) for (i, _), w in zip(members, shared, strict=True)),
        found.choice.rounds,
        "those of the ensemble that the clock and the room in a bundle allowed",
        best,
    )


def _refit_seconds(ends: Ends) -> float:
    """What refit, bundle and report will need, by what the members' fits took."""
    slowest = max((r.cpu_seconds / max(1, len(r.rounds)) for r, _ in ends.found.members), default=0)
    nets = any(r.model.family == "net" for r, _ in ends.found.members)
    return _write_seconds(ends) + 1.0 + REFIT * slowest + (COMPILE_SECONDS if nets else 0.0)


def _write_seconds(ends: Ends) -> float:
    """For graph, bundle, opening and report: large forests take longer to write and to compare."""
    nodes = 0.0
    for result, _ in ends.found.members:
        each = [f.meta["numbers"].get("tree_nodes", 0) for f in result.fits if f is not None]
        nodes += growth(ends.found) * float(np.median(each)) if each else 0.0
    return WRITE_SECONDS + NODE_SECONDS * min(nodes, MAX_NODES)


def _cross_validated(tuned: Tuned, repeats: list[Doubles], ends: Ends) -> Verdict:
    """The out-of-fold score, corrected for choosing, with the same gate as a sealed one."""
    defined, context = ends.defined, ends.context
    paid = corrected(tuned, repeats, defined, ends.plan, context)
    rows = tuned.rows
    nothing = ends.trivial.prediction[rows]
    groups = ends.plan.units_of(rows)
    if context.spec.existing:
        old = existing.predictions(context.spec.existing, defined.table.take(rows), defined.task)
        known = defined.y[ends.plan.plan.open]
        existing.enter(
            context.spec.existing,
            defined.task,
            defined.y[rows],
            existing.filled(old, defined.task, known, ends.trivial.name),
            tuned.calibrated[rows],
            context,
            where="open rows",
            groups=groups,
            threshold=tuned.threshold.value if tuned.threshold else None,
        )
    plain = judge(
        defined.task,
        defined.y[rows],
        tuned.calibrated[rows],
        nothing,
        groups=groups,
        threshold=tuned.threshold.value if tuned.threshold else None,
        sealed=False,
        factor=paid.factor,
    )
    context.write(
        "crossval",
        f"{paid.score.value:.4g} out of fold",
        "corrected for having chosen" if paid.correction else "",
        numbers={**paid.as_dict(), "note": "average score of this recipe at this many rows"},
    )
    return plain.corrected(paid.score, paid.correction)


def _content(tuned: Tuned, final: FinalModels, probe: Columns, ends: Ends) -> BundleContent:
    """Assemble, compare; the content of the bundle."""
    context, defined, table = ends.context, ends.defined, ends.looked.table
    task, schema, opened = defined.task, table.schema, ends.plan.plan.open
    columns = table.arrays()
    members, trained = _members(final.members)
    context.write(
        "refit",
        " + ".join(m.card for m in members),
        f"on all {plural(len(opened), 'open row')}, with the settings and rounds that were validated",
        numbers={
            "members": [
                {"name": m.name, "weight": m.weight, "rounds": m.rounds} for m in final.members
            ]
        },
    )
    scale = deviation(task, defined.y[opened])
    threshold = tuned.threshold.value if tuned.threshold else None
    rows, folds = tuned.rows, fold_numbers(ends.plan, len(defined.y))
    promised = promise(tuned.calibrated[rows], defined.y[rows], folds[rows], task, context)
    model = deploy.build(
        task,
        schema,
        final.recipes,
        members,
        trained,
        tuned.calibrator,
        threshold,
        probe,
        scale,
        context,
        promised,
    )
    certificate = {**model.parity.as_dict(), "scale": scale, "tolerance": model.tolerance}
    context.write("parity", "the same answers", numbers=certificate)
    return deploy.content(
        task,
        schema,
        model.graph,
        {n: v[tuned.rows] for n, v in columns.items()},
        _recipe(final, {m.label for m in model.members}, ends),
        {
            "threshold": threshold,
            "rule": tuned.threshold.rule if tuned.threshold else None,
            "positive": task.positive,
            **deploy.promised_part(promised, context.spec.conformal),
        },
        certificate,
        {"kind": tuned.calibrator[0], "state": dict(tuned.calibrator[1])}
        if tuned.calibrator
        else {},
        _null_record(ends),
        ends.fingerprint,
        context.seed,
        tuned.calibrated[tuned.rows],
    )


def _members(final: Sequence[FinalModel]) -> tuple[list[Member], list[Doubles]]:
    """The members that were refitted, and what training says of the probe."""
    good = [m for m in final if not m.failure]
    if not good:
        raise deploy.refused("no member could be fitted on all open rows in time")
    return (
        [Member(m.card, m.settings, m.state, m.weight, m.name) for m in good],
        [m.probe for m in good],
    )


def _recipe(final: FinalModels, answering: Collection[str], ends: Ends) -> dict[str, Any]:
    """Enough to refit on other data without searching (joints 15): those that answer."""
    return {
        "spec": {k: v for k, v in ends.context.spec.as_dict().items() if k not in ("data", "out")},
        "views": {view: r.spec.as_dict() for view, r in final.recipes.items()},
        "members": [
            {
                "name": m.name,
                "card": m.card,
                "settings": dict(m.settings),
                "weight": m.weight,
                "rounds": m.rounds,
            }
            for m in final.members
            if m.name in answering
        ],
        "rows": len(ends.plan.plan.open),
        "set_aside": [a["column"] for a in ends.looked.set_aside],
    }


def _null_record(ends: Ends) -> dict[str, Any]:
    opened = ends.plan.plan.open
    row = null.predict(ends.trivial.name, ends.defined.task, ends.defined.y[opened], 1)[0]
    return {"name": ends.trivial.name, "prediction": row.tolist()}


def _remember_training(ends: Ends) -> None:
    """Hashes of the rows that were trained on, by the bundle's own inputs; kept in the folder."""
    table = ends.looked.table
    schema = table.schema.asked()
    names = [c.name for c in schema.inputs]
    hashes = content_of(table.take(ends.plan.plan.open).arrays(names), schema)
    np.save(ends.context.folder.seen, np.unique(hashes), allow_pickle=False)


def _keep_answers(tuned: Tuned, ends: Ends) -> None:
    """The out-of-fold answers, for ``heldout compare``."""
    rows = tuned.rows
    kept.keep(
        ends.context.folder.path,
        ends.looked.table,
        rows,
        ends.defined.y[rows],
        tuned.calibrated[rows],
        None if tuned.groups is None else tuned.groups[rows],
        tuned.threshold.value if tuned.threshold else None,
    )


def _opened(context: Context) -> bool:
    """Whether this run has opened its seal before: then it is never opened again."""
    return any(e.step == "seal" for e in context.journal.entries())


def _label(ends: Ends, interrupted: bool) -> str:
    if interrupted:
        return "cross-validated: the run was interrupted, the seal stayed shut"
    if ends.plan.plan.is_sealed:
        return "cross-validated: the seal was opened by an earlier try that did not end"
    return f"cross-validated, not sealed: {plural(len(ends.defined.y), 'row')} are too few to set some aside"


def _close(
    verdict: Verdict, made: BundleContent, ends: Ends, interrupted: bool, note: str = ""
) -> dict[str, Any]:
    """Without a signal the null model answers; then what every run ends with."""
    if not verdict.signal:
        _replace_by_null(made, ends)
    return close(
        verdict,
        made,
        ends.defined.task,
        ends.context,
        protocol=ends.plan.plan.protocol,
        set_aside=ends.looked.set_aside,
        interrupted=interrupted,
        note=note,
    )


def _replace_by_null(made: BundleContent, ends: Ends) -> None:
    """No signal: the bundle answers with the null model (joints 12)."""
    task, schema = ends.defined.task, ends.looked.table.schema
    opened = ends.plan.plan.open
    row = null.predict(ends.trivial.name, task, ends.defined.y[opened], 1)[0]
    threshold = made.decision.get("threshold")
    graph = deploy.null_model(task, schema, row, threshold)
    vectors = deploy.vectors_of(schema, graph, ends.context.seed, made.reference)
    deploy.write_bundle(
        ends.context, replace(made, model=graph, vectors=vectors, calibration={}), ""
    )
