"""Who or what a row comes from, and in which order: found by structure, silent without it."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.audits.designed import designed
from heldout.audits.entities import entities
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.tasks.task import Task
from heldout.workflow.protocol import find
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec


def found(source: pl.DataFrame | Path, target: str) -> Task:
    """The task with the groups and the time that were found."""
    table = read(source)
    table = table.with_schema(table.schema.with_roles({target: "target"}, "a test"))
    task = state(table, target)
    y = encode(task, table)
    return find(table, task, y, Spec(), quick_learner(task), Seed(0), Deadline.never())[1]


def measured_four_times(name: str) -> pl.DataFrame:
    """300 subjects, each measured four times, with a diagnosis that no measurement tells; the rows
    are shuffled, so that only the numbering says who is who."""
    rng = np.random.default_rng(5)
    subject = rng.permutation(np.repeat(np.arange(300), 4))
    of_subject = rng.normal(size=(300, 3))[subject]
    noise = 0.05 * rng.normal(size=(1200, 3))
    columns = {f"f{i}": (of_subject + noise)[:, i] for i in range(3)}
    sick = (rng.random(300) < 0.5)[subject]
    return pl.DataFrame({**columns, name: subject, "diagnosis": np.where(sick, "yes", "no")})


@pytest.mark.requirement("EVAL-08")
@pytest.mark.parametrize("name", ["subject", "grp"])
def test_a_numbering_of_subjects_groups_the_rows_whatever_its_name(name: str) -> None:
    """A run claimed 0.998 where new subjects are at 0.5."""
    assert found(measured_four_times(name), "diagnosis").group == (name,)


def test_a_count_named_like_a_person_is_no_person() -> None:
    """`member` as a number of members: values that fall by chance, and nothing alike beyond them."""
    rng = np.random.default_rng(1)
    member = rng.poisson(40, 1000)
    y = 0.1 * member + rng.normal(size=1000)
    frame = pl.DataFrame({"member": member, "a": rng.normal(size=1000), "y": y})
    assert found(frame, "y").group == ()


def test_few_or_uneven_values_are_no_numbering() -> None:
    """Whole numbers that fall by chance are asked nothing."""
    rng = np.random.default_rng(2)
    frame = pl.DataFrame({"a": rng.integers(0, 300, 1200), "y": rng.normal(size=1200)})
    assert [e.how for e in entities(read(frame))] == []


def test_a_list_of_all_combinations_has_no_order_of_time() -> None:
    """Car Evaluation's last stretch has prices that no row before has: that is no future."""
    rows = list(itertools.product("abcd", "efgh", "ij", "klm", "nop"))
    frame = pl.DataFrame(rows, schema=list("vwxyz"), orient="row")
    assert designed(read(frame))
    assert not designed(read(frame[:200]))
    assert not designed(read(pl.concat([frame, frame])))
    good = [sum(map(ord, row)) % 7 > 3 for row in rows]
    frame = frame.with_columns(good=pl.Series(["yes" if g else "no" for g in good]))
    assert found(frame, "good").time == ()


def test_car_evaluation_is_shuffled(data_folder: Path) -> None:
    """The real one: forward in its order no model beat the rates of the classes."""
    assert found(data_folder / "tables" / "multiclass" / "car.csv", "class").time == ()


def shops(shuffled: bool, *, drift: bool = True) -> pl.DataFrame:
    """Thirty shops, sixty weeks each, listed shop by shop; turnover grows from week to week."""
    rng = np.random.default_rng(11)
    shop, week = np.repeat(np.arange(30), 60), np.tile(np.arange(60), 30)
    level = 20 * rng.normal(size=30)[shop]
    sales = 100 + level + 0.8 * drift * week + 5 * rng.normal(size=1800)
    monday = np.datetime64("2022-01-03") + 7 * week
    columns = {"shop": [f"S{s:02}" for s in shop], "week": monday.astype(str), "sales": sales}
    frame = pl.DataFrame(columns)
    return frame.sample(fraction=1.0, shuffle=True, seed=0) if shuffled else frame


@pytest.mark.requirement("EVAL-08", "EVAL-09")
@pytest.mark.parametrize("shuffled", [False, True])
def test_shops_by_week_are_validated_forward_in_whatever_order_they_lie(shuffled: bool) -> None:
    """Shuffled weeks claimed an error of 4; next month's weeks are further off."""
    assert found(shops(shuffled), "sales").time == ("week",)


def test_dates_that_tell_nothing_do_not_choose_the_protocol() -> None:
    """Without a trend, and where the dates are those of birth."""
    assert found(shops(True, drift=False), "sales").time == ()
    assert found(shops(True).rename({"week": "date_of_birth"}), "sales").time == ()


def test_labels_in_long_runs_are_a_recording() -> None:
    """Sixty stretches of one activity each, no column of time: few draws, and no doubt."""
    rng = np.random.default_rng(11)
    label = np.repeat(rng.integers(0, 3, 60), 25)
    drift = np.cumsum(rng.normal(size=1500) * 0.15)
    columns = {f"acc{i}": drift * (i % 2) + rng.normal(size=1500) * 0.8 for i in range(4)}
    columns["acc0"] = columns["acc0"] + 0.4 * label
    frame = pl.DataFrame(columns).with_columns(activity=pl.Series(np.array(["a", "b", "c"])[label]))
    assert found(frame, "activity").time == ("row",)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=0)
    assert found(shuffled, "activity").time == ()


def test_standardized_counts_and_special_values_are_no_numbering() -> None:
    """Counts, standardized and written with eight digits, repeat because they are counts; rows that
    share the value for "nothing found" have nothing in common."""
    rng = np.random.default_rng(3)
    risk = rng.normal(size=3_000)
    counts = rng.poisson(40 * np.exp(0.8 * risk))
    nothing = rng.random(3_000) < 0.7
    size = np.where(nothing, -0.37786573, rng.normal(size=3_000).round(6))
    size[::40] = size[1::40]  # a few equal by accident
    frame = pl.DataFrame(
        {
            "count": ((counts - counts.mean()) / counts.std()).round(8),
            "size": size,
            "other": rng.normal(size=3_000),
            "sick": np.where(risk + rng.normal(size=3_000) > 1, "yes", "no"),
        }
    )
    assert found(frame, "sick").group == ()
    table = read(frame)
    assert not [e for e in entities(table) if set(e.columns) & {"count", "size"}]


@pytest.mark.parametrize("name", ["mammography", "kc1_defects"])
def test_real_measurements_are_no_numbering(name: str, data_folder: Path) -> None:
    target = {"mammography": "column_6", "kc1_defects": "defects"}[name]
    assert found(data_folder / "tables" / "binary" / f"{name}.csv", target).group == ()
