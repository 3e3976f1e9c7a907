"""What textbooks say of dropout, weight penalties, batch size, width and learning rate, tried.

Each setting is varied in two ways on 2,000 rows of a real table: by `heldout experiment` (early
stopping, as in use), and after a fixed number of epochs (as in the textbooks' pictures). Writes
docs/experiments/*.svg and docs/experiments/numbers.json; prints the tables of docs/experiments.md.

    HELDOUT_DATA=... python bench/experiments.py [dropout l2 batch width learning_rate]
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout import experiment
from heldout.core.seed import Seed
from heldout.stats.tests import corrected_interval

PLACE = Path(__file__).resolve().parents[1] / "docs" / "experiments"
ROWS, SEEDS, EPOCHS, SHARE = 2_000, 5, 60, 0.25
UNITS, RATE, BATCH = 128, 2e-3, 32
VARIED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "dropout": ("dropout", (0.0, 0.1, 0.2, 0.3, 0.5)),
    "l2": ("l2", (0.0, 1e-5, 1e-4, 1e-3, 1e-2)),
    "batch": ("batch", (16, 32, 64, 128, 256, 512)),
    "width": ("units", (4, 16, 64, 128, 256)),
    "learning_rate": ("learning_rate", (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)),
}


@dataclass(frozen=True)
class Line:
    """A mean with its interval for each value."""

    label: str
    mean: list[float]
    low: list[float]
    high: list[float]


def table(folder: Path) -> tuple[Path, Any, Any]:
    """The first rows by a fixed draw: a file, and scaled arrays."""
    import polars as pl

    source = Path(os.environ["HELDOUT_DATA"]) / "tables" / "binary" / "magic_telescope.csv"
    frame = pl.read_csv(source).drop("ID")
    frame = frame.rename({c: c.strip(":") for c in frame.columns})
    order = np.random.default_rng(0).permutation(frame.height)[:ROWS]
    frame = frame[order.tolist()]
    frame.write_csv(folder / "magic.csv")
    y = (frame["class"] == "g").to_numpy().astype(np.float32)
    return folder / "magic.csv", frame.drop("class").to_numpy().astype(np.float32), y[:, None]


def in_use(name: str, path: Path, folder: Path) -> Line:
    """`heldout experiment`: the score on validation rows, early stopping on others."""
    setting, values = VARIED[name]
    held = {"units": UNITS, "epochs": EPOCHS, "learning_rate": RATE, "batch": BATCH, "dropout": 0.0}
    held.pop(setting, None)
    found = experiment(
        path, "class", model="dense_net", vary={setting: list(values)}, seeds=SEEDS,
        settings={f"dense_net.{k}": v for k, v in held.items()}, metric="log_loss", folds=1,
        out=str(folder / name),
    )  # fmt: skip
    cells = found.cells
    low = [c.mean if c.low is None else c.low for c in cells]
    high = [c.mean if c.high is None else c.high for c in cells]
    return Line("with early stopping", [c.mean for c in cells], low, high)


def network(units: int = UNITS) -> Any:
    """Two layers of relu, dropout and an L2 penalty whose strengths are settings."""
    import keras

    layers, l2 = keras.layers, keras.regularizers.L2
    parts: list[Any] = [keras.Input((10,))]
    for _ in range(2):
        parts += [layers.Dense(units, "relu", kernel_regularizer=l2(0.0)), layers.Dropout(0.01)]
    model = keras.Sequential([*parts, layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    told = keras.metrics.BinaryCrossentropy(name="log_loss", from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss, weighted_metrics=[told])
    return model


def fixed(name: str, x: Any, y: Any) -> tuple[Line, Line]:
    """After EPOCHS epochs without early stopping: (validation, training) log loss."""
    from heldout.training import Data, Member, Population, Regime

    setting, values = VARIED[name]
    members, held = [], int(SHARE * ROWS)
    for value in values:
        for s in range(SEEDS):
            order = np.random.default_rng(s).permutation(ROWS)
            valid, train = order[:held], order[held:]
            scaled = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
            data = Data.of(scaled, y)
            own: dict[str, Any] = {"learning_rate": RATE, "dropout": 0.0, "l2": 0.0}
            if setting != "batch":
                own[setting] = value
            members.append(Member(f"{value} {s}", train, valid, Seed(s), own, data))
    if setting == "batch":
        done = []
        for i, value in enumerate(values):
            part = members[i * SEEDS : (i + 1) * SEEDS]
            done += Population(network, None, part, Regime(epochs=EPOCHS, batch=value)).run()
    else:
        done = Population(network, None, members, Regime(epochs=EPOCHS, batch=BATCH)).run()
    ends = []
    for measure in ("val_log_loss", "log_loss"):
        last = np.array([min(t.curve(measure)[-1], 9.0) for t in done]).reshape(-1, SEEDS)
        spread = [corrected_interval(row, SHARE) for row in last]
        ends.append([list(part) for part in zip(*spread, strict=True)])
    words = (f"after {EPOCHS} epochs", f"training rows, after {EPOCHS} epochs")
    valid_line, train_line = (Line(w, *e) for w, e in zip(words, ends, strict=True))
    return valid_line, train_line


def svg(name: str, lines: Sequence[Line]) -> str:
    """A picture of 640 x 320: places for the values, intervals as strokes."""
    setting, values = VARIED[name]
    finite = [v for line in lines for v in (*line.low, *line.high) if math.isfinite(v)]
    low, high = max(0.0, min(finite)), min(max(finite), 1.5)
    colors, dashes = ("#1f6f8b", "#b3541e", "#777777"), ("", "6 3", "2 3")

    def across(i: int, shift: float) -> float:
        return 70 + (i + 0.5) * 540 / len(values) + shift

    def up(v: float) -> float:
        return 270 - 230 * (min(max(v, low), high) - low) / (high - low)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 330" font-family="sans-serif" '
        f'font-size="12" role="img"><title>log loss by {setting}</title>'
        '<rect width="640" height="330" fill="#ffffff"/>'
    ]
    for k in range(5):
        v = low + k * (high - low) / 4
        parts.append(
            f'<path d="M70 {up(v):.1f}H620" stroke="#dddddd"/>'
            f'<text x="62" y="{up(v) + 4:.1f}" text-anchor="end">{v:.3f}</text>'
        )
    for i, value in enumerate(values):
        parts.append(f'<text x="{across(i, 0):.1f}" y="288" text-anchor="middle">{value:g}</text>')
    parts.append(f'<text x="345" y="306" text-anchor="middle">{setting}</text>')
    for j, line in enumerate(lines):
        shift = 8.0 * (j - (len(lines) - 1) / 2)
        points = [(across(i, shift), up(v)) for i, v in enumerate(line.mean)]
        way = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        parts.append(
            f'<path d="M{way}" fill="none" stroke="{colors[j]}" stroke-dasharray="{dashes[j]}"/>'
        )
        for i, (a, b) in enumerate(points):
            ends = f"M{a:.1f} {up(line.low[i]):.1f}V{up(line.high[i]):.1f}"
            parts.append(f'<path d="{ends}" stroke="{colors[j]}" stroke-width="2"/>')
            parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{colors[j]}"/>')
        parts.append(f'<text x="{75 + 190 * j}" y="325" fill="{colors[j]}">{line.label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def markdown(name: str, lines: Sequence[Line]) -> str:
    """A table: a row a value."""
    setting, values = VARIED[name]
    rows = [f"| {setting} | " + " | ".join(line.label for line in lines) + " |"]
    rows.append("|" + "---|" * (len(lines) + 1))
    for i, value in enumerate(values):
        cells = [f"{p.mean[i]:.3f} ({p.low[i]:.3f} to {p.high[i]:.3f})" for p in lines]
        rows.append(f"| {value:g} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main(names: Sequence[str]) -> None:
    """The named experiments, or all."""
    PLACE.mkdir(exist_ok=True)
    numbers = PLACE / "numbers.json"
    kept: dict[str, Mapping[str, Any]] = json.loads(numbers.read_text()) if numbers.exists() else {}
    with tempfile.TemporaryDirectory() as place:
        path, x, y = table(Path(place))
        for name in names or list(VARIED):
            lines = [in_use(name, path, Path(place)), *fixed(name, x, y)]
            (PLACE / f"{name}.svg").write_text(svg(name, lines), encoding="utf-8")
            kept[name] = {"values": VARIED[name][1], "lines": [vars(line) for line in lines]}
            numbers.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            print(f"\n{name}\n\n{markdown(name, lines)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
