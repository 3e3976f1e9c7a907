"""What an experiment found, as values, a screen and a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heldout.core.names import count, plural
from heldout.report import draw, shell, words
from heldout.report.draw import Bar, Picture, Point, Series
from heldout.report.figures import Digits, decimals, listed
from heldout.report.figures import seconds as told_seconds
from heldout.report.screen import entry, printable

MOST_PAIRS = 12  # on screen and page; all of them in the values
WIDE = 20.0  # largest over smallest from which an axis counts factors


@dataclass(frozen=True)
class Cell:
    """One setting of the variables: the score of each seed, their mean with its interval, the
    task's loss beside it, and what it cost."""

    settings: Mapping[str, Any]
    scores: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None
    losses: tuple[float, ...] = ()
    rounds: float | None = None
    seconds: float | None = None

    @property
    def label(self) -> str:
        """``learning_rate=0.01, units=64``."""
        return ", ".join(f"{k}={told(v)}" for k, v in self.settings.items())

    @property
    def loss(self) -> float:
        """The mean loss of the seeds."""
        return sum(self.losses) / len(self.losses) if self.losses else math.nan


@dataclass(frozen=True)
class Pair:
    """``difference`` of two cells (positive: the first is better) with the corrected interval;
    ``p`` of the corrected test, ``p_holm`` after paying for all pairs."""

    first: int
    second: int
    difference: float
    low: float
    high: float
    p: float
    p_holm: float

    @property
    def told_apart(self) -> bool:
        """At 5 %, all pairs paid for."""
        return self.p_holm <= 0.05


@dataclass(frozen=True, repr=False)
class Experiment:
    """``variables`` with their values; ``cells`` in their order, the last variable fastest;
    ``test_share`` of the rows validates; ``splits`` that differ among the seeds; ``estimate`` of
    the seconds before it started."""

    model: str
    title: str
    source: str
    target: str
    metric: str
    loss: str
    greater_is_better: bool
    variables: Mapping[str, tuple[Any, ...]]
    seeds: int
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]
    splits: int
    test_share: float
    validation_rows: int
    estimate: float
    seconds: float
    fits: int
    found: int
    ended: str = "finished"
    failures: tuple[str, ...] = ()
    folder: str = ""
    page: str = field(default="", compare=False)

    @property
    def best(self) -> Cell:
        """The best mean."""
        known = [c for c in self.cells if math.isfinite(c.mean)]
        pick = max if self.greater_is_better else min
        return pick(known, key=lambda c: c.mean)

    @property
    def warning(self) -> str:
        """How far the finding reaches."""
        return (
            f"Found with {self.title} on this table. It may not carry over to other "
            "architectures, nor to other data or sizes."
        )

    def __repr__(self) -> str:
        return screen(self)

    def _repr_html_(self) -> str:
        from heldout.report.notebook import framed

        return framed(page(self))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; ``matrix`` holds the means, a row a value of the first variable."""
        return {
            "model": self.model,
            "target": self.target,
            "metric": self.metric,
            "loss": self.loss,
            "greater_is_better": self.greater_is_better,
            "variables": {k: list(v) for k, v in self.variables.items()},
            "seeds": self.seeds,
            "cells": [
                {"settings": dict(c.settings), "scores": list(c.scores), "mean": c.mean,
                 "low": c.low, "high": c.high, "losses": list(c.losses), "rounds": c.rounds,
                 "seconds": c.seconds}
                for c in self.cells
            ],
            "matrix": self.matrix,
            "best": dict(self.best.settings),
            "pairs": [
                {"first": dict(self.cells[p.first].settings),
                 "second": dict(self.cells[p.second].settings), "difference": p.difference,
                 "low": p.low, "high": p.high, "p": p.p, "p_holm": p.p_holm,
                 "told_apart": p.told_apart}
                for p in self.pairs
            ],
            "splits": self.splits,
            "test_share": self.test_share,
            "looks": sum(len(c.scores) for c in self.cells),
            "validation_rows": self.validation_rows,
            "estimate": self.estimate,
            "seconds": self.seconds,
            "fits": self.fits,
            "found": self.found,
            "ended": self.ended,
            "failures": list(self.failures),
            "warning": self.warning,
            "run": self.folder,
            "report": self.page,
        }  # fmt: skip

    @property
    def matrix(self) -> list[list[float]] | list[float]:
        """Means by the variables' values: a list for one, rows of lists for two."""
        means = [c.mean for c in self.cells]
        if len(self.variables) == 1:
            return means
        wide = len(list(self.variables.values())[1])
        return [means[i : i + wide] for i in range(0, len(means), wide)]


