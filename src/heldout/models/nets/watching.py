"""Networks of a run are watched while they train: what is found, and which setting may cure it (DIAG-14).

Watched are fits with an inner part; a finding is plain data, so that it travels with the fit. What
only data can cure (scales, copies, labels) is the audits' business, and left out here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from heldout.training.data import Data
from heldout.training.diagnosis import facts as known
from heldout.training.diagnosis.evidence import Design, Evidence, Look
from heldout.training.diagnosis.finding import Finding, judge
from heldout.training.member import Trained
from heldout.training.order import steps_per_epoch
from heldout.training.schedules import Schedule

ROWS = 2_000  # looked at for what the data alone say
HELD_BACK = 0.3  # dropout that is tried against overfitting, and for too much of it
MARKED = 0.1  # of the loss of knowing nothing: so much a stopped training must have overfitted
CURABLE = (
    "not_finite", "rate_too_high", "rate_too_low", "exploding", "vanishing", "dead_units", "saturated",
    "overfit", "too_large", "not_converged", "dropout_too_high", "batch_too_small", "batch_too_large",
)  # fmt: skip


def findings(
    trained: Trained,
    looks: Sequence[Look],
    data: Data,
    held: Data,
    loss: str,
    knobs: Mapping[str, Any],
    batch: int,
    parameters: int,
) -> list[dict[str, Any]]:
    """What the rules say of one finished training, the gravest first, JSON-able, each with
    ``change``: the settings by which it may be cured, as numbers or words."""
    part, rest = (
        data.take(np.arange(min(len(data), ROWS))),
        held.take(np.arange(min(len(held), ROWS))),
    )
    facts = replace(known.facts(part, rest, loss, learner=False), rows=len(data), held=len(held))
    rate = knobs.get("learning_rate", math.nan)
    passed = {"not_converged"} if trained.stopped == "seconds" else set()
    if isinstance(rate, Schedule):  # RealMLP: its waves are meant, its last layer begins at 0
        passed = {"rate_too_high", "rate_too_low", "not_converged", "vanishing", "exploding"}
    rate = rate.value if isinstance(rate, Schedule) else float(rate)
    dropout = knobs.get("dropout", 0.0)
    dropout = dropout.value if isinstance(dropout, Schedule) else float(dropout)
    steps = steps_per_epoch(len(data), batch, "exact")
    design = Design(parameters, rate, batch, steps, dropout, False, (), ())
    evidence = Evidence(
        facts, design, tuple(trained.history), tuple(looks), None, trained.stopped, trained.blame,
        tuple(trained.notes), trained.best,
    )  # fmt: skip
    return [
        _told(f, design)
        for f in judge(evidence)
        if f.check in CURABLE and f.check not in passed and _counts(f)
    ]


def _counts(found: Finding) -> bool:
    """Early stopping has dealt with what is a note, unless it was much."""
    return found.severity != "note" or found.evidence.get("rose", 0.0) > MARKED


def _told(found: Finding, design: Design) -> dict[str, Any]:
    return {
        "code": found.code,
        "check": found.check,
        "what": found.what,
        "why": found.why,
        "evidence": {k: _plain(v) for k, v in found.evidence.items()},
        "learn": found.learn,
        "change": change(found, design),
    }


def change(found: Finding, design: Design) -> dict[str, Any]:
    """Settings of a learner's card; a name that a learner does not have is passed over there."""
    slower = {"learning_rate": design.rate / 10}
    fixed: dict[str, dict[str, Any]] = {
        "exploding": slower,
        "vanishing": {"normalization": "batch", "activation": "relu"},
        "dead_units": {"activation": "leaky_relu"},
        "saturated": {"activation": "relu"},
        "overfit": {"dropout": HELD_BACK},
        "too_large": {"dropout": HELD_BACK},
    }
    if found.check in fixed:
        return fixed[found.check]
    for remedy in found.remedies:
        if remedy.settings:
            return {name: _plain(value) for name, value in remedy.settings.items()}
    return {}


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
