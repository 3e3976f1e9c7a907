"""A service on a free port of loopback, with a small bundle behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from heldout.bundle import Bundle, load
from heldout.bundle.write import write
from heldout.tasks.task import Task
from small_bundles import BINARY, content
from small_services import asking


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where bundles and logs of this room lie."""
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="session")
def bundle(folder: Path) -> Bundle:
    """A binary bundle with a verdict."""
    verdict = {"metric": "roc_auc", "value": 0.845, "low": 0.822, "high": 0.866, "samples": 1409}
    write(folder / "churn.heldout", content(BINARY, verdict=verdict, baseline={"value": 0.5}))
    return load(folder / "churn.heldout")


@pytest.fixture(scope="session")
def other_bundle(folder: Path) -> Callable[[Task], Bundle]:
    """A bundle of another task."""

    def make(task: Task) -> Bundle:
        path = folder / f"{task.kind}.heldout"
        write(path, content(task))
        return load(path)

    return make


@pytest.fixture(scope="session")
def client(bundle: Bundle, folder: Path) -> Iterator[httpx.Client]:
    """A client of the running service; its log is ``folder / "log.sqlite"``."""
    with asking(bundle, folder / "log.sqlite") as asked:
        yield asked
