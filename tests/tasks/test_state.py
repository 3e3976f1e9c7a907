"""Which task a target suggests, what is said about it, and what is refused."""

import numpy as np
import polars as pl
import pytest

from heldout.core.errors import HeldoutError
from heldout.tables.schema import Column, Schema
from heldout.tables.table import Table
from heldout.tasks.labels import read_labels
from heldout.tasks.options import Said
from heldout.tasks.state import encode, state, with_roles


def table_of(target, name="y", kind=None, levels=(), **more):
    """A table with a target (texts, numbers, None) and an input."""
    numeric = kind in ("number", "boolean") or (
        kind is None and not any(isinstance(v, str) for v in target)
    )
    dtype = pl.Float64 if numeric else pl.String
    series = pl.Series(name, list(target), dtype=dtype, strict=False)
    known = series.drop_nulls()
    whole = bool(numeric and (known == known.round()).all())
    column = Column(
        name, kind or ("number" if numeric else "category"), levels=tuple(levels), whole=whole
    )
    extra = {k: pl.Series(k, v) for k, v in more.items()}
    columns = [column, *(Column(k, "number") for k in extra)]
    frame = pl.DataFrame({name: series, **extra})
    return Table(frame, Schema(tuple(columns)), "data.csv")


def counts(**of):
    return [v for value, n in of.items() for v in [value] * n]


def numbers(of):
    return [float(v) for value, n in of.items() for v in [value] * n]


@pytest.mark.requirement("TASK-02", "TASK-03")
def test_two_words_are_a_binary_task():
    table = table_of(counts(Yes=30, No=70))
    task = state(table, "y")
    assert (task.kind, task.classes, task.positive) == ("binary", ("No", "Yes"), "Yes")
    assert task.metric == "roc_auc" and task.greater_is_better
    assert "for its name" in task.reason and "two values" in task.reason
    assert encode(task, table).sum() == 30


def test_the_rarer_is_positive_where_no_word_says_so():
    task = state(table_of(counts(good=70, bad=30)), "y")
    assert task.positive == "bad" and "rarer (30%)" in task.reason
    task = state(table_of(counts(sick=70, healthy=30)), "y")
    assert task.positive == "sick" and "for its name" in task.reason
    task = state(table_of(counts(died=70, survived=30)), "y")
    assert task.positive == "died"
    task = state(table_of(counts(good=50, bad=50)), "y")
    assert task.positive == "good" and "equally frequent" in task.reason
    task = state(table_of(counts(yes=50, y=10)), "y")
    assert task.positive == "y" and "rarer" in task.reason
    task = state(table_of(counts(good=70, bad=30)), "y", Said(positive="good "))
    assert task.positive == "good" and "you said so" in task.reason


def test_numbers_and_booleans_with_two_values():
    task = state(table_of(numbers({1: 20, 0: 80})), "y")
    assert (task.kind, task.classes, task.positive) == ("binary", ("0", "1"), "1")
    task = state(table_of(numbers({2: 70, 10: 30})), "y")
    assert (task.classes, task.positive) == (("2", "10"), "10")
    table = table_of(numbers({1: 30, 0: 50}), kind="boolean", levels=("no", "oui"))
    task = state(table, "y")
    assert (task.classes, task.positive) == (("no", "oui"), "oui")
    assert encode(task, table).tolist() == [1.0] * 30 + [0.0] * 50
    table = table_of(numbers({1: 30, 0: 50}), kind="boolean", levels=("z", "a"))
    task = state(table, "y")
    assert (task.classes, task.positive) == (("a", "z"), "a")
    assert encode(task, table).tolist() == [0.0] * 30 + [1.0] * 50


@pytest.mark.requirement("TASK-02", "TASK-03")
def test_several_words_are_classes_in_order_of_text():
    table = table_of(counts(b=30, c=30, a=40))
    task = state(table, "y")
    assert (task.kind, task.classes) == ("multiclass", ("a", "b", "c"))
    assert task.metric == "log_loss" and not task.greater_is_better
    assert np.bincount(encode(task, table).astype(int)).tolist() == [40, 30, 30]


@pytest.mark.requirement("TASK-02", "TASK-03", "TASK-10")
def test_many_numbers_are_a_regression():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, 100)
    table = table_of(values.tolist())
    task = state(table, "y")
    assert (task.kind, task.metric) == ("regression", "mae")
    assert encode(task, table).tolist() == values.tolist()
    assert not task.questions
    halves = state(table_of((rng.integers(2, 11, 100) / 2).tolist()), "y")
    assert halves.kind == "regression"


