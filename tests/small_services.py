"""A small service to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from heldout.bundle import Bundle
from heldout.serve import running

GOOD = {"age": 44, "plan": "gold", "member": "yes", "since": "2015-03-01"}


@contextmanager
def asking(
    bundle: Bundle,
    log_path: Path | None = None,
    *,
    log_inputs: bool = True,
    token: str | None = None,
) -> Iterator[httpx.Client]:
    """A client of a service of its own."""
    with (
        running(bundle, log_path=log_path, log_inputs=log_inputs, token=token) as service,
        httpx.Client(base_url=service.address, timeout=20) as client,
    ):
        yield client
