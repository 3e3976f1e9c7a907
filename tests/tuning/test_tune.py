"""A search of settings: resumable, shared, given up by fold, paid for, and honest about defaults."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

import heldout
from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.report.tuned import Tuned, page, screen
from small_table import small_frame, write_small

TREE = ["--model", "decision_tree", "--target", "answer"]


def tuned(out: Path, **more: Any) -> Tuned:
    said = {"model": "decision_tree", "trials": 4, "protocol": "90/10", **more}
    return heldout.tune(small_frame(), "answer", out=str(out), **said)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    return heldout.tune(
        small_frame(), "answer", model="decision_tree", trials=6,
        out=str(tmp_path_factory.mktemp("tune") / "one"),
    )  # fmt: skip


@pytest.mark.requirement("TUNE-01", "TUNE-03", "TUNE-05")
def test_trials_have_folders_and_the_records_part_set_from_learned(one: Tuned) -> None:
    folders = sorted((Path(one.folder) / "trials").iterdir())
    assert [f.name for f in folders] == [f"{i:04}" for i in range(6)]
    for trial, folder in zip(one.trials, folders, strict=True):
        kept = json.loads((folder / "result.json").read_text())
        assert kept["settings"] == dict(trial.settings) and kept["state"] == trial.state
        assert len(kept["learned"]) == trial.folds and "leaves" not in kept["learned"][0]
        said = yaml.safe_load((folder / "settings.yaml").read_text())
        assert said == {"decision_tree": dict(trial.settings)}
        assert (folder / "prediction.npy").exists() == (trial.state == "whole")
    assert len({tuple(t.settings.items()) for t in one.trials}) > 3


@pytest.mark.requirement("TUNE-10", "TUNE-06", "EVAL-12")
def test_it_says_whether_it_improved_on_the_defaults_with_the_choice_paid_for(one: Tuned) -> None:
    assert one.default == 0 and one.trials[0].settings == {
        "leaves": 16, "min_leaf": 20, "max_depth": 6,
    }  # fmt: skip
    values = [t.value for t in one.trials if t.value is not None]
    assert one.naive == pytest.approx(max(values))
    assert one.score <= one.naive and one.correction <= 0
    assert one.looks == sum(t.state in ("whole", "pruned") for t in one.trials)
    assert "improve" in one.verdict
    if one.gain is not None:
        assert one.gain.paid == pytest.approx(one.gain.measured - one.gain.flattered)
        assert one.improved == (one.gain.low is not None and one.gain.low > 0)
        assert one.kept == (one.top if one.gain.paid > 0 else one.default)
    steps = {e.step: e for e in Journal(Path(one.folder) / "journal.jsonl").entries()}
    assert steps["looks"].numbers["looks"] == one.looks
    assert steps["looks"].numbers["cost"] == abs(one.correction)
    told = " ".join(screen(one).split())
    assert f"{one.looks} looks at 200 validation rows" in told and one.verdict in told
    html = Path(one.folder, "tune.html").read_text(encoding="utf-8")
    assert html == page(one) and "may not carry over to other architectures" in html


@pytest.mark.requirement("TUNE-10")
def test_where_nothing_can_be_learned_the_defaults_are_kept(tmp_path: Path) -> None:
    frame = small_frame().with_columns(answer=small_frame()["answer"].shuffle(seed=1))
    found = heldout.tune(
        frame, "answer", model="decision_tree", trials=4, out=str(tmp_path / "none")
    )
    assert not found.improved and "did not improve" in found.verdict
    assert found.as_dict()["answer"] == "not improved"


@pytest.mark.requirement("TUNE-02")
def test_the_space_is_a_file_flags_beat_it_and_the_best_can_be_run(
    tmp_path: Path, here: Any
) -> None:
    data = write_small(tmp_path / "small.csv")
    space = tmp_path / "space.yaml"
    space.write_text("decision_tree: {leaves: [2, 3, 4], min_leaf: 5, max_depth: 3}\n")
    out = tmp_path / "run"
    said = here(
        "tune", data, *TREE, "--space", space, "--set", "decision_tree.min_leaf=7",
        "--trials", 3, "--out", out, "--json",
    ).values  # fmt: skip
    assert said["searched"] == ["leaves"]
    assert {t["settings"]["min_leaf"] for t in said["trials"]} == {7}
    assert {t["settings"]["leaves"] for t in said["trials"]} <= {2, 3, 4}
    resolved = yaml.safe_load((out / "space.yaml").read_text())["decision_tree"]
    assert resolved == {"leaves": [2, 3, 4], "min_leaf": 7, "max_depth": 3}
    ran = here("run", data, "--config", out / "best.yaml", "--work", 10, "--out", tmp_path / "b",
               "--json", "--quiet")  # fmt: skip
    assert ran.code in (0, 4)
    metas = [json.loads(p.read_text()) for p in (tmp_path / "b" / "fits").glob("*/meta.json")]
    assert {json.dumps(m["settings"], sort_keys=True) for m in metas} == {
        json.dumps(said["settings"], sort_keys=True)
    }


@pytest.mark.requirement("TUNE-01")
def test_the_same_command_twice_gives_the_same_and_costs_nothing(tmp_path: Path) -> None:
    first, other = tuned(tmp_path / "a"), tuned(tmp_path / "b")
    assert [t.settings for t in first.trials] == [t.settings for t in other.trials]
    again = tuned(tmp_path / "a")
    assert again.fits == 0 and again.trials == first.trials and again.score == first.score
    more = tuned(tmp_path / "a", trials=5)
    assert more.trials[:4] == first.trials and len(more.trials) == 5


COMMAND = [sys.executable, "-m", "heldout", "tune"]


def start(data: Path, out: Path, *more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, str(data), *TREE, "--protocol", "90/10", "--out", str(out), "--json", "--quiet", *map(str, more)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.requirement("TUNE-03")
def test_two_at_once_share_the_trials_and_overwrite_nothing(tmp_path: Path) -> None:
    data, out = write_small(tmp_path / "small.csv"), tmp_path / "shared"
    both = [start(data, out, "--trials", 8) for _ in range(2)]
    looks = []
    for one in both:
        told, errors = one.communicate(timeout=240)
        assert one.returncode == 0, errors
        looks.append(json.loads(told)["looks"])
    folders = sorted((out / "trials").iterdir())
    assert len(folders) in (8, 9)  # both may have begun the last one
    assert max(looks) >= 8 and min(looks) >= 7
    for folder in folders:
        kept = json.loads((folder / "result.json").read_text())
        assert kept["trial"] == int(folder.name)
    assert Journal(out / "journal.jsonl").entries()


@pytest.mark.requirement("TUNE-01")
def test_a_killed_search_goes_on_where_it_was(tmp_path: Path, here: Any) -> None:
    data, out = write_small(tmp_path / "small.csv"), tmp_path / "killed"
    one = start(data, out, "--trials", 500)
    until = time.monotonic() + 120
    while not (out / "trials" / "0002" / "result.json").exists() and time.monotonic() < until:
        time.sleep(0.02)
    one.send_signal(signal.SIGKILL)
    one.communicate()
    begun = len(list((out / "trials").iterdir()))
    said = here(
        "tune", data, *TREE, "--protocol", "90/10", "--trials", 3, "--out", out, "--json", "--quiet"
    ).values
    whole = [t for t in said["trials"] if t["state"] in ("whole", "pruned")]
    assert len(whole) >= 3 and begun >= 3
    assert all(t["state"] != "running" for t in said["trials"])


@pytest.mark.requirement("TUNE-01")
def test_a_budget_ends_it_with_the_best_so_far(tmp_path: Path) -> None:
    found = tuned(tmp_path / "clock", trials=None, budget="4s")
    assert found.ended == "budget" and found.top is not None


def test_trials_that_are_behind_beyond_doubt_are_given_up(tmp_path: Path) -> None:
    space = tmp_path / "space.yaml"
    space.write_text("penalty: [1.0e-3, 1.0e+9]\n")
    found = heldout.tune(
        small_frame(400, "regression"), "answer", model="ridge", trials=6, space=str(space),
        metric="mse", out=str(tmp_path / "p"),
    )  # fmt: skip
    pruned = [t for t in found.trials if t.state == "pruned"]
    assert pruned and all(t.settings["penalty"] == 1e9 and t.folds < 10 for t in pruned)
    assert all("standard errors after" in t.note for t in pruned)
    assert found.best["penalty"] == 1e-3


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"model": "linear"}, "H101"),
        ({"model": ""}, "H101"),
        ({"trials": 0}, "H102"),
        ({"settings": {"lightgbm.leafs": 3}}, "H103"),
        ({"storage": "postgresql://nobody:secret@127.0.0.1:9/none"}, "H115"),
    ],
)
def test_what_cannot_be_searched(said: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(HeldoutError) as error:
        tuned(tmp_path / "x", **said)
    assert error.value.code == code
    assert "secret" not in error.value.text()
