"""Leaks that hide behind a rare class, many classes, or columns that already say much."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.finding import CHECKS, Finding, Look
from heldout.audits.goal import goal
from heldout.tasks.task import Task


def said(name: str, look: Look) -> list[Finding]:
    """What one check says."""
    return list(CHECKS.get(name).run(look))


def classes(columns: dict[str, np.ndarray], y: np.ndarray) -> Look:
    """A look whose target has several classes."""
    look = examples.look(columns, y)
    names = tuple(f"c{i}" for i in range(int(y.max()) + 1))
    task = Task("multiclass", "y", "log_loss", False, classes=names)
    return dataclasses.replace(look, task=task, memo={})


@pytest.mark.requirement("DATA-07")
def test_a_noisy_copy_of_a_rare_class_is_asked_about() -> None:
    """Six in a hundred are ill; a copy with a few wrong is no proof at 15 % of that rate."""
    rng = np.random.default_rng(9)
    y = np.zeros(1500)
    y[:92] = 1.0
    y = rng.permutation(y)
    other = y[rng.permutation(1500)]
    columns = examples.noise(1500)
    columns["note"] = np.where(rng.random(1500) < 0.08, other, y)
    (found,) = said("special_value", examples.look(columns, y))
    assert found.where == ("note",)
    assert found.question or found.severity == "block"


def test_a_count_that_leaves_one_of_many_classes_alone_is_asked_about() -> None:
    """Zero unless it came about; honest numbers with a usual value are not."""
    rng = np.random.default_rng(9)
    y = rng.integers(0, 7, 1500) * 1.0
    columns = examples.noise(1500)
    columns["visits"] = np.where(rng.random(1500) < 0.5, 0, rng.integers(1, 9, 1500)) * 1.0
    assert not said("special_value", classes(columns, y))
    after = (y == 2) & (rng.random(1500) < 0.7)
    columns["later"] = np.where(after, rng.integers(1, 9, 1500), 0) * 1.0
    (found,) = said("special_value", classes(columns, y))
    assert (found.where, found.severity) == (("later",), "warn")
    assert found.question


def test_what_one_column_adds_to_much_is_asked_about() -> None:
    """All others explain most of it; with this one nothing is left."""
    rng = np.random.default_rng(9)
    columns = examples.noise(1200, 3)
    y = columns["x0"] + columns["x1"] + columns["x2"] + 0.5 * rng.normal(size=1200)
    assert not said("dominates", examples.look(columns, y))
    columns["trace"] = y + 0.35 * rng.normal(size=1200)
    found = said("dominates", examples.look(columns, y))
    assert [f.where for f in found] == [("trace",)]
    assert found[0].question.startswith("Would you know `trace`")


def test_columns_of_the_same_event_are_asked_about_together() -> None:
    """dep_time belongs to dep_delay, whatever it says alone; previous_dep does not."""
    rng = np.random.default_rng(9)
    columns = examples.noise(900, 5)
    y = columns["x0"] + rng.normal(size=900)
    columns["dep_delay"] = y + 0.4 * rng.normal(size=900)
    columns["dep_time"] = rng.normal(size=900)
    columns["previous_dep"] = rng.normal(size=900)
    look = examples.look(columns, y)
    assert [f.where for f in said("dominates", look)] == [("dep_delay",)]
    assert [f.where for f in said("named_afterwards", look)] == [("dep_time",)]


def test_a_value_too_fine_to_repeat_is_asked_about() -> None:
    """Six rows share it and their targets are alike; a model that knows the rest loses nothing."""
    rng = np.random.default_rng(9)
    columns = examples.noise(1200, 3)
    y = columns["x0"] * 1.0
    of = np.empty(1200, dtype=int)
    of[np.argsort(y + 0.7 * rng.normal(size=1200))] = np.arange(1200) // 6
    columns["reading"] = rng.normal(size=200)[of]
    (found,) = said("entities", examples.look(columns, y))
    assert found.where == ("reading",)
    assert found.question
    shuffled = rng.permutation(y)
    assert not said("entities", examples.look({**columns, "x0": shuffled}, shuffled))
    assert goal(examples.look(columns, y)).classes == 0


def test_the_classes_under_other_names_are_set_aside_however_few() -> None:
    """24 of 500 rows show no certain lead over columns that say much themselves."""
    rng = np.random.default_rng(2)
    sick = np.zeros(500)
    sick[rng.permutation(500)[:24]] = 1
    columns = {"t3": 3 * sick + rng.normal(size=500), "x": rng.normal(size=500)}
    columns["copy"] = np.where(sick > 0, 7.5, 3.25)
    (found,) = said("determines", examples.look(columns, sick))
    assert (found.where, found.severity) == (("copy",), "block")
    columns["copy"] = np.where(rng.random(500) < 0.5, 7.5, 3.25)
    assert not said("determines", examples.look(columns, sick))
