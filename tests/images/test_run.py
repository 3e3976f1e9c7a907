"""From a folder of pictures to a bundle that answers: the whole corridor, once."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heldout
from heldout.bundle.edge import row
from heldout.core.journal import read_journal
from heldout.tables.read import read
from images.pictures import stripes


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("pictures")
    state = pytest.MonkeyPatch()
    state.setenv("HELDOUT_STATE", str(tmp_path_factory.mktemp("state")))
    made = heldout.run(
        str(stripes(folder / "stripes", 40)),
        models=["logistic", "convnet_small"],
        protocol="holdout",
        work=2,
        out=str(folder / "run"),
    )
    state.undo()
    return made


@pytest.mark.requirement("VISION-01", "VISION-02", "MODEL-12")
def test_stripes_are_told_apart_by_looking(run: Any) -> None:
    """Without --target the folder's name is the answer; mean colors know nothing of stripes."""
    assert run.task == "binary"
    assert run.answer == "signal"
    assert run.score > 0.9
    journal = read_journal(run.folder / "journal.jsonl")
    rows = next(e.numbers["rows"] for e in journal if e.step == "leaderboard")
    board = {r["name"]: r["score"] for r in rows}
    assert board["convnet_small"] > board["logistic"] + 0.2


def test_bundle_answers_folders_tables_and_records(run: Any, tmp_path: Path) -> None:
    bundle = run.load()
    assert bundle.schema["image"].size == (24, 24)
    assert bundle.manifest["parity"]["largest"] <= 1e-5
    new = stripes(tmp_path / "new", 10, side=48, seed=5)
    frame = bundle.predict(str(new)).frame
    truth = read(new).frame["label"].to_list()
    assert np.mean([a == b for a, b in zip(frame["label"].to_list(), truth, strict=True)]) > 0.8
    (tmp_path / "new/list.csv").write_text("image\nacross/0.png\nlost.png\n")
    listed = bundle.predict(str(tmp_path / "new/list.csv")).frame
    assert listed["refused"].to_list()[0] == ""
    assert "picture" in listed["refused"].to_list()[1]
    sent = base64.b64encode((new / "across/0.png").read_bytes()).decode()
    answer = bundle.predict_row({"image": sent})
    assert answer["prediction"] == listed["label"][0]
    assert answer["probability"]["across"] == pytest.approx(
        listed["probability_across"][0], abs=1e-6
    )
    assert "base64" in bundle.predict_row({"image": str(new / "across/0.png")})["refused"]


def test_nothing_of_a_picture_is_in_the_bundle(run: Any) -> None:
    """Sizes and the rule, a histogram of brightness; no path, no pixel of the data."""
    bundle = run.load()
    assert b".png" not in bundle.member("schema.json") + bundle.member("reference.json")
    assert bundle.reference["columns"]["image"]["kind"] == "image"
    assert bundle.schema["image"].formats == ("rgb-area-1",)
    columns, _ = row({"image": ""}, bundle.schema)
    assert bundle.run(columns)["probability"].shape == (1, 2)
