"""Draw docs/images/optimizers.svg: optimizers on three surfaces (``heldout.training.surfaces``).

python bench/optimizers.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heldout.training.surfaces import SURFACES, Walk, walk

PLACE = Path(__file__).resolve().parent.parent / "docs" / "images" / "optimizers.svg"
WALKS = {
    "two hollows": [("sgd", 0.05), ("momentum", 0.05)],
    "valley": [("sgd", 0.03), ("momentum", 0.03), ("adam", 0.2)],
    "saddle": [("sgd", 0.05), ("momentum", 0.05), ("rmsprop", 0.05)],
}
COLORS = {"sgd": "#3b6fb6", "momentum": "#c2410c", "adam": "#15803d", "rmsprop": "#15803d"}
DASHES = {"sgd": "", "momentum": "7 3", "adam": "2 3", "rmsprop": "2 3"}
WIDE, HIGH = 300, 220
ROOM = {"two hollows": (-2.0, 1.75, -0.8, 2.4), "valley": (-4.5, 2.0, -1.6, 1.6), "saddle": (-1.2, 2.3, -0.4, 1.5)}  # fmt: skip


def at(name: str, x: float, y: float) -> str:
    left, right, low, high = ROOM[name]
    return f"{(x - left) / (right - left) * WIDE:.1f},{HIGH - (y - low) / (high - low) * HIGH:.1f}"


def line(points: list[str], style: str) -> str:
    return f'<polyline fill="none" points="{" ".join(points)}" {style}/>'


def ground(name: str) -> list[str]:
    """The curve, or lines of equal height."""
    left, right, low, high = ROOM[name]
    surface = SURFACES[name]
    if name == "two hollows":
        xs = np.linspace(left, right, 80)
        curve = [at(name, x, surface.height(np.array([x]))) for x in xs]
        return [line(curve, 'stroke="#888" stroke-width="1.5"')]
    made, cells = [], 48
    xs, ys = np.linspace(left, right, cells), np.linspace(low, high, cells)
    heights = np.array([[surface.height(np.array([x, y])) for x in xs] for y in ys])
    for level in np.quantile(heights, np.linspace(0.05, 0.9, 9)):
        for i in range(cells - 1):
            for j in range(cells - 1):
                made += piece(name, xs[j : j + 2], ys[i : i + 2], heights[i : i + 2, j : j + 2] - level)  # fmt: skip
    return [f'<path fill="none" stroke="#bbb" stroke-width="0.7" d="{"".join(made)}"/>']


def piece(name: str, x: np.ndarray, y: np.ndarray, h: np.ndarray) -> list[str]:
    """Where a cell's border is crossed, joined (marching squares, without the ambiguous case)."""
    corners = [(x[0], y[0], h[0, 0]), (x[1], y[0], h[0, 1]), (x[1], y[1], h[1, 1]), (x[0], y[1], h[1, 0])]  # fmt: skip
    cuts = []
    for (ax, ay, a), (bx, by, b) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (a > 0) != (b > 0):
            t = a / (a - b)
            cuts.append(at(name, ax + t * (bx - ax), ay + t * (by - ay)))
    return [f"M{cuts[0]}L{cuts[1]}"] if len(cuts) == 2 else []


def path(name: str, walked: Walk) -> list[str]:
    places = walked.places
    if name == "two hollows":
        points = [(p[0], h) for p, h in zip(places, walked.heights, strict=True)]
    else:
        points = [(p[0], p[1]) for p in places]
    color, dash = COLORS[walked.optimizer], DASHES[walked.optimizer]
    where = [at(name, x, y) for x, y in points]
    x, y = where[-1].split(",")
    made = [line(where, f'stroke="{color}" stroke-width="1.6" stroke-dasharray="{dash}"')]
    return [*made, f'<circle cx="{x}" cy="{y}" r="4" fill="{color}"/>']


def main() -> None:
    parts = []
    for i, (name, walks) in enumerate(WALKS.items()):
        inside = ground(name)
        for j, (optimizer, rate) in enumerate(walks):
            inside += path(name, walk(name, optimizer, rate))
            inside.append(
                f'<text x="6" y="{HIGH + 38 + 16 * j}" fill="{COLORS[optimizer]}">'
                f"{optimizer}, rate {rate:g}</text>"
            )
        inside.append(f'<text x="6" y="{HIGH + 18}" font-weight="bold">{name}</text>')
        parts.append(f'<g transform="translate({10 + i * (WIDE + 20)},10)">{"".join(inside)}</g>')
    size = f"0 0 {3 * (WIDE + 20)} {HIGH + 90}"
    PLACE.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" font-family="sans-serif"'
        f' font-size="13"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
