"""Every setting is a flag and a field of a file; the flag beats the file; the whole is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.core.space import Choice, Whole
from heldout.models.card import MODELS
from heldout.search.spaces import check, resolve, settings_of
from small_table import write_small


@pytest.mark.requirement("TUNE-02")
@pytest.mark.parametrize("card", MODELS.all(), ids=lambda c: c.name)
def test_every_setting_of_every_model_is_a_flag(card: Any) -> None:
    for name, part in card.space.items():
        said = {f"{card.name}.{name}": str(part.default)}
        assert settings_of(card, said) == {name: part.default}
        check(said)


@pytest.mark.requirement("TUNE-02")
def test_a_flag_beats_the_file_and_the_resolved_set_reads_back(tmp_path: Path) -> None:
    card, file = MODELS.get("lightgbm"), tmp_path / "space.yaml"
    file.write_text(
        "lightgbm:\n  leaves: 7\n  l2: {low: 0.1, high: 1.0}\n  objective: [l1, l2]\n  min_leaf: 3\n"
    )
    space = resolve(card, file, {"lightgbm.leaves": "31"})
    assert space.fixed == {"leaves": 31, "min_leaf": 3}
    assert space.free["objective"] == Choice(("l1", "l2"), "l1")
    assert (space.free["l2"].low, space.free["l2"].high, space.free["l2"].log) == (0.1, 1.0, True)
    assert set(space.start) == set(card.space)
    saved = tmp_path / "saved.yaml"
    saved.write_text(yaml.safe_dump(space.as_dict()))
    assert resolve(card, saved, {}) == space


@pytest.mark.requirement("TUNE-02")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lightgbm: {leafs: 3}", "H103"),
        ("leaves: {low: 9, high: 3}", "H102"),
        ("leaves: {low: 3}", "H102"),
        ("leaves: [4]", "H102"),
        ("leaves: many", "H102"),
        ("objective: {low: 1, high: 2}", "H102"),
        ("[1, 2]", "H102"),
        ("a: [", "H102"),
        ("l2: {low: 0, high: 1, log: true}", "H102"),
    ],
)
def test_a_space_that_cannot_be_searched(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(text)
    with pytest.raises(HeldoutError) as error:
        resolve(MODELS.get("lightgbm"), tmp_path / "space.yaml", {})
    assert error.value.code == code


def test_a_missing_file_and_unknown_names(tmp_path: Path) -> None:
    for call, code in (
        (lambda: resolve(MODELS.get("lightgbm"), tmp_path / "none.yaml", {}), "H201"),
        (lambda: check({"lightgmb.leaves": "3"}), "H103"),
        (lambda: check({"leafs": "3"}), "H103"),
        (lambda: check({"lightgbm.leaves": "x"}), "H102"),
    ):
        with pytest.raises(HeldoutError) as error:
            call()
        assert error.value.code == code


def test_a_name_alone_speaks_of_every_model_that_has_it() -> None:
    for name in ("lightgbm", "decision_tree"):
        assert settings_of(MODELS.get(name), {"leaves": "4"}) == {"leaves": 4}
    assert isinstance(MODELS.get("lightgbm").space["leaves"], Whole)


@pytest.mark.requirement("TUNE-02")
def test_a_run_holds_what_was_set(tmp_path: Path, here: Any) -> None:
    data = write_small(tmp_path / "small.csv")
    config = tmp_path / "spec.yaml"
    config.write_text("settings: {lightgbm: {leaves: 5, l2: 0.5}}\nmodels: [lightgbm]\n")
    said = here(
        "run", data, "--target", "answer", "--config", config, "--set", "lightgbm.leaves=3",
        "--work", 12, "--out", tmp_path / "run", "--json", "--quiet",
    )  # fmt: skip
    assert said.code in (0, 4)
    saved = yaml.safe_load((tmp_path / "run" / "spec.yaml").read_text())
    assert saved["settings"] == {"lightgbm.leaves": "3", "lightgbm.l2": 0.5}
    metas = [yaml.safe_load(p.read_text()) for p in (tmp_path / "run").glob("fits/*/meta.json")]
    boosted = [m["settings"] for m in metas if m["card"] == "lightgbm"]
    assert boosted and all((s["leaves"], s["l2"]) == (3, 0.5) for s in boosted)
    assert Journal(tmp_path / "run" / "journal.jsonl").entries()
