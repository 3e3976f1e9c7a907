"""What a search of settings found, as values, a screen and a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heldout.core.names import count, plural
from heldout.report import draw, shell, words
from heldout.report.draw import Picture, Point, Series
from heldout.report.experiment import told
from heldout.report.figures import Digits, decimals
from heldout.report.figures import seconds as told_seconds
from heldout.report.screen import entry, printable

FEWEST = 4  # whole trials from which the effect of a setting is drawn


@dataclass(frozen=True)
class Tried:
    """One trial; ``value`` of a whole one, ``folds`` that were fitted."""

    number: int
    settings: Mapping[str, Any]
    state: str
    value: float | None
    folds: int
    note: str = ""


@dataclass(frozen=True)
class Gain:
    """Of the best trial over the defaults, on the same rows: as measured, by how much choosing
    flatters it, and what is left with its interval."""

    measured: float
    flattered: float
    paid: float
    low: float | None
    high: float | None

    @property
    def certain(self) -> bool:
        """Whether the defaults are beaten beyond chance."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True, repr=False)
class Tuned:
    """``top`` measured best, ``kept`` is what is advised (the defaults where nothing is left of
    the gain); ``naive`` the top's score, ``score`` the same with the choice paid for."""

    model: str
    title: str
    source: str
    target: str
    metric: str
    greater_is_better: bool
    trials: tuple[Tried, ...]
    searched: tuple[str, ...]
    default: int | None
    top: int
    kept: int
    naive: float
    score: float
    low: float | None
    high: float | None
    correction: float
    gain: Gain | None
    looks: int
    fold_scores: int
    validation_rows: int
    fits: int
    found: int
    seconds: float
    ended: str
    folder: str
    command: str

    @property
    def best(self) -> Mapping[str, Any]:
        """The settings to keep."""
        return self.trial(self.kept).settings

    @property
    def improved(self) -> bool:
        """Whether the defaults are beaten beyond chance, choosing paid for."""
        return self.gain is not None and self.gain.certain

    def trial(self, number: int) -> Tried:
        """By its number."""
        return next(t for t in self.trials if t.number == number)

    def __repr__(self) -> str:
        return screen(self)

    def _repr_html_(self) -> str:
        from heldout.report.notebook import framed

        return framed(page(self))

    @property
    def verdict(self) -> str:
        """Did the search improve on the defaults?"""
        if self.default is None:
            return f"Trial {self.top} is best; the defaults were not fitted whole, so nothing is said against them."
        if self.gain is None:
            return "The search did not improve on the defaults: no trial is better."
        shown = Digits(max(4, _digits(self).places))
        gain = self.gain
        ends = "" if gain.low is None else f" ({shown(gain.low)} to {shown(gain.high)})"
        if gain.certain:
            return f"The search improved on the defaults by {shown(gain.paid)}{ends}, choosing paid for."
        if gain.paid > 0:
            return (
                f"The search did not improve on the defaults beyond chance: {shown(gain.paid)}{ends}, "
                "choosing paid for. The best trial is kept all the same."
            )
        return (
            f"The search did not improve on the defaults: the best trial is ahead by "
            f"{shown(gain.measured)}, but to pick it among {self.looks} flatters it by "
            f"{shown(gain.flattered)}. The defaults are kept."
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        gain = self.gain
        return {
            "model": self.model,
            "target": self.target,
            "metric": self.metric,
            "greater_is_better": self.greater_is_better,
            "answer": "improved" if self.improved else "not improved",
            "words": self.verdict,
            "settings": dict(self.best),
            "searched": list(self.searched),
            "score": self.score,
            "low": self.low,
            "high": self.high,
            "best_validation": self.naive,
            "cost_of_choosing": abs(self.correction),
            "default": None if self.default is None else self.trial(self.default).value,
            "gain": None if gain is None else gain.paid,
            "gain_low": None if gain is None else gain.low,
            "gain_high": None if gain is None else gain.high,
            "best_trial": self.top,
            "kept_trial": self.kept,
            "trials": [
                {"trial": t.number, "state": t.state, "value": t.value, "folds": t.folds,
                 "settings": dict(t.settings), "note": t.note}
                for t in self.trials
            ],
            "looks": self.looks,
            "fold_scores": self.fold_scores,
            "validation_rows": self.validation_rows,
            "fits": self.fits,
            "found": self.found,
            "seconds": self.seconds,
            "ended": self.ended,
            "run": self.folder,
            "spec": f"{self.folder}/best.yaml",
            "report": f"{self.folder}/tune.html",
        }  # fmt: skip


def _digits(found: Tuned) -> Digits:
    known = [v for v in (found.low, found.high) if v is not None]
    return Digits(decimals(found.score, known, of_target=words.is_of_target(found.metric)))


def _settings(found: Tuned, number: int) -> str:
    """What was searched, in words."""
    settings = found.trial(number).settings
    return ", ".join(f"{k}={told(settings[k])}" for k in found.searched if k in settings)


def _counted(found: Tuned) -> str:
    states = [t.state for t in found.trials]
    parts = [f"{states.count('whole')} whole"]
    parts += [f"{states.count('pruned')} given up early"] if "pruned" in states else []
    parts += [f"{states.count('failed')} failed"] if "failed" in states else []
    return f"{plural(len(states), 'trial')}: {', '.join(parts)}"


def _looks(found: Tuned) -> str:
    return (
        f"{plural(found.looks, 'look')} at {count(found.validation_rows)} validation rows: choosing "
        f"flatters the best one by {abs(found.correction):.2g}. Sealed rows were not used."
    )


def screen(found: Tuned) -> str:
    """For a terminal."""
    shown = _digits(found)
    lines = entry("Answer", found.verdict)
    ends = "" if found.low is None else f", interval {shown(found.low)} to {shown(found.high)}"
    title = words.title(found.metric)
    lines += entry(
        "Score",
        f"{title} {shown(found.score)}{ends}; {shown(found.naive)} before paying for the choice",
    )
    if found.default is not None:
        lines += entry("Defaults", f"{shown(found.trial(found.default).value)}")
    lines += entry("Keep", _settings(found, found.kept))
    lines += entry("Trials", _counted(found))
    lines += entry("Looks", _looks(found))
    kept = f", {count(found.found)} found in the folder" if found.found else ""
    lines += entry("Cost", f"{plural(found.fits, 'fit')} in {told_seconds(found.seconds)}{kept}")
    if found.ended in ("budget", "interrupted"):
        lines += entry("Ended", {"budget": "the budget is spent"}.get(found.ended, found.ended))
    lines += entry("Next", found.command)
    lines += entry("Page", f"{found.folder}/tune.html")
    return printable("\n".join(lines))


def page(found: Tuned) -> str:
    """One HTML file: the course of the search, what each setting does, every trial."""
    shown, title = _digits(found), words.title(found.metric)
    rows = [
        (str(t.number), t.state, "" if t.value is None else shown(t.value), str(t.folds),
         _settings(found, t.number), t.note)
        for t in found.trials
    ]  # fmt: skip
    head = ("trial", "state", title, "folds", "settings", "note")
    whole = [t for t in found.trials if t.value is not None]
    effects: list[Any] = [_effects(found, whole)] if len(whole) >= FEWEST else []
    warning = (
        f"Found with {found.title} on this table; the settings may not carry over to other "
        "architectures, nor to other data."
    )
    parts = [
        shell.Part("course", "The course of the search", [_course(found, whole, shown), warning]),
        *([shell.Part("effects", "What each setting does", effects)] if effects else []),
        shell.Part("trials", "Every trial", [draw.table("Every trial", head, rows)]),
        shell.Part("cost", "What it cost", [_looks(found), f"{plural(found.fits, 'fit')}, {told_seconds(found.seconds)}."]),
        shell.Part("next", "Next", [f"`{found.command}`"]),
    ]  # fmt: skip
    facts = [found.source, found.target, _counted(found), found.folder]
    return shell.plain(
        f"{found.title}, tuned", f"{found.title}, tuned", found.verdict, parts, facts
    )


def _course(found: Tuned, whole: list[Tried], shown: Digits) -> Picture:
    pick = max if found.greater_is_better else min
    values = [float(t.value or 0.0) for t in whole]
    numbers = [float(t.number) for t in whole]
    so_far = [pick(values[: i + 1]) for i in range(len(values))]
    top = found.trial(found.top)
    series = [
        Series("each whole trial", numbers, values),
        Series("the best so far", numbers, so_far),
    ]
    return draw.lines(
        words.title(found.metric),
        "Each whole trial and the best so far, as measured: the line of the best can only improve.",
        series, right="trial", up=words.title(found.metric),
        marks=[Point(float(top.number), float(top.value or 0.0), "best")], shown=shown,
        shown_x=lambda x: f"{x:.0f}",
    )  # fmt: skip


def _effects(found: Tuned, whole: list[Tried]) -> Picture:
    """A small picture a setting that has numbers."""
    title, pictures = words.title(found.metric), []
    for name in found.searched:
        values = [t.settings[name] for t in whole]
        if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
            continue
        pictures.append(
            draw.scatter(
                name,
                f"{title} against {name}.",
                [float(v) for v in values],
                [float(t.value or 0.0) for t in whole],
                right=name,
                up=title,
                height=150,
            )
        )
    return draw.small(
        "Settings",
        "Whole trials against each setting; they were not varied one at a time.",
        pictures,
    )
