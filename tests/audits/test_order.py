"""An order of the file that no column names: found, acted upon where it is time, asked otherwise."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.choice import chosen
from heldout.audits.finding import CHECKS, Finding, Look
from heldout.audits.order import order_of
from heldout.core.arrays import Array

WEEKDAYS = np.array(["mon", "tue", "wed", "thu", "fri"], dtype=object)


def recorded(look: Look) -> list[Finding]:
    """What A501 says."""
    return list(CHECKS.get("recorded").run(look))


def calls(rows: int = 3_000, seed: int = 0) -> tuple[dict[str, Array], Array]:
    """Calls day after day, thirty each; a rate of the bank that changes now and then, and buyers
    that become more: no label comes in runs, nothing but the columns tells the order."""
    rng = np.random.default_rng(seed)
    day = np.arange(rows) // 30
    columns = examples.noise(rows, 3, seed)
    columns["weekday"] = WEEKDAYS[day % 5]
    columns["rate"] = np.array([4.9, 4.2, 4.4, 3.1])[np.arange(rows) * 4 // rows]
    columns["staff"] = np.array([510.0, 522.0, 519.0, 501.0])[np.arange(rows) * 4 // rows]
    share = 0.05 + 0.2 * np.arange(rows) / rows
    return columns, (rng.random(rows) < share) * 1.0


def taken(columns: dict[str, Array], y: Array, rows: Array, **more: Any) -> Look:
    """A look at these rows, in this order."""
    return examples.look({n: v[rows] for n, v in columns.items()}, y[rows], **more)


@pytest.mark.requirement("EVAL-08")
def test_a_calendar_that_no_column_names_orders_the_rows() -> None:
    """Also of a random half, kept in order; both scores and what marks the time are told."""
    columns, y = calls()
    half = np.sort(np.random.default_rng(1).permutation(len(y))[: len(y) // 2])
    for rows in (np.arange(len(y)), half):
        look = taken(columns, y, rows)
        (found,) = recorded(look)
        assert chosen(look)["time"] == ("row",)
        assert "weekday" in found.where
        assert "`rate`, `staff`" in found.what
        assert found.overrule == "--time none"
        assert {"skill_rows", "skill_ahead", "p_target"} <= set(found.evidence)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_rows_shuffled_are_silent(seed: int) -> None:
    """As are those sorted by a column."""
    columns, y = calls(seed=seed)
    shuffled = np.random.default_rng(seed).permutation(len(y))
    for order in (shuffled, shuffled[np.argsort(columns["x0"][shuffled], kind="stable")]):
        look = taken(columns, y, order)
        assert not order_of(look).hidden
        assert recorded(look) == []


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_gaps_at_an_end_do_not_hide_a_sorting(falling: bool, first: bool) -> None:
    """Missing comes last or first, whichever way the rows are sorted."""
    columns = examples.noise(600)
    age = np.sort(np.random.default_rng(3).integers(18, 60, 600) * 1.0)
    age = age[::-1].copy() if falling else age
    age[: 40 if first else 0] = np.nan
    age[600 if first else 560 :] = np.nan
    assert order_of(examples.look({**columns, "age": age})).keys == ("age",)


def test_a_target_that_does_not_change_is_left_alone() -> None:
    """Time without effect costs nothing."""
    columns, y = calls()
    look = examples.look(columns, np.random.default_rng(5).permutation(y))
    assert order_of(look).clocks == ("weekday",)
    assert recorded(look) == []
    assert not chosen(look)


def test_a_list_of_lists_is_not_in_order_of_time() -> None:
    """Shop by shop, month by month: each shop starts the calendar anew."""
    rng = np.random.default_rng(0)
    shop, month = np.repeat(np.arange(20), 96), np.tile(np.repeat(np.arange(12), 4), 40)
    columns = {**examples.noise(1920, 2), "month": month * 1.0}
    columns["shop"] = np.array([f"s{i}" for i in range(20)], dtype=object)[shop]
    y = (rng.random(1920) < 0.2 + 0.6 * rng.random(20)[shop]) * 1.0
    look = examples.look(columns, y)
    assert order_of(look).clocks == ()
    recorded(look)
    assert not chosen(look)


def test_a_designed_experiment_is_a_list() -> None:
    """Every combination in turn: the outermost column changes last."""
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 5, indexing="ij"), axis=-1).reshape(-1, 5)
    columns = {f"c{i}": grid[:, i] for i in range(5)}
    y = (grid[:, 0] * 2 + grid[:, 1] > 4) * 1.0
    look = examples.look(columns, y, learner=examples.nearest)
    assert order_of(look).listed
    recorded(look)
    assert not chosen(look)


def test_runs_without_a_calendar_are_asked_about() -> None:
    """Batches, places or time: the person knows; the score is told both ways."""
    rng = np.random.default_rng(0)
    batch = np.arange(1500) // 50
    level = np.cumsum(rng.normal(size=30))
    columns = examples.noise(1500, 2)
    columns["heat"] = level[batch] + 0.02 * rng.normal(size=1500)
    own = (rng.random(30) < 0.5)[rng.permutation(30)]
    y = np.where(rng.random(1500) < 0.15, rng.random(1500) < 0.5, own[batch]) * 1.0
    look = examples.look(columns, y, learner=examples.nearest)
    found = recorded(look)
    assert [f.code for f in found] == ["A501"]
    assert found[0].question


def test_time_may_be_declined() -> None:
    """What was said stands; what was seen is told all the same."""
    from heldout.audits.choice import decline

    columns, y = calls()
    look = examples.look(columns, y)
    decline(look, "time")
    (found,) = recorded(look)
    assert not chosen(look)
    assert found.did.startswith("nothing")
    late = dataclasses.replace(look, memo={"order": order_of(look)})
    assert recorded(late)
