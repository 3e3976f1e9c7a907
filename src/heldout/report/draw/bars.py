"""Bars and points with intervals, one row each: labels are text of the page, so they wrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from heldout.report.draw.frame import keys, plot, stretched
from heldout.report.draw.picture import Picture, join, svg, tag
from heldout.report.draw.scale import Scale, around

Shown = Callable[[float], str]


@dataclass(frozen=True)
class Bar:
    """One row: a value with or without an interval; ``note`` stands small beside the value."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""
    main: bool = False


def bars(
    name: str,
    says: str,
    rows: Sequence[Bar],
    *,
    shown: Shown,
    points: bool = False,
    scale: Scale | None = None,
    head: tuple[str, ...] = ("what", "value", "interval"),
    main: bool = False,
) -> Picture:
    """Rows of bars from zero, or of ``points``; thin lines are intervals. ``main`` leaves out the
    name above, where a heading of the page says it already."""
    known = [v for r in rows for v in (r.value, r.low, r.high) if v is not None]
    scale = scale or around(known, zero=not points, pad=0.06 if points else 0.0)
    told, numbers = [], []
    for row in rows:
        ends = _ends(row, shown)
        text = f"{row.label}: {shown(row.value)}" + (f", interval {ends}" if ends else "")
        drawing = svg(f"{name}, {text}", row.note, _row(row, scale, points), 22)
        small = Markup(" <small>{}</small>").format(ends or row.note) if ends or row.note else ""
        told.append(
            Markup(
                '<div class="label">{}</div><div class="draw">{}</div><div class="value">{}{}</div>'
            ).format(row.label, drawing, shown(row.value), small)
        )
        numbers.append((row.label, shown(row.value), ends or row.note))
    foot = Markup(
        '<div class="blank"></div><div class="ends" aria-hidden="true"><span>{}</span><span>{}</span></div>'
    ).format(shown(scale.low), shown(scale.high))
    body = Markup('<div class="rows">{}{}</div>').format(join(told), foot)
    if not any(r[2] for r in numbers):
        head, numbers = head[:2], [r[:2] for r in numbers]  # type: ignore[misc]
    return Picture(name, says, body, head, tuple(numbers), main=main)


def _ends(row: Bar, shown: Shown) -> str:
    if row.low is None or row.high is None:
        return ""
    return f"{shown(row.low)} to {shown(row.high)}"


def _row(row: Bar, scale: Scale, points: bool) -> Markup:
    at = scale.at(row.value)
    told = [tag("line", class_="axis", x1=0, x2="100%", y1=11, y2=11)]
    over = "" if points else " over"
    if not points:
        zero = scale.at(0.0)
        left, right = sorted((zero, at))
        width = f"{round(right - left, 2)}%"
        told.append(tag("rect", class_="bar", x=f"{left}%", width=width, y=4, height=14))
        told.append(tag("line", class_="zero", x1=f"{zero}%", x2=f"{zero}%", y1=0, y2=22))
    if row.low is not None and row.high is not None:
        low, high = scale.at(row.low), scale.at(row.high)
        told.append(tag("line", class_=f"whisker{over}", x1=f"{low}%", x2=f"{high}%", y1=11, y2=11))
        told += [
            tag("line", class_=f"whisker{over}", x1=f"{e}%", x2=f"{e}%", y1=6, y2=16)
            for e in (low, high)
        ]
    if points:
        kind = "dot main" if row.main else "dot"
        told.append(tag("circle", class_=kind, cx=f"{at}%", cy=11, r=5))
    return join(told)


def histogram(
    name: str,
    says: str,
    edges: Sequence[float],
    counts: Sequence[float],
    *,
    right: str,
    up: str = "how many",
    beside: Sequence[float] | None = None,
    labels: tuple[str, str] = ("", ""),
    height: int = 160,
    names: Sequence[tuple[float, str]] | None = None,
    shown_x: Shown | None = None,
) -> Picture:
    """Counts between ``edges`` (one more than counts); ``beside`` is drawn over them as a line,
    such as another class or the new data; ``names`` (percent, text) stand in for the ticks."""
    x = Scale(float(edges[0]), float(edges[-1]))
    y = around([*counts, *(beside or ())], zero=True)
    blocks = []
    for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True):
        left, width = x.at(low), round(x.at(high) - x.at(low), 2)
        tall = y.at(n)
        blocks.append(
            tag("rect", class_="block", x=f"{left}%", width=f"{width}%",
                y=f"{round(100 - tall, 2)}%", height=f"{tall}%")
        )  # fmt: skip
    if beside is not None:
        steps = [(x.at(e), y.at(n)) for e, n in zip(edges[:-1], beside, strict=True)]
        steps.append((100.0, steps[-1][1]))
        d = " ".join(
            f"L{a:g} {100 - b0:g}L{a:g} {100 - b:g}"
            for (a, b), (_, b0) in zip(steps[1:], steps[:-1], strict=True)
        )
        d = f"M{steps[0][0]:g} {100 - steps[0][1]:g}{d}"
        blocks.append(stretched(tag("path", class_="line k1", d=d)))
    legend = [("k0 thick", labels[0]), *([("k1", labels[1])] if beside is not None else [])]
    body = plot(
        name, says, x, y, join(blocks), right=right, up=up, height=height, legend=legend, x_names=names
    )  # fmt: skip
    told = shown_x or _text
    rows = [
        (f"{told(a)} to {told(b)}", f"{n:,.4g}" if n < 1e4 else f"{n:,.0f}")
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    if beside is not None:
        rows = [(*r, f"{n:,.4g}") for r, n in zip(rows, beside, strict=True)]  # type: ignore[misc]
    head = (right, labels[0] or up, *([labels[1]] if beside is not None else []))
    return Picture(name, says, body, head, tuple(rows))


def columns(
    name: str,
    says: str,
    labels: Sequence[str],
    parts: Sequence[tuple[str, str]],
    values: Sequence[Sequence[float]],
    *,
    shown: Shown,
) -> Picture:
    """Bars made of parts, a row per label: ``parts`` are (name, class: ``hatched`` or ``plain``),
    ``values[i][j]`` is part j of row i."""
    most = max((sum(v) for v in values), default=1.0) or 1.0
    told = []
    for label, row in zip(labels, values, strict=True):
        left, pieces = 0.0, []
        for (_, kind), value in zip(parts, row, strict=True):
            width = round(100 * value / most, 2)
            fill = "url(#hatch)" if kind == "hatched" else None
            pieces.append(
                tag("rect", class_=kind, x=f"{left}%", y=1, width=f"{width}%", height=28, fill=fill)
            )
            left = round(left + width, 2)
        words = ", ".join(f"{shown(v)} {p}" for (p, _), v in zip(parts, row, strict=True))
        whole = shown(sum(row))
        drawing = svg(f"{label} {whole}", words, join(pieces), 30)
        marks = join(
            Markup('<span class="key {}-key"></span>{} {} ').format(kind, shown(v), p)
            for (p, kind), v in zip(parts, row, strict=True)
        )
        told.append(
            Markup(
                '<div class="split"><p class="label">{} <strong>{}</strong></p>{}<p class="parts">{}</p></div>'
            ).format(label, whole, drawing, marks)
        )
    rows = tuple(
        (label, *(shown(v) for v in row), shown(sum(row)))
        for label, row in zip(labels, values, strict=True)
    )
    head = ("", *(p for p, _ in parts), "together")
    return Picture(name, says, join(told), head, rows, main=True)


def _text(value: float) -> str:
    return f"{value:,.4g}"


__all__ = ["Bar", "bars", "columns", "histogram", "keys"]
