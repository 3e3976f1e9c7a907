"""How long one answer takes from question to reply, measured over HTTP (DEPLOY-04)."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from heldout.bundle.read import Bundle
from heldout.core.clock import now
from heldout.core.errors import HeldoutError
from heldout.serve.form import fields

WARM, ROUNDS, SECONDS = 10, 300, 20.0
FAR = 500.0  # ms for a model and a remote way: a rule of thumb, X-121; measure your own


@dataclass(frozen=True)
class Trip:
    """Milliseconds from question to reply, by quantile, over ``rounds`` questions of one row."""

    p50: float
    p95: float
    p99: float
    rounds: int
    where: str

    @property
    def near(self) -> bool:
        """Whether it was measured on this machine."""
        return urlsplit(self.where).hostname in ("127.0.0.1", "localhost", "::1")


def typical(bundle: Bundle) -> dict[str, Any]:
    """One row to ask: the commonest levels, the middle values."""
    made: dict[str, Any] = {}
    for field in fields(bundle):
        if field.kind == "picture":
            raise HeldoutError(
                "H102",
                "the round trip of pictures is not measured",
                seen=f"{field.name} is a picture",
                why="most of the way is the picture itself: its size decides",
                do=["measure with pictures of your own"],
            )
        number = field.kind == "number" and field.value != ""
        made[field.name] = float(field.value) if number else field.value or None
    return made


def measure(address: str, row: dict[str, Any], rounds: int = ROUNDS, token: str = "") -> Trip:
    """Ask the service at ``address`` the same row again and again, over one connection. Raises
    ConnectionError or OSError where it cannot be reached, ValueError where it does not answer."""
    place = urlsplit(address)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    line = kind(place.hostname or "", place.port, timeout=10)
    head = {"Content-Type": "application/json"}
    if token:
        head["Authorization"] = f"Bearer {token}"
    body, took, began = json.dumps(row), [], now()
    for i in range(WARM + rounds):
        started = now()
        line.request("POST", f"{place.path.rstrip('/')}/predict", body, head)
        reply = line.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise ValueError(f"{reply.status} {text[:200]!r}")
        if i >= WARM:
            took.append(1_000 * (now() - started))
        if len(took) > 20 and now() - began > SECONDS:
            break
    line.close()
    return summary(took, address)


def summary(took: Sequence[float], where: str) -> Trip:
    """Quantiles of milliseconds.

    >>> summary(range(1, 101), "http://127.0.0.1:8000").p95
    95.05
    """
    p50, p95, p99 = (float(q) for q in np.quantile(np.asarray(took, float), [0.5, 0.95, 0.99]))
    return Trip(p50, round(p95, 6), p99, len(took), where)


def judged(trip: Trip, limit: float | None) -> tuple[bool, str]:
    """Whether 99 of 100 answers come within ``limit`` ms, and what to think of it.

    >>> judged(summary([4.0] * 50, "http://127.0.0.1:1"), 100)[0]
    True
    """
    if limit is None:
        return True, "no limit was given: --within 50"
    if trip.p99 > limit:
        return False, f"99 of 100 answers take up to {trip.p99:.3g} ms, {limit:.3g} are allowed"
    told = f"99 of 100 answers come within {trip.p99:.3g} ms, {limit:.3g} are allowed"
    if trip.near and limit < FAR:
        told += (
            f"; this was measured on one machine. A remote way often takes as long as {FAR:.0f} ms "
            "by itself: measure it (--address URL), or answer where the question is asked, on the "
            "device or in the page (heldout export --to onnx)"
        )
    return True, told
