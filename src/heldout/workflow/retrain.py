"""``heldout retrain``: the same recipe on new data, champion against challenger (joints 15).

The new data is planned like any other; its sealed part, less the rows that the champion was
trained on, scores both. The challenger is the champion's recipe, settings and weights, refitted
without a search.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import Bundle, load
from heldout.bundle.write import rewrite_verdict
from heldout.core import files
from heldout.core.arrays import Doubles, Ints
from heldout.core.blas import one_thread
from heldout.core.clock import now
from heldout.core.digits import Digits
from heldout.core.errors import DONE, HeldoutError
from heldout.core.names import count, plural, quoted
from heldout.core.seed import Seed
from heldout.metrics.digits import digits
from heldout.metrics.score import Score
from heldout.metrics.scoring import compare, score
from heldout.models.card import MODELS
from heldout.splits.content import content as content_of
from heldout.splits.plan import Plan, Samples
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tables.table import Table
from heldout.tasks import null
from heldout.tasks.several import known
from heldout.tasks.state import encode
from heldout.tasks.task import Task
from heldout.workflow import folder as folders
from heldout.workflow.answer import trained_rows
from heldout.workflow.challenger import Challenger, fit_challenger
from heldout.workflow.context import Clock, Context
from heldout.workflow.define import load as load_table
from heldout.workflow.fingerprint import fingerprint
from heldout.workflow.ground import admit_all
from heldout.workflow.promise import coverage, sealed_coverage
from heldout.workflow.same_target import check_target, unknown_labels
from heldout.workflow.spec import Spec, renamed, resolve
from heldout.workflow.spec_values import names
from heldout.workflow.told import Told, lines
from heldout.workflow.verdict import prediction_of

FEWEST, JUDGES = 250, 25  # rows of the new data; those that judge


@dataclass(frozen=True)
class Contest:
    """New data, its plan, and the rows on which both are judged."""

    table: Table
    task: Task
    y: Doubles
    samples: Samples
    plan: Plan
    judged: Ints


@one_thread()
def retrain(
    run: str,
    data: str,
    *,
    out: str | None = None,
    with_old: str | None = None,
    rename: Sequence[str] = (),
    drop: Sequence[str] = (),
    seed: int | None = None,
    quiet: bool = False,
    allow_code: Sequence[str] = (),
) -> Told:
    """Refit on ``data`` and say which is better, and whether that is certain."""
    started = now()
    admit_all(allow_code)
    champion = load(run)
    if not champion.recipe.get("members"):
        raise HeldoutError(
            "H102",
            f"{run} has no recipe to repeat",
            seen="its answer was no signal: the bundle holds the null model",
            why="there are no settings to refit",
            do=[f"heldout run {quoted(data)} --target {quoted(','.join(champion.task.targets))}"],
        )
    own = [m["card"] for m in champion.recipe["members"] if m["card"] not in MODELS.known()]
    if own:
        raise HeldoutError(
            "H103",
            f"{', '.join(own)} is a model of your own: its file is needed to refit it",
            seen="the bundle holds its graph, not its code",
            why="a bundle carries no code",
            do=[f"heldout retrain {quoted(run)} {quoted(data)} --allow-code {own[0]}.py"],
        )
    spec = _spec(champion, data, rename, drop, seed)
    contest = _contest(champion, run, spec, with_old)
    path = Path(out) if out else _beside(run)
    folder = folders.choose(str(path), path.name, "retrain")
    lock = folders.claim(folder, spec.identity(fingerprint(contest.table)))
    try:
        context = Context(
            spec, folder, folders.open_journal(folder), Clock(started, None, 1), Seed(spec.seed)
        )
        if quiet:
            context.tell = lambda _line: None
        files.write(folder.spec, spec.as_yaml())
        context.write("start", "retrain", f"the recipe of {run}", numbers={"source": data})
        made = fit_challenger(champion, contest, context)
        return _judge(champion, made, contest, context)
    finally:
        lock.release()


def _spec(
    champion: Bundle, data: str, rename: Sequence[str], drop: Sequence[str], seed: int | None
) -> Spec:
    """The champion's specification with the new source."""
    said = dict(champion.recipe.get("spec", {}))
    aside = champion.recipe.get("set_aside", [])
    said |= {"data": data, "target": champion.task.named}
    said["drop"] = list(dict.fromkeys([*said.get("drop", []), *aside, *names(list(drop))]))
    if rename:
        said["rename"] = renamed(list(rename))
    if seed is not None:
        said["seed"] = seed
    inputs = {c.name: c.kind for c in champion.schema.inputs if c.name not in said["drop"]}
    said["type"] = {**inputs, **said.get("type", {})}
    return resolve(said)


