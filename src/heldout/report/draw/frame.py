"""The frame of a plot: grid, ticks, the words of both axes and the legend.

Places are percent, sizes pixels: the frame follows the width of the page, its text does not shrink.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from heldout.report.draw.picture import join, svg, tag
from heldout.report.draw.scale import Scale

HEIGHT = 220
KINDS = 6  # colors with dashes of their own, in style.css


def plot(
    name: str,
    says: str,
    x: Scale,
    y: Scale,
    inside: Markup,
    *,
    right: str,
    up: str,
    height: int = HEIGHT,
    square: bool = False,
    x_names: Sequence[tuple[float, str]] | None = None,
    legend: Sequence[tuple[str, str]] = (),
) -> Markup:
    """The drawing ``inside`` (percent of both scales) with its axes.

    ``right`` and ``up`` say what the axes are; ``x_names`` (place, text) stand in for ticks;
    ``legend`` holds (class, label).
    """
    ticks = y.ticks()
    left = 0.75 + 0.56 * max((len(t) for _, t in ticks), default=1)
    parts = []
    for value, text in ticks:
        at = f"{100 - y.at(value)}%"
        parts.append(tag("line", class_="grid", x1=0, x2="100%", y1=at, y2=at))
        parts.append(tag("text", text, class_="tick", x=-7, y=at, dy=".35em", text_anchor="end"))
    places = [(x.at(v), t) for v, t in x.ticks()] if x_names is None else list(x_names)
    for at_x, text in places:
        anchor = "start" if at_x < 4 else "end" if at_x > 96 else "middle"
        if x_names is None:
            parts.append(
                tag("line", class_="notch", x1=f"{at_x}%", x2=f"{at_x}%", y1="100%", y2=height + 4)
            )
        parts.append(
            tag("text", text, class_="tick", x=f"{at_x}%", y=height + 17, text_anchor=anchor)
        )
    parts.append(tag("line", class_="base", x1=0, x2="100%", y1="100%", y2="100%"))
    drawing = svg(name, says, join([*parts, inside]), height)
    return Markup('{}<div class="plot{}" style="padding-left:{}rem">{}</div>{}').format(
        keys(legend),
        " square" if square else "",
        f"{left * 0.82:.2f}",
        drawing,
        Markup('<p class="axes">Right: {}. Up: {}.</p>').format(right, up),
    )


def stretched(inside: Markup) -> Markup:
    """Paths in a box of 100 x 100 that is stretched over the plot; strokes keep their width."""
    return Markup(
        '<svg class="area" aria-hidden="true" x="0" y="0" width="100%" height="100%" viewBox="0 0 100 100" '
        'preserveAspectRatio="none">{}</svg>'
    ).format(inside)


def path(points: Sequence[tuple[float, float]], *, step: bool = False, close: bool = False) -> str:
    """Points in percent (up is up) as the ``d`` of a path; ``step`` keeps a value until the next.

    >>> path([(0.0, 0.0), (100.0, 50.0)])
    'M0 100L100 50'
    """
    if not points:
        return ""
    told, before = [], None
    for x, y in points:
        if step and before is not None:
            told.append(f"L{x:g} {round(100 - before, 2):g}")
        told.append(f"{'L' if told else 'M'}{x:g} {round(100 - y, 2):g}")
        before = y
    return "".join(told) + ("Z" if close else "")


def keys(legend: Sequence[tuple[str, str]]) -> Markup:
    """What each line or mark is; nothing where there is only one without a name."""
    named = [(kind, label) for kind, label in legend if label]
    if not named:
        return Markup("")
    told = join(
        Markup(
            '<span><svg class="swatch" width="26" height="12" aria-hidden="true" focusable="false">'
            '<line class="line {0}" x1="0" x2="26" y1="6" y2="6"/></svg>{1}</span>'
        ).format(kind, label)
        for kind, label in named
    )
    return Markup('<p class="legend">{}</p>').format(told)
