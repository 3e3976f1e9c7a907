"""Step 5, first part: scale up until a model overfits, show the border, then hold it back.

The smallest model that beats the baseline; more capacity until training leaves validation behind;
remedies, each alone and those that help together; of equals the smallest joins the candidates.
All of it on the first folds, through the run's own pool and store, in a tenth of the time that is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.core.clock import Deadline
from heldout.core.names import plural
from heldout.metrics.score import Score
from heldout.models.card import MODELS
from heldout.models.portfolio import Candidate, keras_is_installed
from heldout.primitives.views import make_spec
from heldout.report.progress import line
from heldout.search.climb import MOST_FOLDS, Climber, Step, loss_of
from heldout.search.fits import Store
from heldout.search.ladder import Judged, Ladder, climb
from heldout.search.result import Event, SearchInput, SearchResult
from heldout.search.run import search
from heldout.search.rungs import Rung, boosting, network, pictures
from heldout.workflow.context import Context

KINDS = ("binary", "multiclass", "regression")
LEAST_BUDGET = 60.0  # seconds of budget from which the ladder is climbed unasked
LEAST_NET = 150.0  # seconds of budget from which networks are too: they compile first
SHARE, ASKED_SHARE = 0.1, 0.25  # of what is left: unasked, with --ladder
FIRST_SHARE = 0.25  # of what is left, for one candidate before the climb
MOST_CELLS = 5e6  # rows x columns up to which it is climbed unasked
PLACE = 3  # the kept model joins the candidates here
TITLES = {
    "lightgbm": "boosted trees",
    "dense_net": "dense network",
    "convnet": "convolutional network",
}
UNITS = {"lightgbm": "leaves", "dense_net": "weights", "convnet": "weights"}
EVERY = 10.0  # seconds between two lines where there is no terminal


def ladder(given: SearchInput, unit: Array | None, context: Context) -> SearchInput:
    """The search to come, the kept models among its candidates; enters ``ladder``.

    One candidate is fitted on all folds first, so that a model exists before the climb. ``unit``
    (samples,) codes of what intervals count by.
    """
    cards = _cards(given, context)
    if not cards or not given.candidates:
        if context.spec.ladder:
            context.tell(
                "--ladder is left out: neither lightgbm nor dense_net (convnet for pictures) is a candidate"
            )
        return given
    first = _first(given, cards)
    if not first.usable or given.pool.stopping:
        return _after(given, [])
    seconds = _seconds(given, context)
    made: list[Ladder] = []
    for i, card in enumerate(cards):
        rest = None if seconds is None else seconds * (1.0 if i == len(cards) - 1 else 1 / 3)
        deadline = Deadline.never() if rest is None else Deadline.after(rest)
        seconds = None if seconds is None or rest is None else seconds - rest
        climber = Climber(
            given.pool, first.data, first.orders, Store(given.folder / "fits"),
            deadline, unit, _folds(card, context), told=_Teller(card, context).tell,
        )  # fmt: skip
        splits = made[-1].held.splits if made and made[-1].held else ()
        half = [c for c, n in splits if n][: max(2, len(splits) // 2)]
        found = climb(_rungs(card, first), climber, _scale(first), half)
        if found is not None and not given.pool.stopping:
            made.append(found)
            _enter(made, climber, context)
    return _after(given, made)


def _cards(given: SearchInput, context: Context) -> list[str]:
    """Whose ladders are climbed: those of learners that are candidates anyway."""
    spec = context.spec
    asked = spec.ladder
    if asked is False or given.task.kind not in KINDS:
        return []
    cells = len(given.plan.open) * len(given.schema.inputs)
    budget = context.clock.total if spec.work is None else 0.0
    if not asked and (budget < LEAST_BUDGET or cells > MOST_CELLS):
        return []
    among = {c.card for c in given.candidates}
    found = ["lightgbm"] if "lightgbm" in among else []
    pictures = any(c.kind == "image" for c in given.schema.inputs)
    network = "convnet" if pictures else "dense_net"
    wanted = network in among or (asked and not spec.models)
    if wanted and keras_is_installed() and (asked or budget >= LEAST_NET):
        found.append(network)
    return found


def _first(given: SearchInput, cards: list[str]) -> SearchResult:
    """One candidate on every fold: a model that can be served, and the data for the climb."""
    views = [MODELS.get(c.card).view for c in given.candidates] + [
        MODELS.get(c).view for c in cards
    ]
    specs = given.specs or {v: make_spec(v, given.schema, given.task) for v in dict.fromkeys(views)}
    work = None if given.work is None else len(given.plan.folds)
    deadline = given.deadline
    if work is None:
        deadline = Deadline.after(FIRST_SHARE * deadline.left())
    return search(
        replace(
            given, candidates=given.candidates[:1], specs=specs, draws=False, work=work,
            deadline=deadline,
        )
    )  # fmt: skip


def _seconds(given: SearchInput, context: Context) -> float | None:
    """Seconds for all ladders together, by what is left for the search; None where fits are
    counted."""
    if context.spec.work is not None:
        return None
    return (ASKED_SHARE if context.spec.ladder else SHARE) * given.deadline.left()


def _folds(card: str, context: Context) -> int:
    """How many folds at most: networks take long, and one must do unless they were asked for."""
    if card == "lightgbm":
        return MOST_FOLDS
    return 3 if context.spec.ladder else 1


def _rungs(card: str, first: SearchResult) -> list[Rung]:
    if card == "lightgbm":
        return boosting()
    return pictures() if card == "convnet" else network(len(first.data.folds[0].train))


def _scale(first: SearchResult) -> float:
    """That of the gradients of trees: the target's deviation under squared errors."""
    data = first.data
    if loss_of(data.task) != "rmse":
        return 1.0
    return float(np.nanstd(np.asarray(data.y[data.folds[0].train]))) or 1.0


