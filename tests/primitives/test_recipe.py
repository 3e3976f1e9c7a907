"""Recipes of the views: raw columns to parts, in NumPy and in one graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.graph.inputs import declare, input_name
from heldout.graph.tape import Tape
from heldout.primitives import hostile
from heldout.primitives.block import Block
from heldout.primitives.recipe import PrimitiveRef, Recipe, RecipeSpec, Step
from heldout.primitives.views import VIEWS, WHOLE, make_spec
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Table
from heldout.tasks.task import Task
from heldout.testing.primitives import same_bits

GROUPS = tuple(f"g{i}" for i in range(300))
SCHEMA = Schema(
    (
        Column("a", "number", low=-3.0, high=5.0),
        Column("v1", "number", low=0.0, high=1e6, whole=True),
        Column("decision", "number", low=0.0, high=1e-3),
        Column("f", "boolean"),
        Column("k", "category", levels=tuple("abcdefgh"), distinct=8),
        Column("g", "category", levels=GROUPS, distinct=300),
        Column("words", "text", levels=("a b c", "b  d", "e")),
        Column("t", "date", low=1.4e15, high=1.6e15),
    )
)


def task(classes: int) -> Task:
    names = tuple(f"class {i}" for i in range(classes))
    return Task("regression", "y", "mae", False, classes=names)


def fit(view: str, classes: int, rows: int = 2000) -> tuple[Recipe, Block, Schema]:
    columns = hostile.columns(SCHEMA, rows, Seed(1))
    y = Seed(2).rng().integers(max(classes, 9), size=rows).astype(float) % max(classes, 9)
    recipe, block = make_spec(view, SCHEMA, task(classes)).fit(columns, y, seed=Seed(3))
    return recipe, block, SCHEMA


def session(recipe: Recipe, schema: Schema, block: Block) -> onnxruntime.InferenceSession:
    tape = Tape()
    parts = recipe.to_onnx(tape, declare(tape, schema))
    assert sorted(parts) == sorted(block.parts)
    for part, name in sorted(parts.items()):
        kind = "float" if block.parts[part].kind == "numbers" else "int32"
        tape.output(part, name, kind, (None, block.parts[part].values.shape[1]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(tape.build(), options, ["CPUExecutionProvider"])


def assert_same(graph: onnxruntime.InferenceSession, recipe: Recipe, columns: dict) -> None:
    block = recipe.transform(columns)
    used = {i.name for i in graph.get_inputs()}
    feed = {input_name(c): v[:, None] for c, v in columns.items() if input_name(c) in used}
    outputs = [o.name for o in graph.get_outputs()]
    for part, values in zip(outputs, graph.run(outputs, feed), strict=True):
        assert same_bits(block.parts[part].values, values), part


@pytest.mark.requirement("PREP-01", "PREP-22")
@pytest.mark.parametrize("classes", [0, 2, 3, 20])
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_views_say_the_same_in_the_graph_bit_for_bit(view: str, classes: int) -> None:
    recipe, block, schema = fit(view, classes)
    back = Recipe.from_dict(json.loads(json.dumps(recipe.as_dict(), allow_nan=False)))
    graph = session(recipe, schema, block)
    new = hostile.columns(schema, 5000, Seed(4))
    assert_same(graph, back, new)
    assert_same(graph, back, {name: values[:1] for name, values in new.items()})
    assert_same(graph, back, {name: values[:0] for name, values in new.items()})


@pytest.mark.requirement("PREP-01")
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_blocks_name_their_features(view: str) -> None:
    recipe, block, _ = fit(view, 2)
    for part in block.parts.values():
        width = part.values.shape[1]
        assert len(part.names) == len(part.origins) == len(part.categorical) == width
        assert len(part.sizes) == width
        assert set(part.origins) <= set(SCHEMA.names)
        assert len(set(part.names)) == width
        for j in np.flatnonzero(part.categorical):
            assert part.values[:, j].max() < part.sizes[j] <= 302
    if view != "trees":
        x = recipe.transform(hostile.columns(SCHEMA, 1000, Seed(5))).x
        assert np.isfinite(x).all(), "linear models and networks see no gap"
        assert np.abs(x).max() <= 8.0


def test_tree_view_keeps_gaps_and_marks_categories() -> None:
    _, block, _ = fit("trees", 2)
    part = block.parts["x"]
    found = dict(zip(part.names, part.categorical, strict=True))
    assert found["k"]
    assert found["g"]
    assert not found["g mean"]
    assert np.isnan(part.values[:, part.names.index("a")]).any()


def test_training_values_differ_from_transform_for_target_means_only() -> None:
    recipe, block, _ = fit("trees", 2)
    after = recipe.transform(hostile.columns(SCHEMA, 2000, Seed(1))).x
    moved = [
        name
        for j, name in enumerate(block.parts["x"].names)
        if not same_bits(block.x[:, j : j + 1], after[:, j : j + 1])
    ]
    assert moved == ["g mean"]


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_other_rows_do_not_change_the_fitted_recipe(view: str) -> None:
    whole = hostile.columns(SCHEMA, 1000, Seed(6))
    other = hostile.columns(SCHEMA, 1000, Seed(7))
    y = np.arange(1000) % 2 * 1.0
    train = np.arange(0, 1000, 2)
    poisoned = {n: np.where(np.arange(1000) % 2 == 0, v, other[n]) for n, v in whole.items()}
    spec = make_spec(view, SCHEMA, task(2))
    made = [
        spec.fit({n: v[train] for n, v in c.items()}, y[train], seed=Seed(8))[0].as_dict()
        for c in (whole, poisoned)
    ]
    assert json.dumps(made[0]) == json.dumps(made[1])


def test_specifications_are_frozen_json_with_a_digest() -> None:
    spec = make_spec("linear", SCHEMA, task(2))
    back = RecipeSpec.from_dict(json.loads(spec.as_json()))
    assert back == spec
    assert back.digest == spec.digest
    assert spec.digest != make_spec("linear", SCHEMA, task(3)).digest
    assert spec.columns == ["a", "v1", "decision", "f", "t", "k", "g", "words"]


def test_another_version_of_a_primitive_is_refused() -> None:
    spec = RecipeSpec("trees", (Step("x", ("a",), (PrimitiveRef("number", 99),)),))
    with pytest.raises(HeldoutError) as caught:
        spec.fit({"a": np.zeros(3)})
    assert caught.value.code == "H520"


def test_nothing_to_learn_from_is_an_error_of_the_data() -> None:
    schema = Schema((Column("k", "number", role="ignored"), Column("y", "number", role="target")))
    for view in (*VIEWS, *WHOLE):
        with pytest.raises(HeldoutError) as caught:
            make_spec(view, schema, task(0))
        assert caught.value.code == "H220"
        assert caught.value.exit_code == 3


def test_a_table_of_categories_alone_has_numbers_for_networks() -> None:
    schema = Schema((Column("k", "category", levels=("a", "b"), distinct=2),))
    columns = {"k": np.array(["a", "b"] * 10, dtype=object)}
    _, block = make_spec("net", schema, task(2)).fit(columns, np.arange(20) % 2.0)
    assert block.x.shape == (20, 2)
    assert block.parts["codes"].sizes == (4,)


@pytest.mark.requirement("PREP-22")
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_views_on_a_real_table(view: str, data_folder: Path) -> None:
    table = telco(data_folder)
    columns = table.arrays()
    y = (table.frame["Churn"] == "Yes").cast(pl.Float64).to_numpy()
    train = {name: values[::2] for name, values in columns.items()}
    recipe, block = make_spec(view, table.schema, task(2)).fit(train, y[::2])
    graph = session(recipe, table.schema, block)
    assert_same(graph, recipe, columns)
    assert_same(graph, recipe, hostile.columns(table.schema, 3000, Seed(9)))
    assert len(block) == 3522


def telco(folder: Path) -> Table:
    """The table by hand, so that this room's tests need no reader."""
    path = next(folder.rglob("telco_churn.csv"))
    frame = pl.read_csv(path, infer_schema_length=None)
    columns, typed = [], []
    for name in frame.columns:
        if name in ("tenure", "MonthlyCharges", "TotalCharges"):
            series = frame[name].cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
            low, high = float(series.min()), float(series.max())
            columns.append(Column(name, "number", low=low, high=high, nulls=series.null_count()))
        else:
            series = frame[name].cast(pl.String)
            levels = tuple(sorted(series.drop_nulls().unique()))[:300]
            role = {"Churn": "target", "customerID": "ignored"}.get(name, "input")
            columns.append(
                Column(name, "category", role, levels=levels, distinct=series.n_unique())
            )
        typed.append(series)
    return Table(pl.DataFrame(typed), Schema(tuple(columns)))


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=64)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
MOMENTS = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def fitted_views() -> list[tuple[onnxruntime.InferenceSession, Recipe]]:
    made = []
    for view in VIEWS:
        recipe, block, schema = fit(view, 3, 500)
        made.append((session(recipe, schema, block), recipe))
    return made


@pytest.mark.requirement("PREP-22")
@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            *(NUMBERS,) * 3,
            st.sampled_from([0.0, 1.0, np.nan]),
            TEXTS | st.sampled_from([*"abcdefgh", NULL]),
            TEXTS | st.sampled_from(GROUPS),
            TEXTS | st.sampled_from(["a b", "b  d", "e ", NULL]),
            MOMENTS | st.just(NULL_DATE),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_cells_mean_the_same_in_the_graph(rows: list, fitted_views: list) -> None:
    dtypes = [np.float64] * 4 + [object] * 3 + [np.int64]
    columns = {
        column.name: np.array(cells, dtype)
        for column, cells, dtype in zip(SCHEMA, zip(*rows, strict=True), dtypes, strict=True)
    }
    for graph, recipe in fitted_views:
        assert_same(graph, recipe, columns)
