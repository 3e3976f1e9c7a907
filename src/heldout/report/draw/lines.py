"""Lines with bands, and scattered points: everything that has two axes of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from heldout.report.draw.frame import HEIGHT, KINDS, path, plot, stretched
from heldout.report.draw.picture import Picture, join, tag
from heldout.report.draw.scale import Scale, around

Shown = Callable[[float], str]
MOST_NUMBERS = 24  # rows of the table under a line; evenly picked where there are more
MOST_POINTS = 600


@dataclass(frozen=True)
class Series:
    """A line: ``x`` and ``y`` of equal length, ``low`` and ``high`` its band where known."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class Point:
    """A marked place, such as the operating point; ``text`` stands beside it."""

    x: float
    y: float
    text: str = ""
    low: float | None = None
    high: float | None = None
    radius: float = 5.0


def lines(
    name: str,
    says: str,
    series: Sequence[Series],
    *,
    right: str,
    up: str,
    marks: Sequence[Point] = (),
    upright: Sequence[tuple[float, str]] = (),
    diagonal: bool = False,
    x: Scale | None = None,
    y: Scale | None = None,
    log: bool = False,
    step: bool = False,
    square: bool = False,
    height: int = HEIGHT,
    shown: Shown | None = None,
    shown_x: Shown | None = None,
    names: Sequence[tuple[float, str]] | None = None,
    band: str = "interval",
) -> Picture:
    """One or more lines with their bands; ``upright`` are vertical lines (x, text), ``diagonal``
    is the line of x = y, ``log`` makes the axis to the right logarithmic; ``names`` (percent, text)
    stand in for its ticks, ``band`` says what the bands hold."""
    xs = [v for s in series for v in s.x] + [m.x for m in marks]
    ys = [v for s in series for part in (s.y, s.low, s.high) if part is not None for v in part]
    ys += [v for m in marks for v in (m.y, m.low, m.high) if v is not None]
    x = x or (Scale(min(xs), max(xs), log) if xs else Scale(0.0, 1.0))
    y = y or around(ys)
    bands, strokes, over = [], [], []
    for i, one in enumerate(series):
        kind = f"k{i % KINDS}"
        at = [(x.at(a), y.at(b)) for a, b in zip(one.x, one.y, strict=True) if _known(a, b)]
        if one.low is not None and one.high is not None:
            ends = [t for t in zip(one.x, one.low, one.high, strict=True) if _known(*t)]
            round_ = [(x.at(a), y.at(h)) for a, _, h in ends]
            round_ += [(x.at(a), y.at(low)) for a, low, _ in reversed(ends)]
            bands.append(tag("path", class_=f"band {kind}", d=path(round_, close=True)))
        strokes.append(tag("path", class_=f"line {kind}", d=path(at, step=step)))
    if diagonal:
        ends_ = [(x.at(v), y.at(v)) for v in (max(x.low, y.low), min(x.high, y.high))]
        strokes.insert(0, tag("path", class_="line diagonal", d=path(ends_)))
    for value, text in upright:
        over += _upright(x.at(value), text)
    for mark in marks:
        over += _mark(mark, x, y)
    inside = join([stretched(join([*bands, *strokes])), *over])
    legend = [(f"k{i % KINDS}", s.label) for i, s in enumerate(series)] if len(series) > 1 else []
    body = plot(
        name, says, x, y, inside, right=right, up=up, square=square, height=height, legend=legend,
        x_names=names,
    )  # fmt: skip
    head, rows = _numbers(series, marks, (right, up, band), shown or _plain, shown_x or _plain)
    return Picture(name, says, body, head, rows, narrow=square)