def told(value: Any) -> str:
    """A value of a setting in words.

    >>> told(None), told(0.001), told(True), told("relu")
    ('none', '0.001', 'yes', 'relu')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def verdict(found: Experiment) -> str:
    """Which one is best, and from which others it can be told apart."""
    best = found.cells.index(found.best)
    beside = [p for p in found.pairs if best in (p.first, p.second)]
    apart = [p for p in beside if p.told_apart]
    shown = _digits(found)
    words_ = f"{found.best.label} has the best mean {words.title(found.metric)}, {shown(found.best.mean)}"
    if not beside:
        return f"{words_}; with one seed nothing can be told apart."
    if not apart:
        return f"{words_}, but chance alone would give that too: it cannot be told apart from any other."
    if len(apart) == len(beside):
        return f"{words_}, and is better than every other beyond chance."
    others = [found.cells[p.second if p.first == best else p.first].label for p in apart]
    kept = others[:4] + ([f"{len(others) - 4} more"] if len(others) > 4 else [])
    return f"{words_}; beyond chance it is better than {listed(kept)} only."


def how(found: Experiment) -> str:
    """What the intervals and the test are of."""
    pairs = plural(len(found.pairs), "pair")
    if found.splits < 2:
        return (
            f"Every one of {plural(found.seeds, 'seed')} was scored on the same "
            f"{count(found.validation_rows)} validation rows: intervals and tests are of the seeds "
            f"alone, other rows could say otherwise. Holm's correction pays for {pairs}."
        )
    return (
        f"Each of {plural(found.seeds, 'seed')} draws its own start and validates on other parts "
        f"of the open rows ({plural(found.splits, 'part')}, {100 * found.test_share:.0f} % each); all "
        "settings share them. Training parts overlap, so intervals and t-test are corrected as "
        f"Nadeau and Bengio 2003 say; Holm's correction pays for {pairs}. Sealed rows were not used."
    )


def _digits(found: Experiment) -> Digits:
    means = sorted(c.mean for c in found.cells if math.isfinite(c.mean))
    gap = means[-1] - means[0] if len(means) > 1 else 0.0
    places = decimals(means[-1], of_target=words.is_of_target(found.metric))
    if gap > 0:
        places = max(places, min(6, 1 - math.floor(math.log10(gap))))
    return Digits(places)


def _row(cell: Cell, shown: Digits) -> tuple[str, ...]:
    ends = (
        "" if cell.low is None or cell.high is None else f"{shown(cell.low)} to {shown(cell.high)}"
    )
    rounds = "" if not cell.rounds else f"{cell.rounds:.0f}"
    loss = f"{cell.loss:.4g}" if cell.losses else ""
    return (cell.label, shown(cell.mean), ends, loss, rounds, told_seconds(cell.seconds))


def _pairs(found: Experiment) -> list[Pair]:
    """The most telling ones first."""
    return sorted(found.pairs, key=lambda p: (p.p_holm, p.p, -abs(p.difference)))[:MOST_PAIRS]


def screen(found: Experiment) -> str:
    """For a terminal."""
    shown = _digits(found)
    lines = entry("Answer", verdict(found))
    lines += entry("Note", found.warning)
    wide = max(len(c.label) for c in found.cells) + 2
    head = f"{'':<{wide}}{words.title(found.metric):>12}  interval"
    table = [head] + [
        f"{c.label:<{wide}}{shown(c.mean):>12}  {_row(c, shown)[2]}"
        + (" <-" if c is found.best else "")
        for c in found.cells
    ]
    tests = [
        f"{found.cells[p.first].label} against {found.cells[p.second].label}: "
        f"{shown(p.difference)} ({shown(p.low)} to {shown(p.high)}), p {p.p:.2g}, paid for {p.p_holm:.2g}"
        for p in _pairs(found)
    ]
    lines += ["", *table, ""]
    for i, text in enumerate(tests[:6]):
        lines += entry("Tests" if i == 0 else "", text)
    lines += entry("How", how(found))
    cost = f"{plural(found.fits, 'fit')} in {told_seconds(found.seconds)}, {told_seconds(found.estimate)} foreseen"
    lines += entry(
        "Cost", cost + (f", {count(found.found)} found in the folder" if found.found else "")
    )
    if found.ended != "finished":
        lines += entry("Ended", found.ended)
    for words_ in found.failures:
        lines += entry("Failed", words_)
    if found.page:
        lines += entry("Page", found.page)
    return printable("\n".join(lines))


def page(found: Experiment) -> str:
    """One HTML file: the picture first, then the table, the tests and the cost."""
    shown, title = _digits(found), words.title(found.metric)
    names = list(found.variables)
    pictures: list[Any] = [_picture(found, shown)]
    if found.loss != found.metric and all(c.losses for c in found.cells) and len(names) == 1:
        pictures.append(_losses(found))
    head = (listed(names), title, "interval", words.title(found.loss), "rounds", "time a fit")
    rows = [_row(c, shown) for c in found.cells]
    tests = [
        (f"{found.cells[p.first].label} against {found.cells[p.second].label}", shown(p.difference),
         f"{shown(p.low)} to {shown(p.high)}", f"{p.p:.2g}", f"{p.p_holm:.2g}",
         "yes" if p.told_apart else "no")
        for p in _pairs(found)
    ]  # fmt: skip
    head_t = ("settings", "difference", "interval", "p", "paid for", "told apart")
    more = len(found.pairs) - len(tests)
    cost = (
        f"{plural(found.fits, 'fit')}, {told_seconds(found.seconds)}; before it started "
        f"{told_seconds(found.estimate)} were foreseen. "
        f"{plural(sum(len(c.scores) for c in found.cells), 'look')} at validation rows: whoever "
        "picks the best of them picks luck too."
    )
    parts = [
        shell.Part("picture", f"{title} against {listed(names)}", [*pictures, found.warning]),
        shell.Part("table", "Every setting", [draw.table("Every setting", head, rows)]),
        shell.Part(
            "tests", "Which can be told apart?",
            [draw.table("Corrected tests", head_t, tests),
             how(found) + (f" {more} further pairs are in the values." if more > 0 else "")]
            if tests else [how(found)],
        ),
        shell.Part("cost", "Cost", [cost, *found.failures]),
    ]  # fmt: skip
    heading = f"{found.title}: {listed(names)}"
    facts = [found.source, found.target, plural(found.seeds, "seed"), found.folder]
    return shell.plain(heading, heading, verdict(found), parts, [f for f in facts if f])


def _picture(found: Experiment, shown: Digits) -> Picture:
    title = words.title(found.metric)
    better = "higher" if found.greater_is_better else "lower"
    if len(found.variables) == 2:
        return _heat(found, shown, title)
    (name, values), best = next(iter(found.variables.items())), found.best
    says = f"Mean of {plural(found.seeds, 'seed')} with its interval; {better} is better."
    if not _numbers(values):
        bars = [Bar(told(v), c.mean, c.low, c.high, main=c is best)
                for v, c in zip(values, found.cells, strict=True) if math.isfinite(c.mean)]  # fmt: skip
        return draw.bars(title, says, bars, shown=shown, points=True)
    mark = Point(float(best.settings[name]), best.mean, told(best.settings[name]))
    return draw.lines(
        title, f"{says} The dot marks the best, {told(best.settings[name])}.",
        [_series(title, values, [c.mean for c in found.cells], found.cells)],
        right=name, up=title, marks=[mark], log=_wide(values), shown=shown, shown_x=told,
    )  # fmt: skip


def _losses(found: Experiment) -> Picture:
    """The loss on validation rows, its minimum marked: what a penalty's strength is chosen by."""
    (name, values), title = next(iter(found.variables.items())), words.title(found.loss)
    least = min(found.cells, key=lambda c: c.loss)
    says = f"The loss on validation rows; lower is better. The least is at {told(least.settings[name])}."
    if not _numbers(values):
        bars = [Bar(told(v), c.loss, main=c is least)
                for v, c in zip(values, found.cells, strict=True)]  # fmt: skip
        return draw.bars(title, says, bars, shown=Digits(4), points=True)
    mark = Point(float(least.settings[name]), least.loss, told(least.settings[name]))
    return draw.lines(
        title, says, [Series(title, [float(v) for v in values], [c.loss for c in found.cells])],
        right=name, up=title, marks=[mark], log=_wide(values), shown_x=told,
    )  # fmt: skip