@pytest.mark.requirement("TASK-03")
@pytest.mark.parametrize(
    ("name", "of", "kind", "word"),
    [
        ("quality", {3: 10, 4: 53, 5: 681, 6: 638, 7: 199, 8: 18}, "regression", "scale"),
        ("rating", {1: 200, 2: 50, 3: 60, 4: 150, 5: 400}, "regression", "scale"),
        ("children", {0: 574, 1: 324, 2: 240, 3: 157, 4: 25, 5: 18}, "regression", "scale"),
        ("Class", {1: 10, 2: 50, 3: 60, 4: 20}, "multiclass", "name speaks of a class"),
        ("Cover_Type", {1: 365, 2: 488, 3: 62, 4: 5, 5: 17}, "multiclass", "type"),
        ("v", {1: 100, 2: 50, 3: 90, 4: 40, 5: 45, 7: 100}, "multiclass", "evenly spaced"),
        ("v", {1: 59, 2: 71, 3: 48}, "multiclass", "so few"),
        ("digit", {d: 100 + 3 * (d % 3) for d in range(10)}, "multiclass", "frequencies"),
    ],
)
def test_few_whole_numbers_are_a_question(name, of, kind, word):
    """Chosen, said, and kept as an assumption with the option that overrules it."""
    table = table_of(numbers(of), name=name)
    task = state(table, name)
    assert task.kind == kind and word in task.reason
    assert len(task.questions) >= 1
    other = "multiclass" if kind == "regression" else "regression"
    assert f"--task {other}" in task.questions[0] and name in task.questions[0]
    assert state(table, name, Said(task=other)).kind == other


def test_numeric_classes_are_ordered_by_size():
    task = state(table_of(numbers({10: 40, 9: 40, 1: 40})), "y", Said(task="multiclass"))
    assert task.classes == ("1", "9", "10")


@pytest.mark.requirement("TASK-02")
def test_the_named_task_must_fit():
    words = table_of(counts(a=30, b=30, c=40))
    for named in ("regression", "binary"):
        with pytest.raises(HeldoutError) as caught:
            state(words, "y", Said(task=named))
        assert (caught.value.code, caught.value.exit_code) == ("H257", 2)
    assert state(table_of(counts(a=30, b=30)), "y", Said(task="classification")).kind == "binary"
    for unknown, told in (("regresion", "no task"), ("clustering", "not carried out")):
        with pytest.raises(HeldoutError, match=told) as caught:
            state(words, "y", Said(task=unknown))
        assert caught.value.code == "H103"


def test_a_forecast_needs_time():
    table = table_of(list(range(50)), t=list(range(50)))
    task = state(table, "y", Said(task="forecasting", time=("t",), horizon=12))
    assert (task.kind, task.horizon, task.time) == ("forecast", 12, ("t",))
    with pytest.raises(HeldoutError, match="--time"):
        state(table, "y", Said(task="forecast"))


@pytest.mark.parametrize(
    ("target", "code", "exit_code", "word"),
    [
        (["a"] * 50, "H251", 3, 'all 50 rows with a target say "a"'),
        ([1.0] * 50, "H251", 3, '"1"'),
        ([None] * 50, "H252", 3, "none with a target"),
        (["a", "b"], "H253", 3, "2 rows"),
        ([f"name {i}" for i in range(300)], "H254", 3, '"name 0"'),
        ([f"name {i % 40}" for i in range(60)], "H254", 3, "60 rows"),
    ],
)
def test_targets_that_cannot_be_learned(target, code, exit_code, word):
    table = table_of(target, kind="category" if code == "H252" else None)
    with pytest.raises(HeldoutError) as caught:
        state(table, "y")
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
    assert word in caught.value.text(200)


def test_dates_are_no_targets():
    frame = pl.DataFrame({"y": pl.Series([None] * 30, dtype=pl.Datetime("us"))})
    table = Table(frame, Schema((Column("y", "date"),)))
    with pytest.raises(HeldoutError) as caught:
        state(table, "y")
    assert caught.value.code == "H256"