def _joined(given: SearchInput, made: list[Ladder]) -> list[Candidate]:
    """The candidates with the kept models, each thing once."""
    known = {c.digest for c in given.candidates}
    held = given.held
    new = [m.candidate for m in made if m.candidate is not None]
    new = [replace(c, settings={**c.settings, **held.get(c.card, {})}) for c in new]
    new = [c for c in new if c.digest not in known]
    return [*given.candidates[:PLACE], *new, *given.candidates[PLACE:]]


def _after(given: SearchInput, made: list[Ladder]) -> SearchInput:
    """The search with the kept models; the first candidate's fits are told once, not again when
    the store gives them back."""
    name, tell = given.candidates[0].name, given.on_event

    def told(event: Event) -> None:
        if event.candidate != name or not event.numbers.get("from_store"):
            tell(event)

    return replace(given, candidates=_joined(given, made), on_event=told)


@dataclass
class _Teller:
    """One line of progress a rung."""

    card: str
    context: Context
    said: float = -EVERY

    def tell(self, step: Step) -> None:
        """A rung was fitted."""
        elapsed = self.context.clock.elapsed()
        if elapsed - self.said < (0.0 if self.context.redraws else EVERY):
            return
        self.said = elapsed
        total = None if self.context.spec.work is not None else self.context.clock.total
        loss = f"loss {_short(step.training)}, validation {_short(step.validation.value)}"
        self.context.progress(line(elapsed, total, f"ladder: {loss}: {step.rung.words}"))


def _short(loss: float | None) -> str:
    """For a narrow line.

    >>> _short(56_321.4), _short(0.28341), _short(None)
    ('56,321', '0.283', '?')
    """
    if loss is None:
        return "?"
    return f"{loss:,.0f}" if abs(loss) >= 1_000 else f"{loss:.3g}"


def _enter(made: list[Ladder], climber: Climber, context: Context) -> None:
    """Everything that was seen, once more after each ladder: the last entry holds all."""
    context.write(
        "ladder",
        "; ".join(f"{TITLES[m.card]}: {_decision(m)}" for m in made),
        " ".join(f"{TITLES[m.card][:1].upper()}{TITLES[m.card][1:]}: {_reason(m)}." for m in made),
        numbers={
            "loss": climber.loss,
            "samples": len(climber.rows),
            "folds": len(climber.folds),
            "fits": climber.fits,
            "ladders": [_numbers(m) for m in made],
        },
        alternatives=[
            {"name": s.rung.words, "training": s.training, "validation": s.validation.value}
            for m in made
            for s in (*m.steps, *(j.step for j in m.tried))
            if s is not m.kept
        ],
        overrule="--no-ladder, or --set MODEL.SETTING=VALUE",
        cost=climber.seconds,
    )


