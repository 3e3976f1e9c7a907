"""Heat maps, maps of places and small multiples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from heldout.report.draw.lines import scatter
from heldout.report.draw.picture import Picture, cut, join, svg, tag
from heldout.report.draw.scale import Scale, around

MOST_WORDS = 8  # columns up to which the cells hold their numbers and the heads their names
CELL = 30


def heat(
    name: str,
    says: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    shown: Callable[[float], str],
    high: float | None = None,
    by_row: bool = False,
) -> Picture:
    """Shaded cells; negative values are shaded in the second color with a minus before them.

    ``high`` is the value of the deepest shade (default: the largest); ``by_row`` shades each row by
    its own total, as a confusion matrix wants.
    """
    n, m = len(rows), len(columns)
    worded = m <= MOST_WORDS
    most = high or max((abs(v) for r in values for v in r if v is not None), default=1.0) or 1.0
    width, tall = 100 / max(1, m), 100 / max(1, n)
    cells = []
    for i, row in enumerate(values):
        top = sum(abs(v) for v in row if v is not None) if by_row else most
        for j, value in enumerate(row):
            x, y = round(j * width, 3), round(i * tall, 3)
            share = 0.0 if value is None or not top else min(1.0, abs(value) / top)
            kind = "cold" if value is not None and value < 0 else "warm"
            cells.append(
                tag("rect", class_=f"cell {kind}", x=f"{x}%", y=f"{y}%", width=f"{width:.3f}%",
                    height=f"{tall:.3f}%", fill_opacity=f"{0.45 * share:.3f}")
            )  # fmt: skip
            if worded and value is not None:
                cells.append(
                    tag("text", shown(value), class_="told", x=f"{x + width / 2:.2f}%",
                        y=f"{y + tall / 2:.2f}%", dy=".35em", text_anchor="middle")
                )  # fmt: skip
    for i, label in enumerate(rows):
        told = cut(label) if worded else cut(f"{i + 1} {label}")
        at = f"{(i + 0.5) * tall:.2f}%"
        cells.append(tag("text", told, class_="tick", x=-7, y=at, dy=".35em", text_anchor="end"))
    for j, label in enumerate(columns):
        told = cut(label, max(4, 44 // m)) if worded else str(j + 1)
        at = f"{(j + 0.5) * width:.2f}%"
        cells.append(tag("text", told, class_="tick", x=at, y=-6, text_anchor="middle"))
    labels = [cut(r) if worded else cut(f"{i + 1} {r}") for i, r in enumerate(rows)]
    left = 0.8 + 0.47 * max((len(t) for t in labels), default=1)
    drawing = svg(name, says, join(cells), max(CELL, min(CELL, 520 / max(1, n))) * n)
    body = Markup('<div class="plot heat" style="padding-left:{}rem">{}</div>').format(
        f"{left:.2f}", drawing
    )
    table = tuple(
        (label, *("" if v is None else shown(v) for v in row))
        for label, row in zip(rows, values, strict=True)
    )
    return Picture(name, says, body, ("", *columns), table, narrow=m <= 4)


def places(
    name: str,
    says: str,
    longitude: Sequence[float],
    latitude: Sequence[float],
    kinds: Sequence[str] | None = None,
) -> Picture:
    """Points on a map without a coast: degrees to the right and up, equal distances look equal."""
    x, y = around(longitude), around(latitude)
    middle = math.cos(math.radians((y.low + y.high) / 2)) or 1.0
    shape = (y.high - y.low) / max(1e-9, (x.high - x.low) * middle)
    height = round(min(420, max(120, 330 * shape)))
    numbers = (
        ("", "from", "to"),
        (
            ("longitude", f"{min(longitude):.4g}", f"{max(longitude):.4g}"),
            ("latitude", f"{min(latitude):.4g}", f"{max(latitude):.4g}"),
        ),
    )
    return scatter(
        name, says, longitude, latitude, right="degrees of longitude", up="degrees of latitude",
        kinds=kinds, x_scale=x, y_scale=y, height=height, square=True, numbers=numbers,
    )  # fmt: skip


def small(name: str, says: str, pictures: Sequence[Picture]) -> Picture:
    """Small multiples: pictures of one kind side by side, as many in a row as fit."""
    told = join(Markup("<div>{}</div>").format(p) for p in pictures)
    return Picture(name, says, Markup('<div class="multiples">{}</div>').format(told))


__all__ = ["Scale", "heat", "places", "small"]
