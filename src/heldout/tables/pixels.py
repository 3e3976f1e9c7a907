"""From the bytes of a picture to uint8 [height, width, 3]: the edge rule for images.

Decode, turn by EXIF, red-green-blue over white, then the average over the area of each new pixel
in whole numbers (``docs/edge.md``): from the decoded pixels on, every language can do the same to
the last digit. Pillow is imported when the first picture is opened.
"""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.core.errors import HeldoutError

RULE = "rgb-area-1"
"""Name of the rule in ``schema.json``; another rule gets another name."""
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
MOST_PIXELS = 64_000_000  # of a picture as stored: more is refused before it is decoded
MOST_BYTES = 100_000_000
MOST_CELLS = 1_000_000  # summed at a time


def decode(picture: bytes | str | os.PathLike[str]) -> Array | None:
    """All pixels, uint8 [height, width, 3], or None where it is no picture that can be read.

    A truncated file is none: half a picture would be answered as if it were whole.
    """
    image_room = _pillow()
    source: Any = io.BytesIO(picture) if isinstance(picture, bytes) else Path(picture)
    try:
        if not isinstance(picture, bytes) and source.stat().st_size > MOST_BYTES:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with image_room.open(source, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    return None
                return _rgb(image)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, TypeError):
        return None
    except (image_room.DecompressionBombError, OverflowError, ArithmeticError, KeyError):
        return None


def _rgb(image: Any) -> Array | None:
    """First frame, turned, in red, green, blue; transparent parts over white."""
    from PIL import ImageOps

    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith("I"):  # 16 bits a sample
        wide = np.asarray(turned).astype(np.int64)
        grey = np.clip(wide >> 8, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if turned.mode == "F":
        return None
    if "A" in turned.mode or "a" in turned.mode or "transparency" in turned.info:
        return over_white(np.asarray(turned.convert("RGBA")))
    return np.asarray(turned.convert("RGB"))


def over_white(rgba: Array) -> Array:
    """uint8 [h, w, 4] to [h, w, 3]: (color * alpha + 255 * (255 - alpha) + 127) // 255.

    >>> over_white(np.array([[[9, 9, 9, 0], [9, 9, 9, 255]]], np.uint8)).tolist()
    [[[255, 255, 255], [9, 9, 9]]]
    """
    wide = rgba.astype(np.int64)
    alpha = wide[:, :, 3:]
    mixed = (wide[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.asarray(mixed, dtype=np.uint8)


def resize(pixels: Array, height: int, width: int) -> Array:
    """uint8 [h, w, 3] to [height, width, 3]: each new pixel is the average over its area,
    weighted by overlap in whole numbers, rounded half up. The picture is stretched, not cut.

    >>> resize(np.array([[[0] * 3, [10] * 3, [21] * 3]], np.uint8), 1, 2)[0, :, 0].tolist()
    [3, 17]
    """
    h, w = pixels.shape[:2]
    if (h, w) == (height, width):
        return np.ascontiguousarray(pixels)
    flat = pixels.reshape(h, w * 3)
    block = max(3, MOST_CELLS // h)
    parts = [area_sums(flat[:, at : at + block], height) for at in range(0, w * 3, block)]
    rows = np.concatenate(parts, axis=1).reshape(height, w, 3)
    total = area_sums(rows.transpose(1, 0, 2), width).transpose(1, 0, 2)
    area = h * w
    return np.asarray((total + area // 2) // area, dtype=np.uint8)


def area_sums(values: Array, new: int) -> Ints:
    """Along the first axis, ``old`` cells to ``new``: new cell X covers [X * old, (X + 1) * old),
    old cell x covers [x * new, (x + 1) * new); each old value counts by the overlap, a whole
    number. Every new cell holds ``old`` parts.

    >>> area_sums(np.array([1, 10, 100]), 2).tolist()
    [12, 210]
    """
    old = len(values)
    before = np.zeros((old + 1, *values.shape[1:]), dtype=np.int64)
    np.cumsum(values, axis=0, dtype=np.int64, out=before[1:])
    cell, part = np.divmod(np.arange(new + 1) * old, new)
    inside = values[np.minimum(cell, old - 1)].astype(np.int64)
    ends = before[cell] * new + inside * part.reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(np.diff(ends, axis=0), dtype=np.int64)


def measure(picture: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Height and width as stored, from the head of the file; None where it is no picture."""
    image_room = _pillow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with image_room.open(Path(picture), formats=FORMATS) as image:
                return int(image.height), int(image.width)
    except (OSError, ValueError, SyntaxError, image_room.DecompressionBombError):
        return None


@dataclass(frozen=True)
class Head:
    """A picture as its file is written: ``mode`` such as RGB, L (grey), RGBA; ``bytes`` on disk."""

    height: int
    width: int
    mode: str
    format: str
    bytes: int


def head(picture: str | os.PathLike[str]) -> Head | None:
    """What the first bytes of the file say; None where it is no picture."""
    image_room = _pillow()
    path = Path(picture)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with image_room.open(path, formats=FORMATS) as image:
                made = (int(image.height), int(image.width), str(image.mode), str(image.format))
        return Head(*made, path.stat().st_size)
    except (OSError, ValueError, SyntaxError, image_room.DecompressionBombError):
        return None


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise HeldoutError(
            "H217",
            "pictures need Pillow, which is not installed",
            why="it decodes JPEG, PNG and the like",
            do=['pip install "heldout[images]"'],
        ) from error
    return Image
