"""The capacity ladder: the smallest model that beats the baseline, the border beyond which more
capacity only memorises, and what holds an overfitting model back (REG-01, REG-10, REG-12).

Everything is judged by paired intervals on the validation rows of the first folds, so that what is
kept is kept beyond noise; between equals the smallest wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from heldout.metrics.score import Score
from heldout.models.portfolio import Candidate
from heldout.search.climb import Climber, Step
from heldout.search.rungs import Rung, remedies, together

WAVE = 2  # rungs fitted at a time, whatever the pool's size
GROWTH = {"lightgbm": 3.0, "convnet": 3.0}  # times the last rung's seconds that the next will take
OF_NETS = 1.3  # likewise: compiling is most of it
CLIMBING = 0.55  # of the time; the rest is for the remedies
LEVEL = 0.95
FADING = 2  # rungs without a gain, before a climb that the time ended counts as finished
PATIENCE = 50  # rounds without improvement, where the kept trees join the candidates


@dataclass(frozen=True)
class Judged:
    """A remedy against the rung that it was added to: ``gain`` is how much less it loses on the
    validation rows, ``helps`` whether beyond noise, all remedies reckoned with."""

    step: Step
    gain: Score
    helps: bool


@dataclass
class Ladder:
    """One learner's ladder. ``smallest`` and ``border`` number ``steps`` (None: no rung beats the
    baseline; validation never turned); from ``faded`` on validation gained nothing beyond noise
    (None: it gained to the end); ``ended`` says why the climb ended: "border", "top",
    "time". ``held`` is the rung that the remedies were tried on; ``kept`` the smallest of
    ``equals``, those that cannot be told from the best."""

    card: str
    loss: str
    null: str
    null_score: Score
    steps: list[Step]
    ended: str
    smallest: int | None = None
    border: int | None = None
    faded: int | None = None
    held: Step | None = None
    tried: list[Judged] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    both: Judged | None = None
    best: Step | None = None
    kept: Step | None = None
    equals: int = 0

    @property
    def candidate(self) -> Candidate | None:
        """The kept model as one to be searched with; None where none beats the baseline, or the
        time ended while size still helped. Rounds are found again by early stopping, and all
        columns are seen."""
        faded = self.faded is not None and len(self.steps) - self.faded > FADING
        unfinished = self.ended == "time" and self.border is None and not faded
        if self.kept is None or self.smallest is None or unfinished:
            return None
        settings = dict(self.kept.rung.settings)
        if self.card == "lightgbm":
            settings["patience"] = PATIENCE
        return Candidate(f"ladder_{self.card}", self.card, settings)


def climb(
    rungs: Sequence[Rung], climber: Climber, scale: float = 1.0, columns: Sequence[str] = ()
) -> Ladder | None:
    """Up the rungs, then the remedies; None where not even one rung was fitted in time.

    ``scale`` and ``columns`` as in ``rungs.remedies``; without columns the splits of the rung
    itself choose them.
    """
    steps, ended = _up(rungs, climber)
    if not steps:
        return None
    name, nothing = climber.null
    made = Ladder(rungs[0].card, climber.loss, name, climber.score(nothing), steps, ended)
    beats = (i for i, s in enumerate(steps) if climber.clearly(s.prediction, nothing))
    made.smallest = next(beats, None)
    found = _border(steps, climber)
    if found is not None:
        made.border, made.held = found[0], steps[found[1]]
    elif _memorizes(steps[-1]):
        made.held = steps[-1]
    made.faded = _faded(steps, climber)
    if made.held is not None:
        _hold_back(made, made.held, climber, columns or _useful(made.held), scale)
    _keep(made, climber)
    return made


def _up(rungs: Sequence[Rung], climber: Climber) -> tuple[list[Step], str]:
    """Rungs until one is past the border, the time is spent, or there are no more."""
    steps: list[Step] = []
    whole = climber.deadline.left()
    while len(steps) < len(rungs):
        many = _affordable(steps, climber, whole)
        found = climber.fit(rungs[len(steps) : len(steps) + many])
        steps += [step for step in found if step is not None]
        if not found or None in found:
            return steps, "time"
        if _border(steps, climber) is not None:
            return steps, "border"
    return steps, "top"


def _affordable(steps: Sequence[Step], climber: Climber, whole: float) -> int:
    """How many of the next rungs fit into the time for climbing: none, one, or a wave."""
    if not steps or math.isinf(whole):
        return WAVE
    left = climber.deadline.left() - (1 - CLIMBING) * whole
    growth = GROWTH.get(steps[-1].rung.card, OF_NETS)
    expected = growth * steps[-1].seconds
    return WAVE if growth * expected <= left else int(expected <= left)


def _border(steps: Sequence[Step], climber: Climber) -> tuple[int, int] | None:
    """The last rung before validation got worse beyond noise while training still got better,
    and the first rung of which that is certain."""
    best = 0
    for i, step in enumerate(steps):
        better = steps[best]
        if step.validation.value < better.validation.value:
            best = i
        elif step.training < better.training and climber.clearly(
            better.prediction, step.prediction
        ):
            return best, i
    return None


def _faded(steps: Sequence[Step], climber: Climber) -> int | None:
    """The first rung that the best one does not beat beyond noise; None where it is the last."""
    best = min(steps, key=lambda s: s.validation.value)
    alike = (not climber.clearly(best.prediction, s.prediction) for s in steps[:-1])
    return next((i for i, same in enumerate(alike) if same), None)


def _memorizes(step: Step) -> bool:
    """Whether validation loses more than training beyond noise."""
    low = step.validation.low
    return low is not None and low > step.training


def _useful(big: Step) -> list[str]:
    """The half of the columns that were split on most; empty where there are few."""
    used = [column for column, count in big.splits if count]
    half = used[: max(2, len(big.splits) // 2)]
    return half if len(half) < len(big.splits) else []


def _hold_back(
    made: Ladder, big: Step, climber: Climber, columns: Sequence[str], scale: float
) -> None:
    """Each remedy alone, then those that helped at once."""
    listed = remedies(big.rung, big.capacity, columns, scale)
    found = climber.fit(listed)
    done = [s for s in found if s is not None]
    made.untried = [r.words for r, s in zip(listed, found, strict=True) if s is None]
    level = 1 - (1 - LEVEL) / max(1, len(done))  # Bonferroni over the remedies
    for step in done:
        gain = climber.gain(step.prediction, big.prediction, level)
        made.tried.append(Judged(step, gain, gain.low is not None and gain.low > 0))
    best: dict[str, Judged] = {}
    for one in made.tried:
        name = one.step.rung.remedy
        if one.helps and (name not in best or one.gain.value > best[name].gain.value):
            best[name] = one
    if "L1 and L2 penalty" in best:  # both are in it
        best = {n: j for n, j in best.items() if n not in ("L1 penalty", "L2 penalty")}
    if len(best) > 1:
        (both,) = climber.fit([together(big.rung, [j.step.rung for j in best.values()])])
        if both is not None:
            gain = climber.gain(both.prediction, big.prediction, level)
            made.both = Judged(both, gain, gain.low is not None and gain.low > 0)


def _keep(made: Ladder, climber: Climber) -> None:
    """The best of all, and the smallest that cannot be told from it (REG-12)."""
    every = [*made.steps, *(j.step for j in made.tried)]
    if made.both is not None:
        every.append(made.both.step)
    best = min(every, key=lambda s: s.validation.value)
    equals = [s for s in every if not climber.clearly(best.prediction, s.prediction)]
    made.best, made.equals = best, len(equals)
    made.kept = min(equals, key=lambda s: (s.capacity, _changes(s), s.rounds))


def _changes(step: Step) -> int:
    """How much was added to the plain rung."""
    return 1 + len(step.rung.more) if step.rung.remedy else 0