def scatter(
    name: str,
    says: str,
    x: Sequence[float],
    y: Sequence[float],
    *,
    right: str,
    up: str,
    kinds: Sequence[str] | None = None,
    diagonal: bool = False,
    level: float | None = None,
    x_scale: Scale | None = None,
    y_scale: Scale | None = None,
    square: bool = False,
    height: int = HEIGHT,
    numbers: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] = ((), ()),
) -> Picture:
    """Points; ``kinds`` (a label a point) become shapes as well as colors; at most 600 are drawn,
    evenly picked; ``level`` is a horizontal line; ``numbers`` (head, rows) is its table, by
    default the ends of both axes."""
    every = max(1, math.ceil(len(x) / MOST_POINTS))
    drawn = [i for i in range(0, len(x), every) if _known(x[i], y[i])]
    wide = x_scale or around([x[i] for i in drawn])
    tall = y_scale or around([y[i] for i in drawn])
    names = list(dict.fromkeys(kinds)) if kinds is not None else []
    dots = []
    for i in drawn:
        kind = names.index(kinds[i]) % KINDS if kinds is not None else 0
        dots.append(_shape(kind, wide.at(x[i]), 100 - tall.at(y[i])))
    under = []
    if diagonal:
        ends = [
            (wide.at(v), tall.at(v)) for v in (max(wide.low, tall.low), min(wide.high, tall.high))
        ]
        under.append(tag("path", class_="line diagonal", d=path(ends)))
    if level is not None:
        flat = [(0.0, tall.at(level)), (100.0, tall.at(level))]
        under.append(tag("path", class_="line diagonal", d=path(flat)))
    inside = join([stretched(join(under)), *dots])
    body = plot(
        name, says, wide, tall, inside, right=right, up=up, square=square, height=height,
        legend=[(f"k{i % KINDS} thick", label) for i, label in enumerate(names)],
    )  # fmt: skip
    if not numbers[1]:
        numbers = ("", "from", "to"), tuple(_ends(t, v) for t, v in ((right, x), (up, y)) if v)
    return Picture(name, says, body, *numbers, narrow=square)


def _ends(label: str, values: Sequence[float]) -> tuple[str, ...]:
    known = [v for v in values if _known(v)]
    return (label, _plain(min(known)), _plain(max(known))) if known else (label, "", "")


def _shape(kind: int, x: float, y: float) -> Markup:
    if kind % 2 == 0:
        return tag("circle", class_=f"spot k{kind}", cx=f"{x}%", cy=f"{round(y, 2)}%", r=3)
    return tag(
        "rect", class_=f"spot k{kind}", x=f"{x}%", y=f"{round(y, 2)}%", width=5, height=5,
        transform="translate(-2.5 -2.5)",
    )  # fmt: skip


def _upright(at: float, text: str) -> list[Markup]:
    anchor, off = ("end", -5) if at > 60 else ("start", 5)
    return [
        tag("line", class_="upright", x1=f"{at}%", x2=f"{at}%", y1=0, y2="100%"),
        tag("text", text, class_="told", x=f"{at}%", dx=off, y=12, text_anchor=anchor),
    ]


def _mark(mark: Point, x: Scale, y: Scale) -> list[Markup]:
    cx, cy = x.at(mark.x), round(100 - y.at(mark.y), 2)
    told = []
    if mark.low is not None and mark.high is not None:
        ends = [f"{round(100 - y.at(v), 2)}%" for v in (mark.low, mark.high)]
        told.append(tag("line", class_="whisker", x1=f"{cx}%", x2=f"{cx}%", y1=ends[0], y2=ends[1]))
    told.append(tag("circle", class_="dot main", cx=f"{cx}%", cy=f"{cy}%", r=mark.radius))
    if mark.text:
        anchor, off = ("end", -10) if cx > 60 else ("start", 10)
        told.append(
            tag("text", mark.text, class_="told", x=f"{cx}%", y=f"{cy}%", dx=off,
                dy="1.1em" if cy < 50 else "-.5em", text_anchor=anchor)
        )  # fmt: skip
    return told


def _numbers(
    series: Sequence[Series],
    marks: Sequence[Point],
    heads: tuple[str, str, str],
    shown: Shown,
    shown_x: Shown,
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows: list[tuple[str, ...]] = []
    banded = any(s.low is not None for s in series) or any(m.low is not None for m in marks)
    for one in series:
        n = len(one.x)
        every = max(1, math.ceil(n / MOST_NUMBERS))
        for i in sorted({*range(0, n, every), n - 1} - {-1}):
            ends = ""
            if one.low is not None and one.high is not None:
                ends = f"{shown(one.low[i])} to {shown(one.high[i])}"
            row = (shown_x(one.x[i]), shown(one.y[i]), *([ends] if banded else []))
            named = len(series) > 1 and one.label
            rows.append((f"{one.label}, {row[0]}", *row[1:]) if named else row)
    for mark in marks:
        ends = (
            ""
            if mark.low is None or mark.high is None
            else f"{shown(mark.low)} to {shown(mark.high)}"
        )
        first = f"{mark.text}, {shown_x(mark.x)}" if mark.text else shown_x(mark.x)
        rows.append((first, shown(mark.y), *([ends] if banded else [])))
    return heads if banded else heads[:2], tuple(rows)


def _known(*values: float) -> bool:
    return all(v is not None and math.isfinite(v) for v in values)


def _plain(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e5 else f"{value:,.0f}"
