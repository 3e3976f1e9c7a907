"""``heldout tune DATA --target Y --model NAME --trials N``: settings searched, and paid for.

The first trial is the defaults, and the answer says whether anything beat them (TUNE-10). Every
trial is a look at the validation rows: choosing is repeated on resamples of them and what it
flatters is taken off (TUNE-06, EVAL-12). Sealed rows are not used.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core import files
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.names import plural, quoted
from heldout.metrics.score import METRICS
from heldout.models.card import ModelCard
from heldout.report.progress import line
from heldout.report.tuned import Gain, Tried, Tuned, page, screen
from heldout.search.choose import Choice, cap
from heldout.search.correct import Corrected, correct, factor_of
from heldout.search.spaces import SearchSpace, check
from heldout.search.spaces import resolve as resolve_space
from heldout.workflow.ground import Ground, admit_all, listed, model_card, named, prepared
from heldout.workflow.own_fields import parted
from heldout.workflow.spec import resolve
from heldout.workflow.told import Told
from heldout.workflow.trials import Trials, yaml_text

if TYPE_CHECKING:
    from heldout.search.study import Trial

OWN = ("model", "trials", "space", "storage", "settings")
MOST = 30  # trials where neither a number nor a budget was given
RESERVE = 1.5  # seconds for scoring and the page


@dataclass(frozen=True)
class Asked:
    """What was said about the search."""

    card: ModelCard
    space: SearchSpace
    trials: int | None
    storage: str | None
    code: tuple[str, ...] = ()  # files of --allow-code


def tune_told(
    said: Mapping[str, Any],
    config: Path | None,
    *,
    started: float,
    quiet: bool,
    allow_code: Sequence[str] = (),
) -> Told:
    """The command: values for --json, the screen else."""
    found = tune_settings(None, said, config, started=started, quiet=quiet, allow_code=allow_code)
    return Told(screen(found), found.as_dict())


def tune(source: Any, target: str | None = None, *, model: str, **said: Any) -> Tuned:
    """Search the settings of a model; the defaults are the first trial.

    ``best`` holds the settings to keep and ``improved`` says whether they beat the defaults beyond
    chance, choosing paid for. Keywords are the long options of ``heldout tune`` (``trials=20``,
    ``budget="60s"``, ``settings={"leaves": 31}``, ``storage="postgresql://..."`` ...). Raises
    HeldoutError for what was wrong.
    """
    from heldout.core.clock import now

    told = {"target": target, "model": model, **said}
    code = listed(told.pop("allow_code", ()))
    return tune_settings(source, told, None, started=now(), quiet=True, allow_code=code)


def tune_settings(
    source: Any,
    said: Mapping[str, Any],
    config: Path | None,
    *,
    started: float,
    quiet: bool,
    allow_code: Sequence[str] = (),
) -> Tuned:
    """Search, judge, and write ``best.yaml``, ``space.yaml``, ``tune.json`` and ``tune.html``."""
    admit_all(allow_code)
    from heldout.search.study import Study, address

    if isinstance(source, (str, Path)):
        said, source = {**said, "data": str(source)}, None
    own, rest = parted(said, config, OWN)
    spec = resolve(rest)
    asked = replace(_asked(own), code=tuple(allow_code))
    identity = {**named(asked.card), "space": asked.space.as_dict()}
    with prepared(
        source, spec, asked.card, "tune", identity, started=started, quiet=quiet, shared=True
    ) as ground:
        greater = METRICS.get(ground.defined.task.metric).greater_is_better
        study = Study(
            address(asked.storage, ground.folder), _name(ground), asked.space,
            ground.context.seed, greater=greater, helper=not ground.owner,
        )  # fmt: skip
        with contextlib.closing(study):
            found = _searched(asked, Trials(ground, study), ground)
    return found


def _searched(asked: Asked, trials: Trials, ground: Ground) -> Tuned:
    if ground.owner:
        files.write(ground.folder / "space.yaml", yaml_text(asked.space.as_dict()))
        trials.study.take_up()
    trials.look_back()
    ended = _search(asked, trials, ground)
    found = _judged(asked, trials, ground, ended)
    _write(found, ground)
    return found


def _asked(own: Mapping[str, Any]) -> Asked:
    card = model_card(own.get("model"))
    check(own.get("settings") or {})
    file = own.get("space")
    space = resolve_space(card, None if file is None else Path(file), own.get("settings") or {})
    if not space.free:
        raise HeldoutError(
            "H101", f"{card.name} has nothing to search",
            seen="every setting is fixed" if card.space else "the model chooses what it needs itself",
            why="a search varies at least one setting", do=["heldout models NAME lists settings"],
        )  # fmt: skip
    trials = own.get("trials")
    if trials is not None and int(trials) < 1:
        raise HeldoutError(
            "H102", f"--trials cannot be {trials}", why="the defaults alone are one trial",
            do=["--trials 20"],
        )  # fmt: skip
    return Asked(card, space, None if trials is None else int(trials), own.get("storage"))


def _name(ground: Ground) -> str:
    """The study's name in the storage: this question and no other; seed and data count."""
    return "heldout-" + hashlib.sha256(ground.run_id.encode()).hexdigest()[:16]


