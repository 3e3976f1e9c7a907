"""Two runs side by side, as a screen, a page and values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from heldout.core.names import count
from heldout.report import answer, draw, shell, words
from heldout.report.draw import Bar, Picture
from heldout.report.figures import Digits, decimals, listed, seconds, size
from heldout.report.record import RunRecord
from heldout.report.screen import entry, printable

MOST_NAMES = 6


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    name: str
    folder: str
    score: float | None
    low: float | None
    high: float | None
    samples: int
    baseline: float | None
    sealed: bool
    source: str
    rows: str
    inputs: tuple[str, ...]
    seconds: float | None
    bytes: float | None
    openings: int | None
    record: RunRecord = field(repr=False)


@dataclass(frozen=True, repr=False)
class Comparison:
    """``difference`` in the metric's unit, positive where the first run is better, with its paired
    interval over ``samples`` rows; None where no rows are common to both."""

    sides: tuple[Side, Side]
    metric: str
    same_data: bool
    same_seal: bool | None
    record: RunRecord = field(repr=False)
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    samples: int = 0
    warning: str = ""

    def with_difference(
        self, value: float, low: float | None, high: float | None, samples: int, warning: str
    ) -> Comparison:
        """The same with what was measured."""
        return replace(self, difference=value, low=low, high=high, samples=samples, warning=warning)

    @property
    def better(self) -> str | None:
        """The name of the better run; None where they cannot be told apart."""
        if self.low is None or self.high is None:
            return None
        if self.low > 0:
            return self.sides[0].name
        return self.sides[1].name if self.high < 0 else None

    def __repr__(self) -> str:
        return screen(self)

    def _repr_html_(self) -> str:
        from heldout.report.notebook import framed

        return framed(page(self))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "runs": [s.folder for s in self.sides],
            "metric": self.metric,
            "scores": [{"score": s.score, "low": s.low, "high": s.high, "baseline": s.baseline,
                        "samples": s.samples, "sealed": s.sealed} for s in self.sides],
            "same_data": self.same_data,
            "same_sealed_rows": self.same_seal,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "samples": self.samples,
            "better": self.better,
            "told_apart": self.better is not None,
        }  # fmt: skip


def verdict(found: Comparison) -> str:
    """Can they be told apart?"""
    one, two = found.sides
    if found.difference is None:
        return (
            f"Cannot be compared row by row: {one.name} and {two.name} share no rows that both "
            "answered out of fold."
        )
    shown = _difference(found)
    units = found.record.units
    if found.low is None or found.high is None:
        return f"Not known: {found.warning or 'no interval can be given'}."
    ends = f"95 % interval {shown(abs(found.low))} to {shown(abs(found.high))}"
    if found.better is None:
        side = one.name if found.difference >= 0 else two.name
        ends = f"95 % interval {shown(found.low)} to {shown(found.high)}"
        return (
            f"Cannot be told apart: {side} is {shown(abs(found.difference))} better on "
            f"{count(found.samples)} {units}, which chance gives too ({ends})."
        )
    if found.better == two.name:
        ends = f"95 % interval {shown(-found.high)} to {shown(-found.low)}"
    return (
        f"{found.better} is better by {shown(abs(found.difference))} on {count(found.samples)} "
        f"{units} that both answered out of fold ({ends})."
    )


def _difference(found: Comparison) -> Digits:
    known = [v for v in (found.low, found.high) if v is not None]
    of_target = words.is_of_target(found.metric)
    return Digits(decimals(found.difference or 0.0, known, of_target=of_target))


def facts(found: Comparison) -> list[tuple[str, str]]:
    """What is the same and what differs, label and words."""
    one, two = found.sides
    told = [("Data", _data(found))]
    if found.same_seal is not None:
        same = "the same sealed rows" if found.same_seal else "different sealed rows"
        opened = max(s.openings or 1 for s in found.sides)
        looks = (
            f"; opened {opened} times by now: to choose between runs by their sealed scores is to "
            "spend the seal, so this comparison does not use them"
        )
        told.append(("Sealed", same + (looks if found.same_seal and opened > 1 else "")))
    only = [_names(set(a.inputs) - set(b.inputs)) for a, b in ((one, two), (two, one))]
    if only[0] or only[1]:
        parts = [f"only {s.name}: {n}" for s, n in zip(found.sides, only, strict=True) if n]
        told.append(("Columns", "; ".join(parts)))
    else:
        told.append(("Columns", f"the same {len(one.inputs)}"))
    told += [(f"Model {i}", answer.model_line(s.record)) for i, s in enumerate(found.sides, 1)]
    return [(label, text) for label, text in told if text]


def _data(found: Comparison) -> str:
    one, two = found.sides
    if found.same_data:
        return f"the same table, {one.rows} {found.record.units}"
    return f"not the same: {one.source} with {one.rows}, {two.source} with {two.rows} {found.record.units}"


def _names(names: set[str]) -> str:
    kept = sorted(names)[:MOST_NAMES]
    more = f" and {len(names) - len(kept)} more" if len(names) > len(kept) else ""
    return (", ".join(kept) if more else listed(kept)) + more


def _score(side: Side, shown: Digits) -> str:
    ends = (
        f"{shown(side.low)} to {shown(side.high)}" if None not in (side.low, side.high) else "none"
    )
    return f"{shown(side.score)}   interval {ends}   baseline {shown(side.baseline)}   rows {count(side.samples)}"


def _digits(found: Comparison) -> Digits:
    heads = [s.record.headline for s in found.sides]
    return next((words.digits(h) for h in heads if h is not None), Digits(3))


def screen(found: Comparison) -> str:
    """For a terminal."""
    shown, lines = _digits(found), entry("Answer", verdict(found))
    for i, side in enumerate(found.sides, 1):
        kind = "sealed" if side.sealed else "cross-validated"
        lines += entry(f"Run {i}", f"{side.folder} ({kind})")
        lines += entry("", _score(side, shown))
    for label, text in facts(found):
        lines += entry(label, text)
    return printable("\n".join(lines))


def page(found: Comparison) -> str:
    """One HTML file in the looks of the report."""
    one, two = found.sides
    shown, head = _digits(found), [s.record.headline for s in found.sides]
    title = words.title(found.metric)
    better = f"{found.better} is better" if found.better else "Cannot be told apart"
    if found.difference is None:
        better = "Not comparable row by row"
    blocks: list[Any] = []
    if all(h is not None for h in head):
        blocks.append(_scores(found, shown, title))
    if found.difference is not None:
        blocks.append(_gap(found, title))
    rows = [
        ("score", _cell(one, shown), _cell(two, shown)),
        ("scored on", *(f"{count(s.samples)} {'sealed' if s.sealed else 'open'}" for s in found.sides)),
        ("baseline", shown(one.baseline), shown(two.baseline)),
        ("table", *(f"{s.source}, {s.rows} rows" for s in found.sides)),
        ("columns", *(count(len(s.inputs)) for s in found.sides)),
        ("time", *(seconds(s.seconds) for s in found.sides)),
        ("bundle", *(size(s.bytes) for s in found.sides)),
        ("seal opened", *(str(s.openings or "no") for s in found.sides)),
    ]  # fmt: skip
    table = draw.table("The two runs", ("", one.name, two.name), rows)
    same = [f"{label}: {text}" for label, text in facts(found)]
    return shell.plain(
        f"{one.name} and {two.name}: {better}",
        better,
        verdict(found),
        [
            shell.Part("scores", "Scores", [*blocks, table]),
            shell.Part("same", "What is the same, what differs", same),
            shell.Part("how", "How they were compared", [HOW]),
        ],
        [one.folder, "and", two.folder],
    )


HOW = (
    "Both runs answered the same rows out of fold: by models that had not seen them. The difference "
    "is taken row by row, so what makes a row easy or hard for both cancels; the interval is of that "
    "difference, widened by what simulations show the luck of the folds to add (1.4 times; 1.5 times where "
    "the two runs had different folds). Sealed rows are not used: choosing by them would spend the seal."
)


def _cell(side: Side, shown: Digits) -> str:
    ends = (
        f" ({shown(side.low)} to {shown(side.high)})" if None not in (side.low, side.high) else ""
    )
    return shown(side.score) + ends


def _scores(found: Comparison, shown: Digits, title: str) -> Picture:
    bars = []
    base = next((s.baseline for s in found.sides if s.baseline is not None), None)
    if base is not None:
        bars.append(Bar("baseline", base))
    bars += [
        Bar(s.name, s.score, s.low, s.high, main=True) for s in found.sides if s.score is not None
    ]
    return draw.bars(
        title, "The score of each run with its own interval. That these overlap says little: the "
        "difference below is taken row by row.", bars, shown=shown, points=True,
    )  # fmt: skip


def _gap(found: Comparison, title: str) -> Picture:
    one, two = found.sides
    value = found.difference or 0.0
    return draw.bars(
        "The difference", f"{title}: to the right of 0 {one.name} is better, to the left {two.name}.",
        [Bar(f"{one.name} against {two.name}", value, found.low, found.high, main=True), Bar("no difference", 0.0)],
        shown=_difference(found), points=True,
    )  # fmt: skip
