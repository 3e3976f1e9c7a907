"""Pictures of many columns: where cells are missing, what moves together, places, time, skill."""

from __future__ import annotations

import math

from heldout.core.names import count, plural
from heldout.report import draw
from heldout.report.draw import Bar, Picture, Series
from heldout.report.figures import percent
from heldout.report.inspected.columns import figure, moment, moments
from heldout.report.inspected.inspection import Inspection, Spots
from heldout.tables.together import Course

MOST_BARS = 20


def missing(found: Inspection) -> list[Picture]:
    """Shares of missing cells, and where in the file they are."""
    gaps = sorted((c for c in found.schema if c.nulls), key=lambda c: -c.nulls)
    if not gaps:
        return []
    rows = max(1, found.rows)
    bars = [Bar(c.name, c.nulls / rows, note=count(c.nulls)) for c in gaps[:MOST_BARS]]
    more = len(gaps) - len(bars)
    told = f"{plural(len(gaps), 'column')} with empty cells" + (
        f"; the {len(bars)} with most are shown." if more > 0 else "."
    )
    pictures = [
        draw.bars(
            "How much is missing", told, bars, shown=percent, scale=draw.Scale(0.0, 1.0),
            head=("column", "missing", "cells"),
        )
    ]  # fmt: skip
    if found.gaps is not None and len(found.gaps[1]) and found.gaps[1].shape[1] > 1:
        names, values = found.gaps
        parts = values.shape[1]
        pictures.append(
            draw.heat(
                "Where in the file it is missing",
                f"The file from its first rows (left) to its last (right) in {parts} parts. "
                "The darker, the more is missing there.",
                names, [str(i + 1) for i in range(parts)], values.tolist(), shown=percent,
            )
        )  # fmt: skip
    return pictures


def correlated(found: Inspection) -> Picture | None:
    """Rank correlations of numbers."""
    if found.correlated is None or len(found.correlated[0]) < 2:
        return None
    names, values = found.correlated
    cells = [[None if math.isnan(v) else float(v) for v in row] for row in values]
    pairs = [
        (abs(v), names[i], names[j], v)
        for i, row in enumerate(cells)
        for j, v in enumerate(row)
        if j > i and v is not None
    ]
    strongest = ""
    if pairs:
        _, a, b, value = max(pairs)
        strongest = f" Strongest: {a} and {b}, {value:.2f}."
    return draw.heat(
        "Rank correlations",
        "1: both rise together; -1 (the other color): one rises as the other falls; near 0: "
        f"neither.{strongest}",
        names, names, cells, shown=lambda v: f"{v:.2f}", high=1.0,
    )  # fmt: skip


def skills(found: Inspection) -> Picture | None:
    """How much each column alone says of the target."""
    if not found.skills or found.target is None:
        return None
    bars = [
        Bar(name, max(0.0, skill), note="" if real else "not beyond noise")
        for name, skill, real in found.skills[:MOST_BARS]
    ]
    left = len(found.skills) - len(bars)
    return draw.bars(
        f"What each column says of {found.target} alone",
        "Share of the loss of the best constant answer that a small model of this column removes, "
        "out of fold, on open rows." + (f" {plural(left, 'column')} less." if left else ""),
        bars, shown=percent, head=("column", "share", ""),
    )  # fmt: skip


def places(spots: Spots) -> Picture:
    """A map without a coast."""
    north, east = [p[0] for p in spots.at], [p[1] for p in spots.at]
    return draw.places(
        f"{spots.latitude} and {spots.longitude} on a map",
        f"{plural(len(spots.at), 'place')}, drawn at random.",
        east, north, spots.kinds,
    )  # fmt: skip


def course(made: Course) -> list[Picture]:
    """Rows and means over time."""
    kept = [i for i, n in enumerate(made.rows) if n]
    names = moments((made.at[0], made.at[-1]))
    scale = draw.Scale(made.at[0], made.at[-1])
    pictures = [
        draw.lines(
            f"Rows by {made.date}", "A gap or a jump says that the way of recording changed.",
            [Series("", made.at, made.rows)], right=made.date, up="rows", x=scale,
            y=draw.around(made.rows, zero=True), height=140, shown=count, shown_x=moment, names=names,
        )
    ]  # fmt: skip
    for name, means in made.means:
        known = [i for i in kept if math.isfinite(means[i])]
        if len(known) < 2:
            continue
        pictures.append(
            draw.lines(
                f"{name} by {made.date}", "Mean of each stretch of time.",
                [Series("", [made.at[i] for i in known], [means[i] for i in known])],
                right=made.date, up=f"mean of {name}", x=scale, height=140, shown=figure,
                shown_x=moment, names=names,
            )
        )  # fmt: skip
    return pictures