def _search(asked: Asked, trials: Trials, ground: Ground) -> str:
    """Trials until their number, the clock or the person ends it; says which."""
    from heldout.search.study import FAILED

    context, study = ground.context, trials.study
    timed = context.spec.budget is not None
    deadline = context.clock.deadline(RESERVE) if timed else Deadline.never()
    borne = cap(len(trials.scored))
    most = asked.trials or (None if timed else min(MOST, borne))
    folds = len(ground.plan.plan.folds)
    start = _first(asked, trials)
    price = folds * ground.fitter.price([start])
    words = plural(most, "trial") if most else "as many trials as the budget holds"
    context.tell(f"{words}, {plural(folds, 'fold')} each; one costs about {price:.2g} s.")
    if most is not None and most > borne:
        context.tell(
            f"{plural(len(trials.scored), 'row')} bear about {borne} trials; more fit their noise."
        )
    study.begin(asked.space.start)
    place = str(ground.folder.resolve())
    try:
        while most is None or sum(t.state != FAILED for t in study.trials) < most:
            price = folds * ground.fitter.price([start])
            if deadline.passed or (trials.best is not None and price > deadline.left()):
                return "budget"
            trial = study.ask(place)
            state = trials.run(trial, deadline)
            _tell(trial.number, state, most, trials, ground)
            failed = [t for t in study.trials if t.state == FAILED]
            if trials.best is None and len(failed) >= 3 and not deadline.passed:
                raise _all_failed(failed[-1].note)
    except KeyboardInterrupt:
        return "interrupted"
    return "trials"


def _first(asked: Asked, trials: Trials) -> Any:
    from heldout.search.study import RUNNING, Trial

    return trials.candidate(Trial(0, asked.space.start, RUNNING))


def _all_failed(note: str) -> HeldoutError:
    return HeldoutError(
        "H801", "no trial could be fitted", seen=note[:200],
        why="without one fitted model there is nothing to choose from",
        do=["heldout run without settings", "or other ranges with --space"],
    )  # fmt: skip


def _tell(number: int, state: str, most: int | None, trials: Trials, ground: Ground) -> None:
    context = ground.context
    context.write("trial", f"{number}: {state}", numbers={"trial": number, "state": state})
    best = None if trials.best is None else trials.best[0]
    of = f" of {most}" if most else ""
    total = None if context.spec.budget is None else context.clock.total
    context.progress(line(context.clock.elapsed(), total, f"trial {number + 1}{of}: {state}", best))


