"""The leak rules on tables made for them: what must block, what may only ask."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.finding import CHECKS, Finding, Look
from heldout.audits.review import not_run, review
from heldout.core.clock import Deadline

LEAKS = {"A301", "A302", "A303", "A304", "A305", "A306", "A307"}


def leaks(look: Look, severity: str = "block") -> list[Finding]:
    """Findings of the leak rules of this severity."""
    return [f for f in review(look, "target") if f.code in LEAKS and f.severity == severity]


def honest(rows: int = 900, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns that share what is known of a binary target."""
    rng = np.random.default_rng(seed)
    columns = examples.noise(rows, 5, seed)
    y = (columns["x0"] + columns["x1"] + columns["x2"] + 1.5 * rng.normal(size=rows) > 0.3) * 1.0
    return columns, y


@pytest.mark.requirement("DATA-07")
@pytest.mark.parametrize("kind", ["copy", "text", "ordered"])
def test_a_copy_of_the_target_is_set_aside(kind: str) -> None:
    """As a number, as a word, and, for numbers, under any monotone change."""
    columns, y = honest()
    if kind == "ordered":
        y = columns["x0"] + columns["x1"] + np.random.default_rng(1).normal(size=900)
        columns["copy"] = np.exp(y)
    else:
        columns["copy"] = y + 1 if kind == "copy" else np.where(y == 1, "b", "a").astype(object)
    (found,) = leaks(examples.look(columns, y))
    assert found.where == ("copy",)
    assert found.overrule == "--keep copy"


def test_copies_of_a_copy_go_with_it() -> None:
    """Two columns that say the same do not hide each other."""
    columns, y = honest()
    columns |= {"one": y + 1, "two": np.where(y == 1, "b", "a").astype(object)}
    (found,) = leaks(examples.look(columns, y))
    assert set(found.where) == {"one", "two"}


@pytest.mark.requirement("DATA-07")
def test_filled_only_afterwards_is_set_aside_and_told_in_counts() -> None:
    """The boat of the saved: counts of both outcomes, in the words of the target."""
    columns, y = honest()
    rng = np.random.default_rng(2)
    filled = np.where(rng.random(900) < 0.02, 1 - y, y) == 1
    columns["boat"] = np.where(filled, rng.integers(1, 20, 900).astype(float), np.nan)
    found = leaks(examples.look(columns, y))[0]
    assert found.where == ("boat",)
    assert "filled for" in found.what
    assert "yes" in found.what


def test_a_gap_that_says_a_little_is_a_question() -> None:
    """Filled for a few of one outcome and never for the other: asked, not decided."""
    columns, y = honest()
    rng = np.random.default_rng(3)
    columns["body"] = np.where((y == 0) & (rng.random(900) < 0.3), rng.normal(size=900), np.nan)
    look = examples.look(columns, y)
    assert not leaks(look)
    (asked,) = [f for f in leaks(dataclasses.replace(look, memo={}), "warn") if f.question]
    assert asked.question == "Would you know `body`, with this value, when you predict?"


@pytest.mark.requirement("DATA-07")
def test_parts_of_a_sum_are_set_aside_together() -> None:
    """casual + registered = all."""
    rng = np.random.default_rng(0)
    columns = examples.noise(600)
    casual, registered = rng.poisson(30, 600) * 1.0, rng.poisson(150, 600) * 1.0
    (found,) = leaks(
        examples.look({**columns, "casual": casual, "registered": registered}, casual + registered)
    )
    assert set(found.where) == {"casual", "registered"}


def test_two_columns_that_only_cross_to_the_target() -> None:
    """Exclusive or: neither says anything alone."""
    columns, _ = honest()
    rng = np.random.default_rng(0)
    y = (rng.random(900) < 0.4) * 1.0
    left = (rng.random(900) < 0.5) * 1.0
    right = np.where(rng.random(900) < 0.01, 1 - np.abs(y - left), np.abs(y - left))
    (found,) = leaks(examples.look({**columns, "left": left, "right": right}, y))
    assert set(found.where) == {"left", "right"}


@pytest.mark.parametrize("sealed", [False, True])
def test_a_target_encoded_with_its_own_row(sealed: bool) -> None:
    """Also where a fifth of the rows is sealed and out of sight."""
    columns, y = honest(3_000)
    town = np.random.default_rng(0).integers(0, 300, 3_000)
    means = np.bincount(town, y, 300) / np.bincount(town, minlength=300)
    columns["rate"] = means[town]
    look = examples.look(columns, y)
    if sealed:
        rows = np.sort(np.random.default_rng(1).permutation(3_000)[:2_400])
        seen = examples.look({n: c[rows] for n, c in columns.items()}, y[rows])
        look = dataclasses.replace(seen, rank=rows)
    assert [f.where for f in leaks(look) if f.code == "A302"] == [("rate",)]


def test_an_honest_encoding_is_not_blocked() -> None:
    """Encoded on other rows: the means differ by chance, as they should."""
    columns, y = honest(3_000)
    rng = np.random.default_rng(0)
    town = rng.integers(0, 300, 3_000)
    earlier = rng.binomial(10, y.mean(), 300) / 10
    columns["rate"] = earlier[town]
    assert not leaks(examples.look(columns, y))


def test_a_law_of_nature_is_a_question() -> None:
    """One column says nearly all and the others nothing: setting it aside would leave nothing."""
    rng = np.random.default_rng(0)
    columns = examples.noise(400)
    columns["speed"] = rng.uniform(1, 3, 400)
    y = columns["speed"] ** 3 + rng.normal(size=400) * 1.2
    look = examples.look(columns, y)
    assert not leaks(look)
    assert [f.where for f in leaks(dataclasses.replace(look, memo={}), "warn")] == [("speed",)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("binary", [True, False])
def test_honest_tables_raise_nothing(seed: int, binary: bool) -> None:
    """No check of the shelf says more than a note."""
    look = examples.clean(900, seed, binary)
    assert not [f for f in review(look, "target") if f.severity != "note"]


def test_what_had_no_time_is_said() -> None:
    """A deadline in the past: every check is named, none is dropped without a word."""
    late = dataclasses.replace(examples.clean(), deadline=Deadline.after(-1.0))
    found = review(late, "target")
    ruled_out = {n for f in found if f.code == "A001" for n in f.evidence["checks"]}
    named = {*not_run(found), *ruled_out}
    assert named == {n for n in CHECKS.names() if CHECKS.get(n).reads == "target"}


def test_without_a_learner_the_rules_that_need_none_still_run() -> None:
    """R1 and R2 compare with all other columns; the others do not wait for that."""
    columns, y = honest()
    columns["closed"] = np.where(y == 1, 1.0, np.nan)
    look = dataclasses.replace(examples.look(columns, y), learner=None)
    assert [f.code for f in leaks(look)] == ["A304"]


@pytest.mark.requirement("DATA-07")
def test_an_honest_distance_is_no_encoding_when_only_some_rows_are_in_sight() -> None:
    """Half of a table says nothing about means over all of it: no column is set aside."""
    from heldout.audits.checks.self_encoding import _too_good

    rng = np.random.default_rng(0)
    for seen in (0.5, 0.72, 0.8):
        for _ in range(60):
            x = rng.choice(rng.normal(size=240).round(2), size=3_000)
            p = 1 / (1 + np.exp(-0.6 * x - 0.3 * np.sin(3 * x)))
            y = (rng.random(3_000) < p).astype(np.float64)
            assert _too_good(x, y, seen) is None
