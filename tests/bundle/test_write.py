"""Equal models give equal bytes; after the opening only the manifest and the card change."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from heldout.bundle import load
from heldout.bundle.content import MODEL_MEMBERS, REQUIRED
from heldout.bundle.write import rewrite_verdict

Make = Callable[..., Path]


def test_equal_models_give_equal_bytes(made: Make) -> None:
    """No clock, no order, no path in the file."""
    assert made().read_bytes() == made().read_bytes()


def test_members_are_fixed_and_sorted(bundle_path: Path) -> None:
    """As contract 6 names them."""
    with zipfile.ZipFile(bundle_path) as archive:
        assert tuple(archive.namelist()) == REQUIRED
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_private_to_its_owner(bundle_path: Path) -> None:
    """Contract 18."""
    assert bundle_path.stat().st_mode & 0o077 == 0


def test_the_opening_changes_manifest_and_card_only(made: Make) -> None:
    """The model's digest stands before the seal is opened, and after."""
    path = made()
    before = load(path)
    rewrite_verdict(
        path, {"metric": "roc_auc", "value": 0.8}, {"value": 0.5}, {"openings": 1}, "# scored\n"
    )
    after = load(path)
    assert after.digest == before.digest
    assert all(after.member(n) == before.member(n) for n in MODEL_MEMBERS)
    assert after.manifest["verdict"]["value"] == 0.8
    assert after.manifest["seal"] == {"openings": 1}
    assert after.card == "# scored\n"


def test_the_model_decides_its_digest(made: Make) -> None:
    """Another recipe is another model, another score is not."""
    one, two = made(recipe={"members": [1]}), made(verdict={"value": 1.0})
    assert load(one).digest != load(two).digest
    assert load(two).digest == load(made()).digest


def test_no_row_and_no_ignored_column_is_inside(bundle_path: Path) -> None:
    """Contract 17: ignored columns stay out, rare levels too, extremes are rounded outwards."""
    with zipfile.ZipFile(bundle_path) as archive:
        schema = json.loads(archive.read("schema.json"))
        everything = b"".join(archive.read(n) for n in archive.namelist())
    by_name = {c["name"]: c for c in schema}
    assert set(by_name) == {"age", "plan", "member", "since", "left"}
    assert by_name["plan"]["levels"] == ["basic", "gold"]
    assert by_name["age"]["low"] == 18.0
    assert by_name["age"]["high"] == 80.0
    assert b"one-off" not in everything
    assert b"Ada" not in everything


def test_nothing_half_written_stays(tmp_path: Path, made: Make) -> None:
    """A value that is not JSON stops the writing; the old file stays whole."""
    path = made()
    old = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        rewrite_verdict(path, {"value": float("nan")}, None, {}, "")
    assert path.read_bytes() == old
    assert [p.name for p in path.parent.iterdir()] == [path.name]
