"""What an experiment or a search of settings stands on: the table read, looked at and split as for
a run, in a folder of its own. Sealed rows stay shut."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout import __version__
from heldout.core import files
from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.core.names import nearest
from heldout.core.seed import Seed
from heldout.models.card import MODELS, ModelCard
from heldout.models.per_target import does
from heldout.models.portfolio import keras_is_installed
from heldout.primitives.views import make_spec
from heldout.search.data import TrainingData
from heldout.search.fitter import Fitter
from heldout.splits.plan import Fold, Plan
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import repeats_of
from heldout.splits.units import join
from heldout.tables.address import shown
from heldout.tables.source import name_of
from heldout.tables.table import Table
from heldout.workflow import folder as folders
from heldout.workflow.context import Clock, Context
from heldout.workflow.define import Defined, define, load, missing_target_error, with_label
from heldout.workflow.fingerprint import fingerprint
from heldout.workflow.look import structure, with_target
from heldout.workflow.protocol import Protocol, protocol
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec

SPARSE = 3  # fewer folds than that tell an experiment little


@dataclass(frozen=True)
class Ground:
    """``table`` is without the columns that hold the answer; ``owner`` says that this process
    was first in the folder."""

    spec: Spec
    card: ModelCard
    table: Table
    defined: Defined
    plan: Protocol
    fitter: Fitter
    context: Context
    print_of_data: str
    run_id: str
    owner: bool

    @property
    def folder(self) -> Path:
        """Where everything is kept."""
        return self.context.folder.path

    @property
    def weights(self) -> Doubles | None:
        """(samples,) how much each counts."""
        return self.fitter.data.weights


def model_card(name: str | None) -> ModelCard:
    """The card of ``--model``; H101 where none was named, H103 or H109 where it cannot be had."""
    if not name:
        raise HeldoutError(
            "H101", "no model was named", seen="--model is missing",
            why="settings belong to a model", do=["--model lightgbm", "heldout models"],
        )  # fmt: skip
    if name not in MODELS.known():
        near = nearest(name, MODELS.known())
        raise HeldoutError(
            "H103", f'there is no model "{name}"', seen=f"known: {', '.join(MODELS.known())}",
            why="settings belong to a model",
            do=[f"--model {near}" if near else "heldout models"],
        )  # fmt: skip
    card = MODELS.get(name)
    if card.family == "net" and not keras_is_installed():
        raise HeldoutError(
            "H109", f"{name} needs Keras and JAX, which are not installed", seen=f"--model {name}",
            why="networks are fitted by Keras on JAX", do=["pip install 'heldout[nets]'"],
        )  # fmt: skip
    return card


def admit_all(files: Sequence[str]) -> None:
    """Run the files of ``--allow-code``: their models can be named from here on."""
    from heldout.models.guests import admit

    for path in files:
        admit(path)


def listed(code: Any) -> list[str]:
    """One path or several."""
    return [str(code)] if isinstance(code, (str, os.PathLike)) else [str(c) for c in code]


def named(card: ModelCard) -> dict[str, Any]:
    """The model in a folder's identity; of a person's own file the content counts."""
    return {"model": card.name, **({"code": card.version} if card.family == "guest" else {})}


@contextlib.contextmanager
def prepared(
    source: Any,
    spec: Spec,
    card: ModelCard,
    kind: str,
    identity: Mapping[str, Any],
    *,
    started: float,
    quiet: bool,
    shared: bool = False,
    many_folds: bool = False,
) -> Iterator[Ground]:
    """Read, look, split and write the data for fits of ``card``.

    ``identity`` (JSON-able) tells folders apart besides data and specification. With ``shared``
    a second process may work in a folder that another one holds; ``many_folds`` asks for folds
    where the plan has one split.
    """
    spec = with_label(spec)
    if not spec.target:
        raise missing_target_error(spec)
    table = load(spec.data if source is None else source, spec)
    name = name_of(spec.data).split(".")[0] if source is None else "frame"
    spec = dataclasses.replace(spec, data=shown(spec.data))
    print_of_data = fingerprint(table)
    run_id = _identity(spec, print_of_data, kind, identity)
    folder = _folder(spec, f"{name or 'run'}-{kind}-{card.name}", run_id)
    lock = _claim(folder, run_id, shared)
    try:
        context = _context(spec, folder, started, quiet, owner=lock is not None)
        context.write(
            "start", f"{kind} with {card.name}", "",
            numbers={**identity, "version": __version__, "run_id": run_id, "rows": table.rows,
                     "command": shown(" ".join(["heldout", *sys.argv[1:]])), "seed": spec.seed},
        )  # fmt: skip
        yield _stand(
            table, spec, card, context, print_of_data, run_id, many_folds, lock is not None
        )
    finally:
        if lock is not None:
            lock.release()


def _stand(
    table: Table, spec: Spec, card: ModelCard, context: Context, print_of_data: str, run_id: str,
    many_folds: bool, owner: bool,
) -> Ground:  # fmt: skip
    defined = define(table, spec, context)
    task = defined.task
    if not does(card, task):
        fitting = [c.name for c in MODELS.all() if does(c, task)]
        raise HeldoutError(
            "H103", f"{card.name} cannot be fitted to a {task.kind} task",
            seen=f"{task.target} is a {task.kind} target; {card.name} does {', '.join(card.tasks)}",
            why="there would be nothing to score", do=[f"one of: {', '.join(fitting)}"],
        )  # fmt: skip
    repeats = repeats_of(defined.table)
    early = structure(defined.table, context, repeats)
    learner = quick_learner(task)
    plan = protocol(defined, context, learner, repeats)
    defined = plan.defined
    if many_folds and len(plan.plan.folds) < SPARSE and plan.plan.unit != "time":
        plan = dataclasses.replace(plan, plan=_folds(plan, defined, context))
    looked = with_target(defined, plan, early, learner, context)
    for aside in looked.set_aside:
        context.tell(f"Set aside: {aside['column']} ({aside['reason']})")

    def write(folder: Path) -> TrainingData:
        return _written(folder, looked.table, defined, plan, card, context.seed)

    fitter = Fitter.open(context.folder.path, write, print_of_data, context.seed)
    return Ground(
        spec, card, looked.table, defined, plan, fitter, context, print_of_data, run_id, owner
    )


def _folds(plan: Protocol, defined: Defined, context: Context) -> Plan:
    """Folds of the same open rows: the seal does not move with the protocol."""
    made = make_plan(
        plan.samples, defined.y, defined.task, context.seed, seal=plan.plan.is_sealed,
        protocol="kfold",
    )  # fmt: skip
    opened = plan.plan.open
    folds = [
        Fold(f.number, f.repeat, *(np.intersect1d(p, opened) for p in (f.train, f.inner, f.valid)))
        for f in made.folds
    ]
    return dataclasses.replace(plan.plan, folds=tuple(folds), more=(), protocol="kfold")


def _written(
    folder: Path, table: Table, defined: Defined, plan: Protocol, card: ModelCard, seed: Seed
) -> TrainingData:
    samples, task = plan.samples, defined.task
    weights = None
    if task.weight is not None:
        stored = table.arrays([task.weight])[task.weight]
        weights = np.nan_to_num(np.asarray(stored, dtype=np.float64), nan=0.0)
    return TrainingData.write(
        folder,
        table.arrays(),
        table.schema,
        task,
        defined.y,
        plan.plan,
        {card.view: make_spec(card.view, table.schema, task)},
        seed=seed.child("search"),
        weights=weights,
        unit=samples.copy_of if samples.group is None else join(samples.group, samples.copy_of),
    )


def _identity(spec: Spec, print_of_data: str, kind: str, identity: Mapping[str, Any]) -> str:
    said = [spec.identity(print_of_data), kind, dict(identity)]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _folder(spec: Spec, name: str, run_id: str) -> folders.RunFolder:
    """The folder named by --out, else the first of ``runs/NAME``, ``-2`` ... that is free or ours."""
    if spec.out:
        return folders.choose(spec.out, name, run_id)
    place, number = Path("runs") / name, 1
    while folders.owner_of(place) not in (None, run_id):
        number += 1
        place = Path("runs") / f"{name}-{number}"
    return folders.RunFolder(place)


def _claim(folder: folders.RunFolder, run_id: str, shared: bool) -> folders.Lock | None:
    try:
        return folders.claim(folder, run_id)
    except HeldoutError as error:
        if shared and error.code == "H107":
            return None
        raise


def _context(
    spec: Spec, folder: folders.RunFolder, started: float, quiet: bool, *, owner: bool
) -> Context:
    journal = folder.journal if owner else folder.path / f"journal.{os.getpid()}.jsonl"
    context = Context(
        spec, folder, Journal(journal), Clock(started, spec.budget, spec.work), Seed(spec.seed),
        redraws=not quiet and sys.stderr.isatty(),
    )  # fmt: skip
    if quiet:
        context.tell = lambda _line: None
    if owner:
        files.write(folder.spec, spec.as_yaml())
    return context
