"""A folder per class becomes a table; its pictures have one size and are decoded when needed."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from heldout.core.errors import HeldoutError
from heldout.splits.samples import make_samples
from heldout.tables.answering import chunks
from heldout.tables.read import read
from heldout.tasks.state import state
from images.pictures import stripes


@pytest.mark.requirement("VISION-01")
def test_cats_and_dogs_are_a_table(data_folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data_folder / "images" / "cats_dogs.zip") as archive:
        archive.extractall(tmp_path, [n for n in archive.namelist() if n.endswith(("1.jpg", "/"))])
    table = read(tmp_path)
    kinds = {c.name: (c.kind, c.role) for c in table.schema}
    assert kinds == {"image": ("image", "input"), "label": ("category", "input")}
    assert table.schema["image"].size == (64, 64)
    assert table.schema["image"].levels == ()
    assert any("stretched to 64 x 64" in note for note in table.notes)
    pictures = table.arrays(["image"])["image"]
    assert pictures.shape == (table.rows, 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert pictures.std() > 20
    task = state(table, "label")
    assert (task.kind, task.classes) == ("binary", ("cat", "dog"))


def test_unreadable_pictures_are_left_out_and_named(tmp_path: Path) -> None:
    stripes(tmp_path, 12)
    (tmp_path / "across" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    (tmp_path / "across" / "notes.txt").write_text("no picture")
    table = read(tmp_path)
    assert table.rows == 24
    assert any("1 picture left out" in note and "broken.png" in note for note in table.notes)


def test_equal_pictures_are_copies_wherever_they_lie(tmp_path: Path) -> None:
    """What is seen counts, not the name of the file: the seal does not move with the folder."""
    stripes(tmp_path / "here", 12)
    shutil.copy(tmp_path / "here/down/3.png", tmp_path / "here/down/copy.png")
    table = read(tmp_path / "here")
    samples = make_samples(table, state(table, "label"))
    assert (samples.copy_of != np.arange(25)).sum() == 1
    shutil.move(tmp_path / "here", tmp_path / "there")
    again = make_samples(read(tmp_path / "there"), state(table, "label"))
    assert np.array_equal(samples.content, again.content)


def test_a_table_may_name_pictures(tmp_path: Path) -> None:
    """Paths are relative to the file that names them; other columns stay beside the picture."""
    stripes(tmp_path, 6)
    rows = [f"{c}/{i}.png,{i},{c}" for c in ("across", "down") for i in range(6)]
    (tmp_path / "list.csv").write_text("\n".join(["picture,weight,kind", *rows]))
    table = read(tmp_path / "list.csv")
    assert table.schema["picture"].kind == "image"
    assert table.arrays(["picture"])["picture"].std() > 20
    chunk = next(iter(chunks(tmp_path / "list.csv", table.schema)))
    assert chunk.columns["picture"].shape == (12, 24, 24, 3)
    (tmp_path / "new.csv").write_text("picture,weight,kind\ndown/1.png,1,x\nlost.png,2,x\n,3,x\n")
    chunk = next(iter(chunks(tmp_path / "new.csv", table.schema)))
    assert chunk.accepted.tolist() == [0]
    assert [(r.row, r.column) for r in chunk.refused] == [(1, "picture"), (2, "picture")]
    assert "picture that can be read" in chunk.refused[0].expected


def test_names_of_pictures_that_are_not_there_are_no_input(tmp_path: Path) -> None:
    rows = [f"p{i}.jpg,{i % 7},{i % 2}" for i in range(40)]
    (tmp_path / "list.csv").write_text("\n".join(["picture,x,y", *rows]))
    column = read(tmp_path / "list.csv").schema["picture"]
    assert column.role == "ignored"
    assert "not there" in column.reason


def test_pictures_in_one_folder_have_no_label(tmp_path: Path) -> None:
    """What is to be answered; for a run the error says that the label is not there."""
    for i in range(5):
        Image.new("RGB", (20, 20), (i, 0, 0)).save(tmp_path / f"{i}.png")
    assert read(tmp_path).schema.names == ["image"]
    with pytest.raises(HeldoutError) as caught:
        read(tmp_path / "nothing")
    assert caught.value.code == "H201"
    (tmp_path / "empty").mkdir()
    with pytest.raises(HeldoutError) as caught:
        read(tmp_path / "empty")
    assert caught.value.code == "H202"
