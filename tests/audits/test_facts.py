"""What the audits measure, against known numbers."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.checks.intrinsic_dimension import participation, two_nearest
from heldout.audits.finding import CHECKS, Finding
from heldout.audits.review import review
from heldout.tables.schema import Column, Schema
from heldout.workflow.define import with_roles
from heldout.workflow.spec import resolve


def found(name: str, look: object) -> list[Finding]:
    return list(CHECKS.get(name).run(look))  # type: ignore[arg-type]


@pytest.mark.requirement("PREP-04")
def test_shares_beside_hundreds_are_told_before_training() -> None:
    """0 to 1 beside 100 to 200: a structure check, so before the seal and before any fit."""
    rng = np.random.default_rng(0)
    columns = {"share": rng.random(300), "weight": rng.uniform(100, 200, 300)}
    (told,) = found("unlike_scales", examples.look(columns))
    assert told.severity == "note" and told.evidence["ratio"] > 150
    assert "`weight`" in told.what and "`share`" in told.what
    assert CHECKS.get("unlike_scales").reads == "structure"
    columns["weight"] /= 100
    assert found("unlike_scales", examples.look(columns)) == []


@pytest.mark.requirement("X-109")
@pytest.mark.parametrize(
    ("shape", "own", "ratio"), [("circle", 1.02, 2.0), ("cube", 4.5, 5.0), ("normal", 32.4, 48.7)]
)
def test_intrinsic_dimension_of_known_shapes(shape: str, own: float, ratio: float) -> None:
    """2,000 points; too low where the dimension is high."""
    rng = np.random.default_rng(0)
    if shape == "circle":
        turn = rng.uniform(0, 2 * np.pi, 2_000)
        plane, _ = np.linalg.qr(rng.normal(size=(50, 2)))
        x = np.column_stack([np.cos(turn), np.sin(turn)]) @ plane.T
    elif shape == "cube":
        x = rng.random((2_000, 5))
    else:
        x = rng.normal(size=(2_000, 50))
    assert two_nearest(x) == pytest.approx(own, rel=0.06)
    assert participation(x) == pytest.approx(ratio, rel=0.06)


@pytest.mark.requirement("X-032")
def test_not_there_at_prediction_and_leaking_are_two_faults() -> None:
    """A column that nobody has in time may say little; one that is there may be the answer."""
    spec = resolve({"target": "y", "definition": {"available": {"later": "no", "copy": "yes"}}})
    schema = Schema(tuple(Column(n, "number") for n in ("later", "copy", "y")))
    made = with_roles(schema, spec)
    assert (made["later"].role, made["copy"].role) == ("ignored", "input")
    assert "not there when an answer is needed" in made["later"].reason
    rng = np.random.default_rng(0)
    columns = examples.noise(400)
    y = (columns["x0"] + rng.normal(size=400) > 0).astype(float)
    look = examples.look({**columns, "later": rng.normal(size=400), "copy": 3 * y + 1}, y)
    told = [f for f in review(look, "target") if f.severity == "block"]
    assert {c for f in told for c in f.where} == {"copy"}


@pytest.mark.requirement("DATA-16")
@pytest.mark.parametrize("easy", [False, True])
def test_the_learning_curve_says_whether_more_rows_pay(easy: bool) -> None:
    """A law of many columns goes on growing; one of a single column is learned at once."""
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=600) for i in range(3 if easy else 120)}
    rows = np.stack(list(columns.values()), axis=1)
    y = rows[:, 0] * 3 if easy else rows.sum(axis=1)
    (told,) = found(
        "learning_curve", examples.look(columns, y + (1 if easy else 6) * rng.normal(size=600))
    )
    skill = told.evidence["skill"]
    assert len(skill) == 4 and skill[-1] >= skill[0]
    assert told.what.startswith("better columns" if easy else "more rows still help")


@pytest.mark.requirement("DATA-15")
def test_what_each_column_says_of_the_target_is_told() -> None:
    """Out of fold, by name, and that the rest says nothing."""
    columns = examples.noise(600)
    y = columns["x1"] + 0.5 * np.random.default_rng(1).normal(size=600)
    (told,) = found("usefulness", examples.look(columns, y))
    assert max(told.evidence["skill"], key=lambda c: told.evidence["skill"][c]) == "x1"
    assert told.evidence["skill"]["x1"] > 0.6
    assert told.evidence["silent"] == 3
    assert "`x1`" in told.what


@pytest.mark.requirement("PREP-15")
def test_columns_of_ones_own_are_scored_with_and_without_at_several_sizes() -> None:
    """A ratio that no single column tells pays, and most where rows are few."""
    card = CHECKS.get("own_columns")
    look = card.example()
    (told,) = found("own_columns", look)
    with_, without = told.evidence["with"], told.evidence["without"]
    assert len(with_) == len(without) == 4
    assert all(a > b + 0.2 for a, b in zip(with_, without, strict=True))
    assert "pay" in told.what
    assert card.applies(examples.clean(300)) == "no column of your own (--column)"
