"""Folders of small pictures with a known answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def stripes(folder: Path, each: int, side: int = 24, seed: int = 0) -> Path:
    """Two classes, stripes across and stripes down, of the same mean color: what a table of
    colors cannot tell and a small window can."""
    rng = np.random.default_rng(seed)
    for name in ("across", "down"):
        place = folder / name
        place.mkdir(parents=True)
        for i in range(each):
            wave = np.where((np.arange(side) + rng.integers(6)) % 6 < 3, 40, 200)
            plain = wave[:, None] if name == "across" else wave[None, :]
            noise = rng.normal(0, 20, size=(side, side, 3))
            made = np.clip(np.broadcast_to(plain[..., None], noise.shape) + noise, 0, 255)
            Image.fromarray(made.astype(np.uint8)).save(place / f"{i}.png")
    return folder
