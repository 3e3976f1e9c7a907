"""The plan of a forecast: rolling origins, the last horizon sealed (joints 17).

A sample is a step of a series; what is predicted at once is a stretch of ``horizon`` steps from an
origin on, so the unit is (series, origin). No origin sees anything at or after its own time.
"""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural
from heldout.core.seed import Seed
from heldout.splits.plan import Fold, Plan, Samples
from heldout.splits.protocol import fingerprint
from heldout.tasks.task import Task

FEWEST, MOST = 3, 10  # earlier origins


def plan_origins(
    samples: Samples, y: Doubles, task: Task, seed: Seed, *, horizon: int, least: int
) -> Plan:
    """The last ``horizon`` times sealed, 3 to 10 stretches before it as folds, none overlapping;
    at least ``least`` times before the first of them. Raises H265 where the series is too short.

    ``samples.time`` holds dense ranks over all series; a fold's ``train`` is all that came before.
    """
    assert samples.time is not None
    times = int(samples.time.max()) + 1
    origins = min(MOST, (times - least) // horizon - 1)
    if origins < FEWEST:
        raise _too_short(times, horizon, least)
    cut = times - horizon
    folds = []
    for number in range(origins):
        start = cut - horizon * (origins - number)
        inside = (samples.time >= start) & (samples.time < start + horizon)
        folds.append(
            Fold(
                number,
                0,
                train=np.flatnonzero(samples.time < start),
                inner=np.zeros(0, dtype=np.int64),
                valid=np.flatnonzero(inside),
            )
        )
    sealed = np.flatnonzero(samples.time >= cut)
    series = 1 if samples.group is None else len(np.unique(samples.group))
    reason = (
        f"{plural(series, 'series', 'series')} over {count(times)} steps: the last {horizon} are "
        f"sealed, {origins} earlier stretches of {horizon} steps validate, each predicted from "
        "what came before it"
    )
    return Plan(
        protocol="origins",
        folds=tuple(folds),
        more=(),
        sealed=sealed,
        open=np.flatnonzero(samples.time < cut),
        unscored=np.zeros(0, dtype=np.int64),
        reason=reason,
        seed=seed.root,
        fingerprint=fingerprint(samples.content[sealed], y[sealed], task),
        unit="time",
        units=series * (origins + 1),
        rarest=len(samples),
        numbers={"origins": origins, "horizon": horizon, "steps": times, "series": series},
    )


def _too_short(times: int, horizon: int, least: int) -> HeldoutError:
    longest = max(1, (times - least) // (FEWEST + 1))
    fits = times - least >= FEWEST + 1
    return HeldoutError(
        "H265",
        f"{count(times)} steps are too few for a horizon of {count(horizon)}",
        seen=f"{FEWEST + 1} stretches of {count(horizon)} steps and {count(least)} before them "
        f"make {count(least + (FEWEST + 1) * horizon)}",
        why="a forecast is believed for how it did at several earlier moments, not at one",
        do=[f"--horizon {longest}"] if fits and longest < horizon else ["bring a longer history"],
    )
