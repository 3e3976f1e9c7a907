"""Remedies: what was found wrong with a network's first fit is tried as a candidate of its own, and
kept only if the validation rows of that fold say so beyond noise (DIAG-14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.core.space import Choice, Settings, Space, defaults
from heldout.models.portfolio import Candidate
from heldout.search.race import Race, Runner
from heldout.search.result import Event

MOST = 2  # remedies of one learner
CLEAR = 1.96  # paired standard errors


@dataclass(frozen=True)
class Trial:
    """A remedied ``runner`` beside the one that it shall cure."""

    runner: Runner
    ill: Runner
    finding: Mapping[str, Any]
    settings: Settings


@dataclass
class Remedies:
    """``held`` are settings by card that were said with --set: they are not touched."""

    race: Race
    held: Mapping[str, Settings]
    tell: Callable[[Event], None]
    trials: list[Trial] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)  # indices of runners that were judged

    def after(self, runner: Runner) -> None:
        """Its first fold has been fitted: judge it where it is a remedy, then see what it needs."""
        own = next((t for t in self.trials if t.runner is runner), None)
        if own is not None and runner.index not in self.settled:
            self.settled.add(runner.index)
            self._judge(own)
        if not runner.drawn and not runner.out:
            self._propose(runner)

    def close(self, left_out: Callable[[Runner], str]) -> None:
        """The search has ended: what was never fitted is told too."""
        for trial in self.trials:
            if trial.runner.first is None and trial.runner.index not in self.settled:
                self.settled.add(trial.runner.index)
                self._say(trial, "not tried", trial.runner.out or left_out(trial.runner))

    def _propose(self, runner: Runner) -> None:
        """The first finding that some setting may cure, and that was not tried."""
        card = runner.card
        if runner.first is None or sum(t.runner.card is card for t in self.trials) >= MOST:
            return
        known = {r.candidate.digest for r in self.race.runners}
        own = {**defaults(card.space), **runner.candidate.settings}
        for finding in runner.first.meta["numbers"].get("findings") or ():
            settings = admissible(card.space, own, finding["change"])
            if not settings:
                continue
            said = [n for n in settings if n in self.held.get(card.name, {})]
            name = f"{runner.candidate.name}_{finding['check']}"
            cured = Candidate(name, card.name, {**runner.candidate.settings, **settings})
            if said:
                trial = Trial(runner, runner, finding, settings)
                self._say(trial, "not tried", f"{', '.join(said)} was said with --set")
            elif cured.digest not in known:
                made = self.race.join(cured)
                made.drawn, made.cures = False, runner
                self.trials.append(Trial(made, runner, finding, settings))
                return

    def _judge(self, trial: Trial) -> None:
        """Against the one that it shall cure, on the first fold's validation rows."""
        ill, made = trial.ill.first, trial.runner.first
        assert ill is not None and made is not None
        first = self.race.first_fold
        z = first.gain(first.blend([ill.prediction]), made.prediction).z
        before, after = first.values([ill.prediction, made.prediction])
        numbers = {"z": z, "before": float(before), "after": float(after)}
        name = trial.ill.candidate.name
        if z > CLEAR:
            if not trial.ill.complete:
                trial.ill.out = (
                    f"{trial.runner.candidate.name} is better by {z:.1f} standard errors"
                )
                self.race.dropped.append(trial.ill)
            self._say(trial, "kept", f"better than {name} by {z:.1f} standard errors", numbers)
            return
        trial.runner.out = f"no better than {name} beyond noise ({z:.1f} standard errors)"
        self._say(trial, "not kept", trial.runner.out, numbers)
        self._propose(trial.ill)

    def _say(
        self, trial: Trial, outcome: str, reason: str, numbers: Mapping[str, Any] | None = None
    ) -> None:
        own = {**defaults(trial.ill.card.space), **trial.ill.candidate.settings}
        told = {
            **{k: trial.finding[k] for k in ("code", "check", "what", "why", "evidence", "learn")},
            "remedy": {name: [own.get(name), value] for name, value in trial.settings.items()},
            "outcome": outcome,
            **(numbers or {}),
        }
        self.tell(Event("remedy", trial.ill.candidate.name, reason, told))


def admissible(space: Space, own: Settings, change: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``change`` what the learner's card knows, brought into its range, and differs from ``own``.

    >>> from heldout.core.space import Real
    >>> space = {"rate": Real(1e-4, 1e-2, 1e-3), "bend": Choice(("relu", "tanh"), "relu")}
    >>> admissible(space, {"rate": 3.0, "bend": "relu"}, {"rate": 0.3, "bend": "relu", "x": 1})
    {'rate': 0.01}
    """
    made: dict[str, Any] = {}
    for name, value in change.items():
        if name not in space:
            continue
        got = _within(space[name], value)
        if got is not None and got != own.get(name):
            made[name] = got
    return made


def _within(setting: Any, value: Any) -> Any:
    """The value, or the nearest that the range has; None where there is none."""
    if not isinstance(setting, Choice):
        return type(setting.default)(min(max(value, setting.low), setting.high))
    if value in setting.values:
        return value
    if isinstance(value, str):
        return None
    numbers = [v for v in setting.values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    return min(numbers, key=lambda v: abs(v - value), default=None)
