"""What the audits find in folders of pictures: planted, and silence where nothing was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from heldout.audits.finding import Finding
from heldout.splits.near import near_copies
from heldout.tables.read import read
from heldout.workflow.inspection import inspection
from images.pictures import stripes

OURS = ("A111", "A801", "A802", "A803", "A804", "A805")


def found(folder: Path) -> dict[str, Finding]:
    """Findings about pictures, by code."""
    return {f.code: f for f in inspection(str(folder), "label").findings if f.code in OURS}


def test_a_clean_folder_is_silent(tmp_path: Path) -> None:
    """Two classes, saved in one way, no picture twice."""
    assert found(stripes(tmp_path / "f", 30)) == {}


@pytest.mark.requirement("DATA-08", "DATA-07")
def test_planted_faults_are_found(tmp_path: Path) -> None:
    """Near copies under two labels, another size for one class, grey ones, damaged ones."""
    folder = stripes(tmp_path / "f", 40)
    rng = np.random.default_rng(0)
    for i in range(4):  # saved again, with a trace of noise, in the other class
        with Image.open(folder / "across" / f"{i}.png") as image:
            pixels = np.asarray(image).astype(float) + rng.normal(0, 0.7, (24, 24, 3))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(
            folder / "down" / f"copy{i}.png"
        )
    for i in range(10, 38):
        with Image.open(folder / "down" / f"{i}.png") as image:
            image.resize((60, 30)).save(folder / "down" / f"{i}.png")
    for i in range(5, 8):
        with Image.open(folder / "across" / f"{i}.png") as image:
            image.convert("L").save(folder / "across" / f"{i}.png")
    (folder / "across" / "broken.png").write_bytes(b"\x89PNG\r\n" + bytes(50))
    whole = (folder / "down" / "39.png").read_bytes()
    (folder / "down" / "39.png").write_bytes(whole[: len(whole) // 2])
    (folder / "neither").mkdir()
    made = found(folder)
    assert set(made) == set(OURS)
    assert made["A111"].evidence["pictures"] == 8
    assert made["A805"].evidence["rows"] == 8
    assert made["A805"].severity == "warn"
    assert made["A803"].evidence["unreadable"] == 2
    assert "broken.png" in made["A803"].what
    assert made["A804"].question
    notes = " ".join(read(folder).notes)
    assert "1 folder without a picture, so no class: neither" in notes


def test_near_copies_of_pictures_share_a_fold(tmp_path: Path) -> None:
    """Scaled and saved as JPEG, a picture is still the same one; flat ones are not told apart."""
    folder = stripes(tmp_path / "f", 30)
    for i in range(6):
        with Image.open(folder / "down" / f"{i}.png") as image:
            image.resize((96, 96), Image.Resampling.NEAREST).save(
                folder / "down" / f"again{i}.jpg", quality=95
            )
    near = near_copies(read(folder))
    assert near.pictures == 12
    assert near.rows == 6
    for i in range(6):
        Image.new("RGB", (24, 24), (i, 9, 9)).save(folder / "across" / f"flat{i}.png")
    assert near_copies(read(folder)).pictures == 12
