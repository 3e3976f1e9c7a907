"""Wrong inputs from end to end: code, exit code, what was seen, what to do; nothing half-written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heldout.bundle.write import write
from small_bundles import content
from wrong_inputs import COMMANDS, FILES, OPTIONS, SPECS, Wrong, listing, make, port_in_use


def check(case: Wrong, folder: Path, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call it in its folder and look at the answer, as JSON and in words."""
    make(case, folder)
    monkeypatch.chdir(folder)
    before = listing(folder)
    call = [*case.call, "--json"]
    if case.call[0] == "run" and "--out" not in case.call:
        call += ["--out", "made/run"]
    if case.call[0] == "run":
        call += ["--work", "1", "--quiet"] if "--budget" not in case.call else ["--quiet"]
    said = here(*call)
    assert said.code == case.exit, said.all
    told = said.values
    assert told["code"] in case.code.split("|"), said.all
    assert told["exit"] == case.exit
    assert "Traceback" not in said.all
    for word in case.words:
        assert word in said.all, (word, said.all)
    if case.never:
        assert case.never not in said.out + said.err
    assert told["error"]
    assert told["seen"] or told["do"], "neither what was seen nor what to do"
    assert listing(folder) == before, "something stayed behind"


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no table, or none that can be read."""
    check(FILES[name], tmp_path, here, monkeypatch)


@pytest.mark.parametrize("name", OPTIONS)
def test_options(name: str, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that make no sense, alone or together."""
    check(OPTIONS[name], tmp_path, here, monkeypatch)


@pytest.mark.parametrize("name", SPECS)
def test_specifications(
    name: str, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of options is data from a stranger."""
    check(SPECS[name], tmp_path, here, monkeypatch)


@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name: str, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles, logs, runs and places that are not what they should be."""
    case = COMMANDS[name]
    bundle = tmp_path / "B"
    write(bundle, content())
    if "PORT" not in case.call:
        check(case, tmp_path, here, monkeypatch)
        return
    with port_in_use() as port:
        call = tuple(port if part == "PORT" else part for part in case.call)
        check(
            Wrong(call, case.exit, case.code, case.words, case.files), tmp_path, here, monkeypatch
        )