def _contest(champion: Bundle, run: str, spec: Spec, with_old: str | None) -> Contest:
    """Read and plan the new data; the judged rows are those that nobody has trained on."""
    gone = _gone(champion, spec, run)
    dropped = tuple(name for name in spec.drop if name not in gone)
    read = load_table(spec.data, dataclasses.replace(spec, drop=dropped))
    table = _with_gone(read, champion, gone)
    keep = {c.name for c in champion.schema.of_role("input", "computed")}
    extra = {c.name: "ignored" for c in table.schema.inputs if c.name not in keep}
    table = table.with_schema(table.schema.with_roles(extra, "not a column of the recipe"))  # type: ignore[arg-type]
    task = champion.task
    y = encode(task, table)
    there = np.flatnonzero(known(y))
    if len(there) < FEWEST:
        other = unknown_labels(task, table, FEWEST)
        if other is not None:
            raise other
        raise HeldoutError(
            "H261",
            f"{Path(spec.data).name} has {plural(len(there), 'row')} with a known {task.target}",
            seen=f"at least {FEWEST} are needed to refit and to judge",
            why="a comparison on fewer rows could not tell anything",
        )
    table, y = table.take(there), y[there]
    samples = make_samples(table, task)
    plan = _plan(samples, y, task, Seed(spec.seed))
    inputs = [c.name for c in champion.schema.inputs]
    hashes = content_of(table.take(plan.sealed).arrays(inputs), champion.schema)
    judged = plan.sealed[~trained_rows(run, hashes)]
    if with_old is not None:
        _check_old(champion, with_old, spec)
    if len(judged) < JUDGES:
        raise HeldoutError(
            "H320",
            f"only {plural(len(judged), 'row')} of {Path(spec.data).name} could judge",
            seen=f"{count(len(plan.sealed))} were set aside, and {run} was trained on "
            f"{count(len(plan.sealed) - len(judged))} of them; {JUDGES} are needed",
            why="a model is not judged on rows that it has seen",
            do=["bring rows that are newer than the run"],
        )
    return Contest(table, task, y, samples, plan, judged)


def _plan(samples: Samples, y: Doubles, task: Task, seed: Seed) -> Plan:
    """A fifth is set aside to judge; a tenth where the rows are too few for a seal."""
    try:
        return make_plan(samples, y, task, seed, protocol="holdout", seal=True)
    except HeldoutError as error:
        if error.code != "H264":
            raise
        return make_plan(samples, y, task, seed, protocol="80/10/10")


def _gone(champion: Bundle, spec: Spec, run: str) -> list[str]:
    """Dropped columns that the new data lack; H310 where they lack one that the recipe needs, H104
    where they lack the target."""
    from heldout.tables import read, resemble

    frame = read.renamed(read.read_raw(spec.data), spec.rename).frame
    absent = [c for c in champion.schema.inputs if c.name not in frame.columns]
    missing = [c for c in absent if c.name not in spec.drop]
    if missing:
        raise resemble.missing_columns(
            spec.data, missing, frame, champion.schema, str(champion.path)
        )
    known_names = {c.name for c in champion.schema} | set(spec.drop)
    check_target(champion.task, frame.columns, run, spec.data, known_names)
    return [name for name in spec.drop if name not in frame.columns]


def _with_gone(table: Table, champion: Bundle, gone: Sequence[str]) -> Table:
    """The same with those that the champion asks for, missing in every row."""
    import polars as pl

    from heldout.tables.schema import Schema

    lost = [c for c in champion.schema.inputs if c.name in gone]
    empty = [pl.lit(None).alias(c.name) for c in lost]
    columns = [c.replace(role="ignored", reason="dropped; not in the new data") for c in lost]
    return dataclasses.replace(
        table,
        frame=table.frame.with_columns(*empty),
        schema=Schema((*table.schema.columns, *columns)),
    )


def _check_old(champion: Bundle, with_old: str, spec: Spec) -> None:
    """The old file may be added only if it is the one that was trained on."""
    old = load_table(with_old, resolve({**spec.as_dict(), "data": with_old}))
    if fingerprint(old) != champion.manifest.get("data_fingerprint"):
        raise HeldoutError(
            "H102",
            f"{Path(with_old).name} is not the data that the run was trained on",
            seen="its fingerprint is another",
            why="rows that the champion never saw would be called old",
            do=["name the file of the run with --with-old"],
        )


