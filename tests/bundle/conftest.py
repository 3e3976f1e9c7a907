"""Bundles on disk for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from heldout.bundle.write import write
from heldout.tasks.task import Task
from small_bundles import BINARY, content


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a bundle into a folder of its own."""

    def make(task: Task = BINARY, **changes: object) -> Path:
        path = tmp_path_factory.mktemp("bundle") / "churn.heldout"
        write(path, content(task, **changes))
        return path

    return make


@pytest.fixture(scope="session")
def bundle_path(made: Callable[..., Path]) -> Path:
    """A binary bundle."""
    return made()
