"""Alarm and AlarmCard: a change that is large, and certainly not noise.

Each question of a look gets a part of the false-alarm rate, and its effect is bounded from below
at the level that is left for it. An alarm rings where the *bound*, not the estimate, lies above a
floor: with many rows the floor decides, with few rows the noise. Without any change the bounds of
one look are all 0 with a probability of at least 1 - alpha (independent rows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from heldout.core.shelf import Shelf
from heldout.monitor.seen import Seen

Severity = Literal["note", "warn", "block"]
SEVERITIES: tuple[Severity, ...] = ("note", "warn", "block")
FLOORS = (0.1, 0.2, 0.35)  # of Cohen's w, h and d: small, and two steps towards medium


@dataclass(frozen=True)
class Judged:
    """``effect`` with its noise taken out and ``low``, which a true effect is below with a
    probability of at most 1 - level; ``numbers`` are the evidence."""

    effect: float
    low: float
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One question about one place. ``judge(level)`` answers it; ``told`` puts it in words.

    ``certain``: a fact that needs no test and has this severity.
    """

    where: str
    judge: Callable[[float], Judged]
    told: Callable[[Judged], str]
    certain: Severity | None = None


@dataclass(frozen=True)
class Alarm:
    """What rang: which question, where, how bad, in words and numbers."""

    alarm: str
    where: str
    severity: Severity
    what: str
    advice: str
    effect: float
    low: float
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "alarm": self.alarm,
            "where": self.where,
            "severity": self.severity,
            "what": self.what,
            "advice": self.advice,
            "effect": self.effect,
            "low": self.low,
            "numbers": dict(self.numbers),
        }


@dataclass(frozen=True)
class AlarmCard:
    """``trials`` yields the questions; ``example`` is the smallest window in which it rings;
    ``advice`` what to do then; ``about`` is "columns", "predictions", "labels" or "schema"."""

    name: str
    question: str
    about: Literal["columns", "predictions", "labels", "schema"]
    trials: Callable[[Seen], Iterable[Trial]]
    example: Callable[[], Seen]
    advice: str
    floors: tuple[float, float, float] = FLOORS
    source: str = ""


ALARMS: Shelf[AlarmCard] = Shelf("heldout.monitor.alarms", AlarmCard, "alarm")


def severity(low: float, floors: tuple[float, float, float]) -> Severity | None:
    """How bad a change is whose effect is at least ``low``.

    >>> severity(0.05, FLOORS), severity(0.12, FLOORS), severity(0.5, FLOORS)
    (None, 'note', 'block')
    """
    reached = [name for name, floor in zip(SEVERITIES, floors, strict=True) if low > floor]
    return reached[-1] if reached else None


def fact(where: str, words: str, how_bad: Severity) -> Trial:
    """A trial that nothing has to be tested for."""
    return Trial(where, lambda _level: Judged(1.0, 1.0), lambda _judged: words, how_bad)
