"""Step 9, deploy: one graph, compared with the training side, written as a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from heldout.bundle.content import BundleContent
from heldout.bundle.reference import build_reference
from heldout.bundle.vectors import build_vectors
from heldout.bundle.write import write
from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.metrics.scoring import Cut
from heldout.models.assemble import MAX_NODES, Assembled, Member, assemble, assemble_null
from heldout.models.card import MODELS
from heldout.models.trees import nodes_in
from heldout.primitives import hostile
from heldout.primitives.expression import computed
from heldout.primitives.recipe import Recipe
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.parity import Parity, compare, run_graph

MOST_OPEN, HOSTILE = 10_000, 2_000
PICTURES = (500, 64)  # the same where rows hold pictures, which are slow to look at


@dataclass(frozen=True)
class Model:
    """What the bundle will hold: the graph, the members that passed, the certificate."""

    graph: bytes
    members: tuple[Member, ...]
    recipes: Mapping[str, Recipe]
    parity: Parity
    tree_nodes: int

    @property
    def tolerance(self) -> float:
        """What the bundle may differ by on another machine: no more than here (contract 5)."""
        return max((MODELS.get(m.card).tolerance for m in self.members), default=1e-12)


def probe(table_columns: Columns, opened: Ints, schema: Schema, seed: Seed) -> dict[str, Array]:
    """Open rows and hostile ones, one below the other: what training and graph both answer."""
    rng = seed.child("parity").rng()
    pictures = any(c.kind == "image" for c in schema.inputs)
    most, strange = PICTURES if pictures else (MOST_OPEN, HOSTILE)
    some = opened if len(opened) <= most else rng.choice(opened, most, replace=False)
    wild = computed(schema, hostile.columns(schema.asked(), strange, seed.child("hostile")))
    names = [c.name for c in schema.inputs]
    return {n: np.concatenate([table_columns[n][some], wild[n]]) for n in names}


def build(
    task: Task,
    schema: Schema,
    recipes: Mapping[str, Recipe],
    members: Sequence[Member],
    trained: Sequence[Doubles],
    calibrator: tuple[str, Mapping[str, Any]] | None,
    threshold: Cut,
    columns: Columns,
    scale: float,
    context: Context,
    promise: Mapping[str, Any] | None = None,
) -> Model:
    """Assemble and compare; a member that differs leaves and is journaled; H404 if none is left."""
    kept = within_limit(members, context)
    while kept:
        chosen = [members[i] for i in kept]
        views = {m.view for m in chosen}
        used = {view: recipes[view] for view in views}
        debug = assemble(task, schema, used, chosen, calibrator, threshold, extra_outputs=True)
        parity = compare(debug, columns, used, chosen, [trained[i] for i in kept], scale)
        if parity.preparation:
            raise refused(f"the preparation differs: {parity.preparation}")
        if not parity.failed:
            final = assemble(task, schema, used, chosen, calibrator, threshold, promise=promise)
            return Model(final.model, tuple(chosen), used, parity, final.tree_nodes)
        for number, reason in parity.failed.items():
            context.write(
                "parity", f"{chosen[number].label} leaves the ensemble", reason, numbers={}
            )
        kept = [k for i, k in enumerate(kept) if i not in parity.failed]
    raise refused("no member gives the same numbers in the graph as in training")


def within_limit(members: Sequence[Member], context: Context) -> list[int]:
    """Places of the members whose trees fit into a bundle together: of all that do, those that
    weigh most. Counted before any graph is written: half a million nodes take seconds to write."""
    nodes = [nodes_in(m.state) for m in members]
    kept = heaviest(nodes, [m.weight for m in members], MAX_NODES)
    for i in sorted(set(range(len(members))) - set(kept)):
        context.write(
            "parity",
            f"{members[i].label} leaves the ensemble",
            f"{sum(nodes):,} tree nodes together, {MAX_NODES:,} are allowed in a bundle",
        )
    return kept


def heaviest(nodes: Sequence[int], weights: Sequence[float], most: int) -> list[int]:
    """Places with the largest weight together whose nodes are at most ``most``, one at least.

    >>> heaviest([200, 90, 80, 10], [0.4, 0.3, 0.2, 0.1], most=300)
    [0, 1, 3]
    >>> heaviest([400, 500], [0.4, 0.6], most=300)
    [1]
    """
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}  # by nodes: weight, places
    for i, (own, weight) in enumerate(zip(nodes, weights, strict=True)):
        for used, (total, places) in list(best.items()):
            both = used + own
            if both <= most and total + weight > best.get(both, (-1.0,))[0]:
                best[both] = total + weight, (*places, i)
    places = max(best.values(), key=lambda found: found[0])[1]
    return list(places) or [max(range(len(weights)), key=lambda i: weights[i])]


def null_model(task: Task, schema: Schema, prediction: Doubles, threshold: Cut) -> bytes:
    """The graph of the null model, for a run whose answer is "no signal"."""
    built: Assembled = assemble_null(task, schema, prediction, threshold)
    return built.model


def content(
    task: Task,
    schema: Schema,
    graph: bytes,
    columns: Columns,
    recipe: Mapping[str, Any],
    decision: Mapping[str, Any],
    parity: Mapping[str, Any],
    calibration: Mapping[str, Any],
    baseline: Mapping[str, Any],
    fingerprint: str,
    seed: Seed,
    scores: Doubles,
) -> BundleContent:
    """Everything of a bundle but the verdict; ``columns`` and out-of-fold ``scores`` (samples,
    outputs) describe the training samples."""
    schema = schema.asked()
    reference = build_reference(columns, schema, scores)
    vectors = vectors_of(schema, graph, seed, reference)
    return BundleContent(
        model=graph,
        schema=schema,
        task=task.as_dict(),
        recipe=recipe,
        reference=reference,
        vectors=vectors,
        decision=decision,
        parity=parity,
        calibration=calibration,
        baseline=baseline,
        seed=seed.root,
        data_fingerprint=fingerprint,
    )


def promised_part(state: Mapping[str, Any] | None, level: float | None) -> dict[str, Any]:
    """What the manifest says of intervals or sets, so that a later fit keeps them."""
    return {} if state is None else {"conformal": {"level": level, "state": dict(state)}}


def answers(graph: bytes, columns: Columns) -> Doubles:
    """What a graph answers, (rows, outputs)."""
    outputs = run_graph(graph, columns)
    found: Doubles = outputs["probability"] if "probability" in outputs else outputs["prediction"]
    return found


def vectors_of(
    schema: Schema, graph: bytes, seed: Seed, reference: Mapping[str, Any]
) -> dict[str, Any]:
    """Synthetic rows with the answers of this graph."""
    return build_vectors(schema.asked(), lambda c: run_graph(graph, c), seed, reference)


def write_bundle(context: Context, made: BundleContent, card: str) -> None:
    """Write NAME.heldout into the run folder."""
    write(context.folder.bundle, replace(made, card=card))


def refused(what: str) -> HeldoutError:
    """H404: nothing that could be answered with was left."""
    return HeldoutError(
        "H404",
        "the bundle was not written",
        seen=what,
        why="a model that answers differently after training has a score that is not its own",
        do=["run again with --models logistic,lightgbm, and report this as a defect"],
    )