def _judge(champion: Bundle, made: Challenger, contest: Contest, context: Context) -> Told:
    """Both on the same untouched rows, paired."""
    task, rows = contest.task, contest.judged
    columns = contest.table.take(rows).arrays([c.name for c in champion.schema.inputs])
    outputs = {"champion": champion.run(columns), "challenger": made.bundle.run(columns)}
    old, new = (prediction_of(outputs[name]) for name in ("champion", "challenger"))
    groups = None if contest.samples.group is None else contest.samples.group[rows]
    y = contest.y[rows]
    at = champion.threshold
    gain = compare(task.metric, task, y, new, old, threshold=at, groups=groups)
    scores = {
        "champion": score(task.metric, task, y, old, threshold=at, groups=groups),
        "challenger": score(task.metric, task, y, new, threshold=at, groups=groups),
    }
    nothing = null.predict(task.card.null_models[0], task, contest.y[contest.plan.open], len(rows))
    base = score(task.metric, task, y, nothing, threshold=at, groups=groups).value
    answer = _answer(gain)
    inside = {who: found for who in outputs if (found := coverage(outputs[who], y)) is not None}
    sealed_coverage(outputs["challenger"], y, context)
    context.write(
        "retrain",
        answer,
        numbers={
            "gain": gain.as_dict(),
            **{k: v.as_dict() for k, v in scores.items()},
            "inside": inside,
        },
    )
    rewrite_verdict(
        context.folder.bundle,
        {**scores["challenger"].as_dict(), "sealed": True, "n": len(rows)},
        {"value": base},
        {"openings": 1},
        f"# {context.folder.name}\n\nRefitted on {Path(context.spec.data).name}: {answer}.\n",
    )
    values = {
        "answer": answer,
        "metric": task.metric,
        "gain": gain.value,
        "low": gain.low,
        "high": gain.high,
        "samples": len(rows),
        "champion": scores["champion"].as_dict(),
        "challenger": scores["challenger"].as_dict(),
        "baseline": base,
        "conformal": {"level": context.spec.conformal, **inside} if inside else None,
        "bundle": str(context.folder.bundle),
    }
    files.write(context.folder.path / "retrain.json", json.dumps(values, ensure_ascii=False) + "\n")
    return Told(_text(values, task, context), values, DONE)


def _answer(gain: Score) -> str:
    if gain.low is None or gain.high is None or gain.low <= 0 <= gain.high:
        return "cannot be told apart"
    return "better" if gain.low > 0 else "worse"


def _text(values: dict[str, Any], task: Task, context: Context) -> str:
    old = values["champion"]
    form = digits(task.metric, old["value"], old["low"], old["high"])

    def told(name: str) -> str:
        s = values[name]
        ends = f"   {form(s['low'])} to {form(s['high'])}" if s["low"] is not None else ""
        return f"{form(s['value'])}{ends}"

    advice = {
        "better": f"use it: heldout serve {quoted(context.folder.path)}",
        "worse": "keep the champion; look at what changed: heldout monitor",
        "cannot be told apart": "keep the champion, or bring more rows",
    }[values["answer"]]
    return lines(
        [
            (
                "Answer",
                f"The challenger is {values['answer']}."
                if values["answer"] != "cannot be told apart"
                else "The two cannot be told apart.",
            ),
            ("Champion", f"{task.metric} {told('champion')}"),
            (
                "Challenger",
                f"{task.metric} {told('challenger')}   baseline {form(values['baseline'])}",
            ),
            (
                "Gain",
                f"{form(values['gain'])}   95 % interval {_end(values['low'], form)} to "
                f"{_end(values['high'], form)}, paired, on {plural(values['samples'], 'row')} that neither was trained on",
            ),
            *_inside(values["conformal"]),
            ("Bundle", str(context.folder.bundle)),
            ("Next", advice),
        ],
        12,
    )


def _inside(conformal: dict[str, Any] | None) -> list[tuple[str, str]]:
    """How many of the judged rows the promised intervals or sets hold, of each that has them."""
    if conformal is None:
        return []
    shares = [
        f"{name} {100 * conformal[name]['value']:.1f} %"
        for name in ("champion", "challenger")
        if name in conformal
    ]
    return [("Promised", f"{100 * conformal['level']:g} % inside; {', '.join(shares)}")]


def _end(value: float | None, form: Digits) -> str:
    return "not known" if value is None else form(value)


def _beside(run: str) -> Path:
    path = Path(run)
    base = path if path.is_dir() else path.parent / path.stem
    number = 2
    while (base.parent / f"{base.name}-retrained-{number}").exists():
        number += 1
    return base.parent / f"{base.name}-retrained-{number}"
