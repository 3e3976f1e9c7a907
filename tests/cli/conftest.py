"""How the command line is called in these tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from heldout.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def values(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def all(self) -> str:
        """Both streams with line breaks taken out: messages are wrapped."""
        return " ".join((self.out + " " + self.err).split())


Call = Callable[..., Said]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line in this process."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(a) for a in arguments])
        told = capsys.readouterr()
        return Said(int(stopped.value.code or 0), told.out, told.err)

    return call


@pytest.fixture
def heldout() -> Call:
    """Call the command line as a person does, in a process of its own."""

    def call(*arguments: object, cwd: Path | None = None) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "heldout", *map(str, arguments)],
            capture_output=True, text=True, cwd=cwd, env={**os.environ}, timeout=120, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    return call
