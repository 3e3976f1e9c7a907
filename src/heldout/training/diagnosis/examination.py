"""``diagnose``: train a model while it is watched, and say what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.core.seed import Seed
from heldout.training import state as states
from heldout.training.data import Data, each
from heldout.training.diagnosis import facts as known
from heldout.training.diagnosis import layers, pairing
from heldout.training.diagnosis.by_heart import memorize, probabilities
from heldout.training.diagnosis.evidence import Answers, Design, Evidence
from heldout.training.diagnosis.finding import Diagnosis, Finding, judge
from heldout.training.diagnosis.rates import range_test, usable
from heldout.training.diagnosis.reference import skill
from heldout.training.diagnosis.watch import Watch, few
from heldout.training.engine import train_members
from heldout.training.member import Member, Regime, Trained
from heldout.training.order import steps_per_epoch
from heldout.training.population import Structure

MOST = 2_000  # rows whose answers are looked at
DEEPER = {"not_finite", "rate_too_high", "rate_too_low", "stuck_at_chance", "underfit", "exploding"}


def diagnose(
    model: Any,
    data: Data | tuple[Any, ...],
    *,
    validation: Data | tuple[Any, ...] | Array | None = None,
    epochs: int = 20,
    batch: int = 32,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    deeper: bool = True,
) -> Diagnosis:
    """Train a compiled Keras model for ``epochs`` while it is watched and say what is wrong, why,
    and what to do first. The model's weights are put back afterwards.

    ``data`` is ``Data`` or (x, y) or (x, y, weights); ``validation`` likewise, or row numbers of
    ``data``; without it a fifth of the rows is drawn. Where training does not get on, a range test
    of the learning rate is made and a few rows are to be learned by heart (``deeper``).
    """
    own = data if isinstance(data, Data) else Data.of(*data)
    root = Seed(seed)
    train, held = _parts(own, validation, root)
    wrong = pairing.mismatches(model, train)
    if not wrong:
        states.prepare(model, train)
        wrong = pairing.mismatches(model, train)
    design = design_of(model, len(train), batch, settings or {}, wrong)
    if wrong:
        loss = pairing.loss_name(model)
        return told(Evidence(known.facts(train, held, loss, learner=False), design))
    watch = Watch()
    regime = Regime(epochs=epochs, batch=batch, watch=watch)
    member = Member("diagnosis", None, None, root, settings or {}, None, held)
    with states.kept(model):
        structure = Structure(model, lambda: model, regime)
        trained = train_members(structure, [member], train, present=True)[0]
        evidence = gather(structure, trained, watch.records[member.name], train, held, design)
    found = told(evidence)
    if deeper and any(f.check in DEEPER for f in found.findings):
        found = told(_deeper(model, train, evidence, batch, seed))
    return found


def told(evidence: Evidence) -> Diagnosis:
    """The rules' findings and the verdict."""
    findings = judge(evidence)
    return Diagnosis(findings, verdict(evidence, findings), evidence.border, evidence)


def verdict(evidence: Evidence, findings: Sequence[Finding]) -> str:
    """From both curves: which side of the border the training ended on."""
    checks = {f.check for f in findings if f.severity != "note"}
    if not evidence.history or not evidence.finite or checks & {"stuck_at_chance", "rate_too_low"}:
        return "not trained"
    if not evidence.validation:
        return "unknown"
    if checks & {"overfit", "too_large", "no_signal"}:
        return "overfit"
    return "underfit" if checks & {"underfit", "not_converged"} else "at the border"


def design_of(
    model: Any,
    rows: int,
    batch: int,
    settings: Mapping[str, Any],
    wrong: Sequence[pairing.Mismatch] = (),
) -> Design:
    """What is to be known of the model before it is trained."""
    rate = settings.get("learning_rate", math.nan)
    if not isinstance(rate, (int, float)) or math.isnan(rate):
        rate = float(states.to_numpy(model.optimizer.learning_rate)) if usable(model) else math.nan
    return Design(
        int(model.count_params()) if model.built else 0,
        float(rate),
        batch,
        steps_per_epoch(rows, batch, "exact"),
        layers.dropout(model),
        layers.normalized(model),
        layers.linear_pairs(model),
        layers.narrow(model),
        tuple((bad.what, bad.why, bad.do) for bad in wrong),
    )


def gather(
    structure: Structure,
    trained: Trained,
    looks: Sequence[Any],
    train: Data,
    held: Data | None,
    design: Design,
) -> Evidence:
    """What the rules look at, of one finished training. The structure's model is left with the
    trained weights."""
    model = structure.model
    facts = known.facts(train, held, pairing.loss_name(model))
    model.set_weights(trained.weights)
    return Evidence(
        facts,
        design,
        tuple(trained.history),
        tuple(looks),
        _answers(structure, train, held, facts.kind),
        trained.stopped,
        trained.blame,
        tuple(trained.notes),
        trained.best,
    )


def _answers(structure: Structure, train: Data, held: Data | None, kind: str) -> Answers | None:
    """Of the weights that the model holds."""
    if kind == "unknown" or not isinstance(train.y, np.ndarray):
        return None
    part = few(train, most=MOST)
    head = pairing.head_of(structure.model)
    logits = head is not None and head.logits
    outputs = each(np.asarray, structure.predict(part.x))
    if not isinstance(outputs, np.ndarray) or not np.isfinite(outputs).all():
        return None
    p = probabilities(outputs, kind, logits)
    y = known.one_hot(part.y, kind, p.shape[1])
    mean = y.mean(axis=0)
    other = math.nan
    if held is not None and isinstance(held.y, np.ndarray):
        rest = few(held, most=MOST)
        q = probabilities(np.asarray(structure.predict(rest.x)), kind, logits)
        other = skill(q, known.one_hot(rest.y, kind, p.shape[1]), mean)
    deviation = float(y.std(axis=0).mean())
    return Answers(
        skill(p, y, mean),
        other,
        float(p.std(axis=0).mean()) / deviation if deviation else 0.0,
        _recall(p, y, kind),
    )


def _recall(p: Array, y: Array, kind: str) -> tuple[float, ...]:
    """By class, the most probable one decides; NaN for a class without rows."""
    if kind not in ("binary", "classes"):
        return ()
    if kind == "binary":
        p, y = np.hstack([1 - p[:, :1], p[:, :1]]), np.hstack([1 - y[:, :1], y[:, :1]])
    said, true = p.argmax(axis=1), y.argmax(axis=1)
    many = [int((true == k).sum()) for k in range(y.shape[1])]
    return tuple(
        float(((said == k) & (true == k)).sum()) / n if n else math.nan for k, n in enumerate(many)
    )


def _deeper(model: Any, train: Data, evidence: Evidence, batch: int, seed: int) -> Evidence:
    """The two tests that cost trainings of their own."""
    if evidence.facts.broken:
        return evidence
    rates = range_test(model, train, batch=batch, seed=seed) if usable(model) else None
    return replace(evidence, rates=rates, memory=memorize(model, train, seed=seed))


def _parts(
    own: Data, validation: Data | tuple[Any, ...] | Array | None, seed: Seed
) -> tuple[Data, Data]:
    """Training rows and validation rows."""
    if validation is None:
        order = seed.child("validation").rng().permutation(len(own))
        validation = np.sort(order[: max(1, len(own) // 5)])
    if isinstance(validation, np.ndarray):
        return own.take(np.setdiff1d(np.arange(len(own)), validation)), own.take(validation)
    return own, validation if isinstance(validation, Data) else Data.of(*validation)
