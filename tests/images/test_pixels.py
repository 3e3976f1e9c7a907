"""The edge rule of pictures: decode, turn, colors, the average over areas (docs/edge.md, 5)."""

from __future__ import annotations

import base64
import io
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from heldout.bundle.edge import row
from heldout.core.errors import HeldoutError
from heldout.tables import pixels
from heldout.tables.schema import Column, Schema

COLUMN = Column("image", "image", size=(8, 16), formats=(pixels.RULE,))


def by_fractions(p: np.ndarray, height: int, width: int) -> np.ndarray:
    """The formula of the page, in exact fractions."""
    h, w = p.shape[:2]

    def overlap(old: int, new: int, at: int, cell: int) -> int:
        return max(0, min((cell + 1) * new, (at + 1) * old) - max(cell * new, at * old))

    made = np.zeros((height, width, 3), dtype=np.uint8)
    for y, x, c in np.ndindex(height, width, 3):
        total = sum(
            overlap(h, height, y, j) * overlap(w, width, x, i) * int(p[j, i, c])
            for j in range(h)
            for i in range(w)
        )
        made[y, x, c] = int(Fraction(total, h * w) + Fraction(1, 2))
    return made


sizes = st.integers(1, 7)


@pytest.mark.requirement("VISION-01")
@settings(max_examples=25, deadline=None)
@given(sizes, sizes, sizes, sizes, st.integers(0, 2**32 - 1))
def test_resize_is_the_average_over_areas(
    h: int, w: int, new_h: int, new_w: int, seed: int
) -> None:
    p = np.random.default_rng(seed).integers(0, 256, size=(h, w, 3), dtype=np.uint8)
    assert np.array_equal(pixels.resize(p, new_h, new_w), by_fractions(p, new_h, new_w))


def test_resize_in_pieces_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large pictures are summed some columns at a time."""
    p = np.random.default_rng(0).integers(0, 256, size=(301, 97, 3), dtype=np.uint8)
    whole = pixels.resize(p, 64, 48)
    monkeypatch.setattr(pixels, "MOST_CELLS", 2_000)
    assert np.array_equal(pixels.resize(p, 64, 48), whole)
    white = np.full((997, 1009, 3), 255, np.uint8)
    assert (pixels.resize(white, 64, 64) == 255).all()


def encoded(image: Image.Image, form: str, **more: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **more)
    return buffer.getvalue()


def test_exif_orientation_is_followed() -> None:
    """A telephone writes the sensor's rows and says how it was held."""
    p = np.zeros((4, 6, 3), np.uint8)
    p[0, :, 0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    got = pixels.decode(encoded(Image.fromarray(p), "PNG", exif=exif))
    assert got is not None
    assert got.shape == (6, 4, 3)
    assert (got[:, -1, 0] == 255).all()


def test_modes_become_red_green_blue() -> None:
    gray = Image.fromarray(np.array([[0, 128, 255]], np.uint8))
    assert pixels.decode(encoded(gray, "PNG")).tolist() == [[[0] * 3, [128] * 3, [255] * 3]]
    deep = Image.fromarray(np.array([[0, 0x8000, 0xFFFF]], np.uint16))
    assert pixels.decode(encoded(deep, "PNG")).tolist() == [[[0] * 3, [128] * 3, [255] * 3]]
    clear = Image.frombytes("RGBA", (2, 1), bytes([255, 0, 0, 128, 1, 2, 3, 0]))
    assert pixels.decode(encoded(clear, "PNG")).tolist() == [[[255, 127, 127], [255] * 3]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([10, 20, 30])
    assert pixels.decode(encoded(palette, "GIF")).tolist() == [[[10, 20, 30]]]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255))
def test_hostile_bytes_are_refused_and_nothing_else(data: bytes, at: int, value: int) -> None:
    """Noise, and a picture with a byte changed or its end cut off."""
    whole = bytearray(encoded(Image.new("RGB", (9, 7), (1, 2, 3)), "PNG"))
    changed, cut = bytearray(whole), bytes(whole[: at % len(whole)])
    changed[at % len(changed)] = value
    for bad in (data, bytes(changed), cut):
        got = pixels.decode(bad)
        assert got is None or (got.dtype == np.uint8 and got.ndim == 3 and got.shape[2] == 3)


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.new("L", (300, 300)), "PNG")
    monkeypatch.setattr(pixels, "MOST_PIXELS", 80_000)
    assert pixels.decode(data) is None


def test_real_files_of_many_formats(data_folder: Path, tmp_path: Path) -> None:
    """Grey, palette, CMYK, 16 bit, animated, turned; broken ones are refused, none crashes."""
    with zipfile.ZipFile(data_folder / "images" / "mixed_formats.zip") as archive:
        archive.extractall(tmp_path)
    found = {p.name: pixels.decode(p) for p in sorted(tmp_path.rglob("*")) if p.is_file()}
    read = [name for name, p in found.items() if p is not None]
    refused = [name for name, p in found.items() if p is None]
    assert len(read) >= 20
    assert any(name.endswith(".txt") or "text" in name for name in refused)
    assert any("trunc" in name or "broken" in name for name in refused)


def test_a_record_holds_the_picture_and_never_a_path(tmp_path: Path) -> None:
    schema = Schema((COLUMN,))
    data = encoded(Image.new("RGB", (40, 20), (9, 8, 7)), "PNG")
    text = base64.b64encode(data).decode()
    for sent in (text, f"data:image/png;base64,{text}", data):
        columns, refused = row({"image": sent}, schema)
        assert refused == []
        assert columns["image"].shape == (1, 8, 16, 3)
        assert columns["image"][0, 0, 0].tolist() == [9, 8, 7]
    path = tmp_path / "secret.png"
    path.write_bytes(data)
    for sent in (str(path), "", None, 5, "AAAA", "%%%"):
        columns, refused = row({"image": sent}, schema)
        assert [r.column for r in refused] == ["image"]
        assert not columns["image"].any()


def test_without_pillow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(HeldoutError) as caught:
        pixels.decode(b"anything")
    assert caught.value.code == "H217"