def _judged(asked: Asked, trials: Trials, ground: Ground, ended: str) -> Tuned:
    """The best against the defaults, the choice paid for."""
    from heldout.search.study import PRUNED, WHOLE

    every = trials.study.trials
    top, default = _first_and_best(asked, trials, every)
    whole = [t for t in every if t.state == WHOLE]
    paid, gain, rows = _paid(trials, ground, whole, top, default)
    keep = top if gain is None or gain.paid > 0 or default is None else default
    return Tuned(
        model=asked.card.name,
        title=asked.card.title,
        source=Path(ground.table.source).name,
        target=ground.defined.task.target,
        metric=trials.metric,
        greater_is_better=trials.study.greater,
        trials=tuple(
            Tried(t.number, dict(t.settings), t.state, t.value, len(t.steps), t.note) for t in every
        ),
        searched=tuple(asked.space.free),
        default=None if default is None else default.number,
        top=top.number,
        kept=keep.number,
        naive=paid.naive,
        score=paid.score.value,
        low=paid.score.low,
        high=paid.score.high,
        correction=paid.correction,
        gain=gain,
        looks=len(whole) + sum(t.state == PRUNED for t in every),
        fold_scores=sum(len(t.steps) for t in every),
        validation_rows=rows,
        fits=ground.fitter.fitted,
        found=ground.fitter.found,
        seconds=ground.fitter.seconds,
        ended=ended,
        folder=str(ground.folder),
        command=f"heldout run {quoted(ground.spec.data or 'DATA')} "
        f"--config {quoted(ground.folder / 'best.yaml')}"
        + "".join(f" --allow-code {quoted(path)}" for path in asked.code),
    )


def _first_and_best(asked: Asked, trials: Trials, every: list[Trial]) -> tuple[Trial, Trial | None]:
    """The best whole trial, and that of the defaults where it is whole."""
    from heldout.search.study import WHOLE, best

    top = best(every, greater=trials.study.greater)
    if top is None:
        raise HeldoutError(
            "H801", "the budget was spent before one trial was whole",
            seen=f"{plural(len(every), 'trial')} begun", why="there is nothing to choose from",
            do=["more time with --budget: the finished folds are kept"],
        )  # fmt: skip
    start = asked.space.start
    return top, next((t for t in every if t.state == WHOLE and dict(t.settings) == start), None)


def _paid(
    trials: Trials, ground: Ground, whole: list[Trial], top: Trial, default: Trial | None
) -> tuple[Corrected, Gain | None, int]:
    """The top's score corrected for choosing, its gain over the defaults, and the rows."""
    here = [t for t in whole if (trials.folder(t.number) / "prediction.npy").exists() or t is top]
    stack = [trials.prediction(t) for t in here]
    rows, place = trials.rows(*stack), here.index(top)
    units, groups = ground.plan.units_of(rows), None
    if units is not None:
        groups = np.zeros(len(ground.defined.y), dtype=np.int64)
        groups[rows] = units
    factor = factor_of(len(rows) if units is None else len(np.unique(units)))
    paid = correct(
        stack, ground.defined.y, ground.defined.task, rows=rows,
        choice=Choice(((place, 1.0),), 1, "the best trial", place), groups=groups,
        weights=ground.weights, seed=ground.context.seed.child("tune"), factor=factor,
    )  # fmt: skip
    if default is None or default is top:
        return paid, None, len(rows)
    found = trials.gain(stack[place], trials.prediction(default), factor)
    flattered = abs(paid.correction)
    low, high = (None if v is None else v - flattered for v in (found.low, found.high))
    return paid, Gain(found.value, flattered, found.value - flattered, low, high), len(rows)


def _write(found: Tuned, ground: Ground) -> None:
    """The settings to keep as a specification, values, page, and the looks in the journal."""
    folder = ground.folder
    said = {
        k: v for k, v in ground.spec.as_dict().items() if k not in ("data", "out", "budget", "work")
    }
    said |= {"models": [found.model], "settings": {found.model: dict(found.best)}}
    files.write(folder / "best.yaml", yaml_text(said))
    files.write(folder / "tune.json", Told("", found.as_dict()).as_json() + "\n")
    files.write(folder / "tune.html", page(found))
    ground.context.write(
        "tuned", f"trial {found.kept} of {len(found.trials)}", found.verdict,
        numbers={k: v for k, v in found.as_dict().items() if k != "trials"}, cost=found.seconds,
    )  # fmt: skip
    ground.context.write(
        "looks",
        f"{plural(found.looks, 'look')} at {plural(found.validation_rows, 'validation row')}",
        f"choosing has flattered the best one by about {abs(found.correction):.2g}",
        numbers={"looks": found.looks, "candidates": len(found.trials),
                 "fold_scores": found.fold_scores, "validation_rows": found.validation_rows,
                 "metric": found.metric, "best_validation": found.naive,
                 "after_paying": found.score, "cost": abs(found.correction)},
    )  # fmt: skip