def _decision(made: Ladder) -> str:
    if made.kept is None or made.smallest is None:
        return "no size beats the baseline"
    size = f"{made.kept.capacity:,} {UNITS[made.card]}"
    told = made.kept.rung.words
    if made.kept.rung.remedy and made.held is not None:
        told = f"{made.held.rung.words} with {told}"
    if made.candidate is None:
        return f"{told} is the best so far ({size}); the time ended while size still helped"
    return f"{told} kept ({size})"


def _reason(made: Ladder) -> str:
    """The climb, the border and the remedies in a few clauses."""
    parts = []
    if made.smallest is not None:
        parts.append(f"{made.steps[made.smallest].rung.words} beat the baseline first")
    last = made.held or made.steps[-1]
    if made.border is not None:
        at = made.steps[made.border]
        parts.append(
            f"beyond {at.rung.words} training goes on to fall ({_short(at.training)} to "
            f"{_short(last.training)}) while validation rises ({_short(at.validation.value)} to "
            f"{_short(last.validation.value)})"
        )
    else:
        why = {"time": "the time for it was spent", "top": "the largest was reached"}
        parts.append(f"validation never turned before {why.get(made.ended, made.ended)}")
        if made.faded is not None:
            at = made.steps[made.faded]
            parts.append(
                f"after {at.rung.words} it gained nothing beyond noise ({_short(at.validation.value)} "
                f"to {_short(last.validation.value)}), training fell on ({_short(at.training)} to "
                f"{_short(last.training)})"
            )
    helped = [j.step.rung.words for j in made.tried if j.helps]
    if made.tried:
        names = ", ".join(helped) if helped else "nothing beyond noise"
        parts.append(f"of {plural(len(made.tried), 'remedy', 'remedies')} these helped: {names}")
    if made.kept is not None and made.equals > 1:
        parts.append(f"{made.equals} cannot be told from the best; the smallest of them is kept")
    return "; ".join(parts)


def _numbers(made: Ladder) -> dict[str, Any]:
    """JSON-able; what the report draws."""
    found = {
        "card": made.card,
        "title": TITLES[made.card],
        "unit": UNITS[made.card],
        "null": {"name": made.null, **_ends(made.null_score)},
        "ended": made.ended,
        "smallest": made.smallest,
        "border": made.border,
        "faded": made.faded,
        "held": None if made.held is None else made.steps.index(made.held),
        "steps": [_step(s) for s in made.steps],
        "remedies": [_judged(j) for j in made.tried],
        "together": None if made.both is None else _judged(made.both),
        "untried": made.untried,
        "equals": made.equals,
        "best": None if made.best is None else _step(made.best),
        "kept": None if made.kept is None else _step(made.kept),
        "decision": _decision(made),
        "reason": _reason(made),
    }
    candidate = made.candidate
    return found | {"joins": None if candidate is None else candidate.as_dict()}


def _step(step: Step) -> dict[str, Any]:
    rung = step.rung
    return {
        "words": rung.words,
        "remedy": rung.remedy,
        "acts_on": rung.acts_on,
        "columns": rung.columns,
        "settings": dict(rung.settings),
        "rounds": step.rounds,
        "capacity": step.capacity,
        "zeros": step.zeros,
        "training": step.training,
        "validation": step.validation.value,
        **{k: v for k, v in _ends(step.validation).items() if k != "value"},
        "seconds": round(step.seconds, 3),
    }


def _judged(one: Judged) -> dict[str, Any]:
    gain = one.gain
    return {
        **_step(one.step), "gain": gain.value, "gain_low": gain.low, "gain_high": gain.high,
        "level": gain.level, "helps": one.helps,
    }  # fmt: skip


def _ends(score: Score) -> dict[str, Any]:
    return {"value": score.value, "low": score.low, "high": score.high}
