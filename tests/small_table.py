"""A table of 200 rows that a model can learn a little from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl


def small_frame(rows: int = 200, kind: str = "binary") -> pl.DataFrame:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(rows, 3))
    score = x[:, 0] + 0.5 * x[:, 1] ** 2 + rng.normal(0, 0.7, rows)
    answer = score if kind == "regression" else np.where(score > 0.3, "yes", "no")
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "answer": answer})


def write_small(path: Path, rows: int = 200, kind: str = "binary") -> Path:
    small_frame(rows, kind).write_csv(path)
    return path