def _series(
    label: str, values: Sequence[Any], means: Sequence[float], cells: Sequence[Cell]
) -> Series:
    xs = [float(v) for v in values]
    if any(c.low is None or c.high is None for c in cells):
        return Series(label, xs, means)
    return Series(label, xs, means, [c.low or 0.0 for c in cells], [c.high or 0.0 for c in cells])


def _heat(found: Experiment, shown: Digits, title: str) -> Picture:
    """Shaded by the gain over the worst; the numbers are the means."""
    (first, rows), (second, columns) = found.variables.items()
    known = [c.mean for c in found.cells if math.isfinite(c.mean)]
    worst = min(known) if found.greater_is_better else max(known)
    sign = 1.0 if found.greater_is_better else -1.0
    gains: list[list[float | None]] = []
    for i in range(len(rows)):
        cells = found.cells[i * len(columns) : (i + 1) * len(columns)]
        gains.append([sign * (c.mean - worst) if math.isfinite(c.mean) else None for c in cells])
    return draw.heat(
        title, f"Rows are {first}, columns {second}; the deeper, the better. Best: {found.best.label}.",
        [f"{first} {told(v)}" for v in rows], [told(v) for v in columns], gains,
        shown=lambda gain: shown(worst + sign * gain),
    )  # fmt: skip


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)


def _wide(values: Sequence[Any]) -> bool:
    return bool(min(values) > 0 and max(values) / min(values) >= WIDE)
