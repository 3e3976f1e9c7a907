"""``heldout verify --round-trip``: p50, p95 and p99 of one answer, against what is allowed."""

from __future__ import annotations

import dataclasses

from heldout.bundle import load
from heldout.core.errors import DONE, NO, HeldoutError
from heldout.serve import running
from heldout.serve.round_trip import Trip, judged, measure, typical
from heldout.workflow.told import Told, lines


def timed(bundle: str, within: float | None, address: str | None, token: str) -> Told:
    """Ask the service at ``address``, or one that is started here; exit 4 beyond ``within`` ms."""
    if within is not None and not 0 < within < float("inf"):
        raise HeldoutError(
            "H102",
            f"--within cannot be {within:g}",
            seen="it is the most milliseconds that an answer may take",
            why="no answer takes no time",
            do=["--within 50"],
        )
    loaded = load(bundle)
    row = typical(loaded)
    if address is None:
        with running(loaded) as service:
            trip = measure(service.address, row)
    else:
        trip = _far(address, row, token)
    kept, words = judged(trip, within)
    rows = [
        ("Asked", f"{trip.rounds} times one row, at {trip.where}"),
        ("Time", f"half within {trip.p50:.3g} ms, 95 of 100 within {trip.p95:.3g}, 99 of 100 "
                 f"within {trip.p99:.3g}"),
        ("Limit", words),
    ]  # fmt: skip
    values = {**dataclasses.asdict(trip), "within": within, "kept": kept}
    return Told(lines(rows), values, DONE if kept else NO)


def _far(address: str, row: dict[str, object], token: str) -> Trip:
    try:
        return measure(address, row, token=token)
    except (OSError, ValueError) as error:
        raise HeldoutError(
            "H102",
            f"{address} does not answer",
            seen=str(error) or type(error).__name__,
            why="the round trip is measured with the service that will be asked",
            do=["heldout serve RUN starts one; --address takes its address"],
        ) from error
