"""The corridor: define, look, protocol, baseline, scale, finish, in the order of the textbooks."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from heldout import __version__
from heldout.core import files
from heldout.core.blas import one_thread
from heldout.core.errors import DATA, USAGE, HeldoutError
from heldout.core.seed import Seed
from heldout.models.card import MODELS, Size
from heldout.models.guests import admit
from heldout.models.portfolio import keras_is_installed, networks_fit
from heldout.search.pool import Pool
from heldout.splits.samples import repeats_of
from heldout.tables.address import shown
from heldout.tables.source import name_of
from heldout.workflow import assumptions
from heldout.workflow import folder as folders
from heldout.workflow.baseline import baseline
from heldout.workflow.context import Clock, Context
from heldout.workflow.define import define, load, missing_target_error, with_label
from heldout.workflow.fingerprint import fingerprint
from heldout.workflow.finish import Ends, finish
from heldout.workflow.forecast import forecast, is_forecast
from heldout.workflow.look import structure, with_target
from heldout.workflow.outcome import Outcome
from heldout.workflow.protocol import protocol
from heldout.workflow.quick import quick_learner
from heldout.workflow.scale import scale
from heldout.workflow.spec import Spec, resolve


def develop_file(
    said: Mapping[str, Any],
    config: Path | None,
    *,
    started: float,
    quiet: bool | None = None,
    allow_code: Sequence[str] = (),
) -> Outcome:
    """``heldout run``: the source is the path in the specification."""
    return develop(None, said, config, started=started, quiet=bool(quiet), allow_code=allow_code)


def develop(
    source: Any,
    said: Mapping[str, Any],
    config: Path | None,
    *,
    started: float,
    quiet: bool,
    allow_code: Sequence[str] = (),
) -> Outcome:
    """From a source and a question to an outcome; resumes or repeats where the folder says so.
    ``allow_code`` are Python files that may be run (contract 14): never from a specification."""
    if isinstance(source, (str, Path)):
        said, source = {**said, "data": str(source)}, None
    spec = with_label(resolve(said, config))
    if not spec.target:
        raise missing_target_error(spec)
    own = [admit(path) for path in allow_code]
    with Pool(workers=2) as pool:  # started first: its imports overlap with reading
        if own:
            pool.admit([str(Path(path).absolute()) for path in allow_code])
        table = load(spec.data if source is None else source, spec)
        name = _name(spec) if source is None else "frame"
        spec = dataclasses.replace(spec, data=shown(spec.data))  # no password is kept
        print_of_data = fingerprint(table)
        run_id = spec.identity("-".join([print_of_data, *(f"{c.name}{c.version}" for c in own)]))
        folder = folders.choose(spec.out, name, run_id)
        stored = folder.finished()
        if stored is not None:
            _tell_done(folder, quiet)
            return Outcome(stored)
        made = folders.missing(folder)
        lock = folders.claim(folder, run_id)
        try:
            context = _context(spec, folder, started, quiet)
            context.guests = tuple(c.name for c in own)
            _start(context, spec, run_id, table.rows, len(table.schema))
            with _first_interrupt_ends(pool):
                _warm_nets(table, spec, context, pool)
                return _steps(table, spec, context, pool, print_of_data, run_id)
        except HeldoutError as error:
            if error.exit_code in (USAGE, DATA):  # there is nothing that a second try could use
                folders.remove(folder, made)
            raise
        finally:
            lock.release()


def _warm_nets(table: Any, spec: Spec, context: Context, pool: Pool) -> None:
    """Where networks will be tried on the clock, one worker imports them during the audit."""
    if spec.work is not None or not keras_is_installed():
        return
    named = [n for n in spec.models if n in MODELS.names() and MODELS.get(n).family == "net"]
    size = Size(table.rows, len(table.schema), 1)
    if named or (not spec.models and networks_fit(size, context.clock.total)):
        pool.warm_nets()


@one_thread()
def _steps(
    table: Any, spec: Spec, context: Context, pool: Pool, print_of_data: str, run_id: str
) -> Outcome:
    if is_forecast(spec):
        return Outcome(forecast(table, spec, context, print_of_data, run_id))
    defined = define(table, spec, context)
    assumptions.stated(defined.task, context)
    repeats = repeats_of(defined.table)
    early = structure(defined.table, context, repeats)
    learner = quick_learner(defined.task)
    plan = protocol(defined, context, learner, repeats)
    defined = plan.defined
    looked = with_target(defined, plan, early, learner, context)
    trivial = baseline(defined, plan, looked.table, context)
    found = scale(defined, looked, plan, pool, print_of_data, context)
    values = finish(
        Ends(defined, looked, plan, trivial, found, pool, print_of_data, run_id, context)
    )
    if values["complete"]:
        files.write(context.folder.result, json.dumps(values, ensure_ascii=False) + "\n")
    return Outcome(values)


def _context(spec: Spec, folder: folders.RunFolder, started: float, quiet: bool) -> Context:
    context = Context(
        spec,
        folder,
        folders.open_journal(folder),
        Clock(started, spec.budget, spec.work),
        Seed(spec.seed),
        redraws=not quiet and sys.stderr.isatty(),
    )
    if quiet:
        context.tell = lambda _line: None
    if spec.budget is None and spec.work is None:
        context.tell("No --budget given: until more is unlikely to help, at most five minutes.")
    return context


def _start(context: Context, spec: Spec, run_id: str, rows: int, columns: int) -> None:
    resumed = context.folder.journal.exists() and context.folder.journal.stat().st_size > 0
    files.write(context.folder.spec, spec.as_yaml())
    context.write(
        "resume" if resumed else "start",
        "the same run goes on" if resumed else "a new run",
        "finished fits are taken from the folder" if resumed else "",
        numbers={
            "command": shown(" ".join(["heldout", *sys.argv[1:]])),
            "version": __version__,
            "run_id": run_id,
            "source": (name_of(spec.data) if spec.data else "") or "frame",
            "rows": rows,
            "columns": columns,
            "budget": spec.budget,
            "work": spec.work,
            "seed": spec.seed,
        },
    )


def _name(spec: Spec) -> str:
    name = spec.table or name_of(spec.data)
    for ending in (".gz", ".zip", ".zst", ".bz2", ".xz"):
        name = name.removesuffix(ending)
    name = name if spec.table else name.rsplit(".", 1)[0]
    return re.sub(r"[^\w. -]+", "-", name).strip("-. ") or "run"


def _tell_done(folder: folders.RunFolder, quiet: bool) -> None:
    if not quiet:
        print(  # noqa: T201
            f"Already done: {folder.path} holds this run; nothing was computed again.",
            file=sys.stderr,
        )


@contextlib.contextmanager
def _first_interrupt_ends(pool: Pool) -> Iterator[None]:
    """The first Ctrl-C ends the search with what is there; the second ends the process."""

    def ask(_signal: int, _frame: Any) -> None:
        if pool.stopping:
            raise KeyboardInterrupt
        pool.stopping = True

    try:
        before = signal.signal(signal.SIGINT, ask)
    except ValueError:  # not the main thread: the caller's own handling stays
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
