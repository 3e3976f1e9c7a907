"""The challenger: a bundle's recipe, settings and weights, refitted on other rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heldout.bundle import Bundle, load
from heldout.metrics.scoring import default_threshold
from heldout.models import calibrate
from heldout.models.blend import blend
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.several import deviation
from heldout.workflow import deploy
from heldout.workflow.context import Context
from heldout.workflow.fingerprint import fingerprint
from heldout.workflow.members import fit_members
from heldout.workflow.promise import promise

if TYPE_CHECKING:
    from heldout.workflow.retrain import Contest


@dataclass(frozen=True)
class Challenger:
    """The bundle that was written, read back."""

    bundle: Bundle


def fit_challenger(champion: Bundle, contest: Contest, context: Context) -> Challenger:
    """Fit every member on the open rows of the new data and write the bundle.

    Views are made again from the new schema (new levels, other gaps); settings, weights,
    calibrator, threshold and level of ``--conformal`` are the champion's.
    """
    task, table, opened = contest.task, contest.table, contest.plan.open
    schema = _inputs_of(champion.schema, table.schema)
    columns = table.arrays([c.name for c in schema.inputs])
    training = {n: v[opened] for n, v in columns.items()}
    y = contest.y[opened]
    probe = deploy.probe(columns, opened, schema, context.seed)
    growth = min(2.0, len(y) / max(1, int(champion.recipe["rows"])))
    parts = [
        {**p, "rounds": None if p["rounds"] is None else max(1, round(p["rounds"] * growth))}
        for p in champion.recipe["members"]
    ]
    recipes, members, trained = fit_members(parts, task, schema, training, y, probe, context)
    calibrator = _calibrator(champion)
    promised = _promise(parts, contest, schema, columns, calibrator, context)
    threshold = champion.threshold
    if threshold is None and task.kind == "binary":
        threshold = default_threshold(task)
    scale = deviation(task, y)
    model = deploy.build(
        task, schema, recipes, members, trained, calibrator, threshold, probe, scale, context,
        promised,
    )  # fmt: skip
    certificate = {**model.parity.as_dict(), "scale": scale, "tolerance": model.tolerance}
    made = deploy.content(
        task,
        schema,
        model.graph,
        training,
        {**champion.recipe, "rows": len(opened)},
        {
            **{k: v for k, v in champion.manifest["decision"].items() if k != "conformal"},
            **deploy.promised_part(promised, context.spec.conformal),
        },
        certificate,
        champion.manifest["calibration"],
        {},
        fingerprint(table),
        context.seed,
        deploy.answers(model.graph, training),
    )
    deploy.write_bundle(context, replace(made, verdict=None), "")
    return Challenger(load(context.folder.bundle))


def _promise(
    parts: Sequence[Mapping[str, Any]],
    contest: Contest,
    schema: Schema,
    columns: Columns,
    calibrator: tuple[str, dict[str, Any]] | None,
    context: Context,
) -> dict[str, Any] | None:
    """Intervals or sets at the champion's level, from answers to the validation part of the new
    data by a fit that has not seen it; the champion's own would be of another model's errors."""
    if context.spec.conformal is None:
        return None
    fold = contest.plan.folds[0]
    train, valid = fold.training, fold.valid
    y, probe = contest.y, {n: v[valid] for n, v in columns.items()}
    training = {n: v[train] for n, v in columns.items()}
    answers = fit_members(parts, contest.task, schema, training, y[train], probe, context)[2]
    p = calibrate.apply(calibrator, blend(answers, [float(m["weight"]) for m in parts]))
    groups = None if contest.samples.group is None else contest.samples.group[valid]
    first = y[valid].reshape(len(valid), -1)[:, 0]  # of several targets
    folds = calibrate.assign(len(valid), first, groups)
    return promise(p, y[valid], folds, contest.task, context, "split-conformal")


def _inputs_of(old: Schema, new: Schema) -> Schema:
    """The new schema, with the old one's inputs and no others."""
    wanted = {c.name for c in old.of_role("input", "computed")}
    changes: dict[str, Any] = {
        c.name: c.replace(
            role="input" if c.name in wanted else c.role if c.role != "input" else "ignored"
        )
        for c in new
    }
    return new.update(changes)


def _calibrator(champion: Bundle) -> tuple[str, dict[str, Any]] | None:
    stored = champion.manifest.get("calibration") or {}
    if not stored.get("kind") or "state" not in stored:
        return None
    return str(stored["kind"]), dict(stored["state"])
