"""The clock: budgets are kept, and a run that was stopped, however, goes on or ends with what
is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heldout as library
from small_runs import Made, entries, table, write

SLACK = 3.0  # seconds over a budget of ten, on a machine that does other work too
PATIENCE = 90.0


def begun(arguments: tuple[str, ...], state: Path) -> subprocess.Popen[str]:
    """The command line as a process that can be stopped."""
    return subprocess.Popen(
        [sys.executable, "-m", "heldout", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "HELDOUT_STATE": str(state)},
    )  # fmt: skip


def wait_for(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until something is there; fails where the process ended first."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)


def stored(folder: Path) -> dict[str, int]:
    """Finished fits by name, with the moment at which each was written."""
    metas = (folder / "fits").glob("[!.]*/meta.json")
    return {p.parent.name: p.stat().st_mtime_ns for p in metas}


def test_killed_in_the_middle_the_same_command_goes_on(
    telco: Made, tmp_path: Path, heldout: Callable[..., Any]
) -> None:
    """kill -9, then the same command: no finished fit is made again, the score is that of a run
    that was never stopped."""
    out = tmp_path / "killed"
    arguments = (*telco.arguments[:-1], str(out))
    process = begun(arguments, tmp_path)
    wait_for(lambda: len(stored(out)) >= 3, process)
    process.kill()
    process.communicate()
    time.sleep(0.5)  # workers end by themselves; one may still finish its fit
    before = stored(out)
    assert not (out / "killed.heldout").exists()
    said = heldout(*arguments, "--quiet", "--json", state=tmp_path)
    assert said.code == 0, said.err
    after = stored(out)
    assert {k: after[k] for k in before} == before
    from_store = [
        e
        for e in entries(out, "fit")
        if e["numbers"].get("from_store") and e["numbers"]["status"] == "finished"
    ]
    assert len(from_store) >= len(before) - 1
    assert said.values["score"] == telco.said.values["score"]
    assert said.values["openings"] == 1
    assert [e["step"] for e in entries(out)].count("resume") == 1


@pytest.mark.slow
def test_interrupted_it_ends_with_a_bundle_and_the_seal_shut(
    telco: Made, tmp_path: Path, heldout: Callable[..., Any]
) -> None:
    """Ctrl-C: cross-validated, never opened; the same command goes on and opens it once."""
    out = tmp_path / "stopped"
    arguments = (
        "run", str(telco.data), "--target", "Churn", "--models", "logistic,decision_tree",
        "--work", "10", "--out", str(out),
    )  # fmt: skip
    process = begun((*arguments, "--quiet", "--json"), tmp_path)
    wait_for(lambda: len(stored(out)) >= 6, process)
    process.send_signal(signal.SIGINT)
    told, err = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 4), err
    assert '"sealed": false' in told
    assert not entries(out, "seal")
    assert library.load(out).predict(telco.data).answered == 7043
    assert heldout("status", out).code == 0
    again = heldout(*arguments, "--quiet", "--json", state=tmp_path)
    assert again.code == 0, again.err
    assert again.values["sealed"]
    assert len(entries(out, "seal")) == 1


def test_interrupted_before_the_first_model(telco: Made, tmp_path: Path) -> None:
    """There is nothing to end with: exit 130, no bundle; the same command goes on."""
    out = tmp_path / "early"
    process = begun((*telco.arguments[:-1], str(out)), tmp_path)
    wait_for(lambda: (out / "journal.jsonl").exists() and bool(entries(out, "read")), process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert not (out / "early.heldout").exists()


def test_a_budget_of_ten_seconds_is_kept(
    data_folder: Path, tmp_path: Path, heldout: Callable[..., Any]
) -> None:
    """Everything included, from the start of the process to its end."""
    data = data_folder / "tables" / "binary" / "titanic3.csv"
    start = time.monotonic()
    said = heldout(
        "run", data, "--target", "survived", "--budget", "10s", "--out", tmp_path / "t",
        "--quiet", "--json", state=tmp_path,
    )  # fmt: skip
    wall = time.monotonic() - start
    print(f"10 s on titanic3: {wall:.2f} s of wall, load {os.getloadavg()[0]:.1f}")
    assert wall < 10 + SLACK
    busy = os.getloadavg()[0] > (os.cpu_count() or 1) + 1
    assert said.code == 0 or (busy and said.code == 5), said.err
    if said.code == 0:
        assert said.values["budget"] == 10.0
        assert said.values["seconds"] == pytest.approx(wall, abs=1.5)


def test_a_budget_too_small_for_anything(
    telco: Made, tmp_path: Path, heldout: Callable[..., Any]
) -> None:
    """Exit 5; the message names the budget that was given, and the same command goes on."""
    said = heldout(
        "run", telco.data, "--target", "Churn", "--budget", "1s", "--out", tmp_path / "t",
        "--quiet", "--json", state=tmp_path,
    )  # fmt: skip
    assert said.code == 5
    assert said.values["code"] == "H801"
    assert "s of 1 s" in said.values["seen"]
    assert "--budget" in said.values["do"][0]
    assert not list(tmp_path.rglob("*.heldout"))


def test_on_a_busy_machine_an_answer_late_is_better_than_none(
    telco: Made, tmp_path: Path, heldout: Callable[..., Any]
) -> None:
    """4 s hold one cheap model at most, and on a busy machine none: then it is fitted all the
    same, and that is said."""
    said = heldout(
        "run", telco.data, "--target", "Churn", "--budget", "4s", "--models", "logistic",
        "--out", tmp_path / "t", "--json", state=tmp_path,
    )  # fmt: skip
    assert said.code == 0, said.err
    late = entries(tmp_path / "t", "late")
    assert bool(late) == ("all the same" in said.err)


def test_three_lines_without_a_main_guard(tmp_path: Path) -> None:
    """Workers are not forked from the script, and do not run it again."""
    columns = table(300, seed=2)
    write(tmp_path / "t.csv", columns)
    script = tmp_path / "three.py"
    script.write_text(
        "import heldout\n"
        "run = heldout.run('t.csv', target='left', drop='house', models='logistic', work=10)\n"
        "print(run.answer, run.folder)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "HELDOUT_STATE": str(tmp_path / "state")}, timeout=PATIENCE,
    )  # fmt: skip
    assert done.stdout == f"signal {Path('runs') / 't'}\n", done.stderr