def test_the_target_that_is_not_there():
    with pytest.raises(HeldoutError) as caught:
        state(table_of(counts(Yes=30, No=70), name="Churn"), "churned")
    error = caught.value
    assert (error.code, error.exit_code) == ("H104", 2)
    assert error.what == 'data.csv has no column "churned"'
    assert error.seen == '1 column; the nearest name is "Churn"'


def test_classes_metrics_and_options_that_are_not_there():
    table = table_of(counts(Yes=30, No=70), w=[1.0] * 100)
    refused = [
        ({"positive": "yep"}, "H255"),
        ({"metric": "mae"}, "H105"),
        ({"metric": "auc_roc"}, "H103"),
        ({"group": ("nobody",)}, "H104"),
        ({"group": ("y",)}, "H102"),
        ({"weight": "y"}, "H102"),
        ({"horizon": 0}, "H102"),
        ({"threshold": 1.5}, "H102"),
        ({"capacity": 0.0}, "H102"),
        ({"cost": {"miss": -1}}, "H102"),
        ({"cost": {"mis": 1}}, "H102"),
        ({"cost": {"miss": 5}}, "H102"),
        ({"cost": {"miss": 0, "alarm": 0}}, "H102"),
    ]
    for options, code in refused:
        with pytest.raises(HeldoutError) as caught:
            state(table, "y", Said(**options))
        assert caught.value.code == code, options
        assert caught.value.exit_code == 2
    several = table_of(counts(a=30, b=30, c=30))
    for options in ({"positive": "a"}, {"threshold": 0.5}, {"cost": {"miss": 2}}):
        with pytest.raises(HeldoutError) as caught:
            state(several, "y", Said(**options))
        assert caught.value.code == "H102"
    task = state(
        table, "y", Said(weight="w", time=("row",), group=("w",), cost={"miss": 5, "alarm": 1})
    )
    assert task.weight == "w" and task.cost == {"miss": 5, "alarm": 1}


def test_missing_targets_are_counted_and_left_out():
    table = table_of([*counts(Yes=30, No=70), None, "", "  "])
    task = state(table, "y")
    y = encode(task, table)
    assert np.isnan(y[-3:]).all() and not np.isnan(y[:-3]).any()
    assert "missing in 3 rows" in task.questions[0]


def test_labels_are_trimmed_and_otherwise_taken_as_they_are():
    table = table_of(["Yes"] * 20 + [" Yes "] * 10 + ["No"] * 20 + ["no"] * 5)
    task = state(table, "y", Said(task="multiclass"))
    assert task.classes == ("No", "Yes", "no")


def test_rare_classes_are_asked_about():
    task = state(table_of(counts(a=50, b=50, c=3)), "y")
    assert "1 class of `y`" in task.questions[0] and "(c)" in task.questions[0]


def test_new_labels_are_not_known():
    task = state(table_of(counts(a=50, b=50)), "y")
    other = table_of(["a", "b", "c", None])
    assert np.array_equal(encode(task, other), [0, 1, np.nan, np.nan], equal_nan=True)


def test_labels_of_a_file_go_through_the_map():
    task = state(table_of(numbers({1: 20, 0: 80})), "y")
    y, strange = read_labels(task, ["1", " 0 ", "1.0", "1e0", "", None, "maybe", "2"])
    assert np.array_equal(y, [1, 0, 1, 1, np.nan, np.nan, np.nan, np.nan], equal_nan=True)
    assert strange == ("maybe", "2")
    task = state(table_of(counts(Yes=30, No=70)), "y")
    y, strange = read_labels(task, ["Yes", "No ", "yes"])
    assert y[:2].tolist() == [1, 0] and strange == ("yes",)
    task = state(table_of(np.arange(50.0).tolist()), "y")
    y, strange = read_labels(task, ["1.5", "x", "inf"])
    assert y[0] == 1.5 and strange == ("x", "inf")


def test_roles_reach_the_schema():
    table = table_of(counts(Yes=30, No=70), w=[1.0] * 100, g=[1.0] * 100, t=[1.0] * 100)
    task = state(table, "y", Said(weight="w", group=("g",), time=("t",)))
    roles = {c.name: c.role for c in with_roles(table, task).schema}
    assert roles == {"y": "target", "w": "weight", "g": "group", "t": "time"}
    task = state(table, "y", Said(time=("row",)))
    assert with_roles(table, task).schema["t"].role == "input"
