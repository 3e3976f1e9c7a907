"""Several targets make one task: labels, or numbers."""

import json

import numpy as np
import pytest

from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.splits.protocol import plan
from heldout.splits.samples import make_samples
from heldout.tables import read
from heldout.tasks import null
from heldout.tasks.labels import read_label_columns
from heldout.tasks.options import Said
from heldout.tasks.several import alone, principal, rarest_label
from heldout.tasks.state import encode, state, with_roles
from heldout.tasks.task import Task

LABELS = ("red", "round", "rare")


def made(rows=400, missing=()):
    """Three labels, of which one is rare, and two numbers in very different units."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3))
    red = np.where(x[:, 0] > 0, "yes", "no").astype(object)
    round_ = (x[:, 1] > 0.5).astype(object)
    rare = np.where(x[:, 2] > 1.8, "1", "0").astype(object)
    for i in missing:
        red[i] = ""
    return {
        "a": x[:, 0], "b": x[:, 1], "c": x[:, 2],
        "red": red.tolist(), "round": [bool(v) for v in round_], "rare": rare.tolist(),
        "blue": np.where(x[:, 2] > 0.3, "blue", "other").tolist(),
        "grams": (1_000 * x[:, 0] + 5_000).tolist(), "meters": (0.01 * x[:, 1]).tolist(),
    }  # fmt: skip


def refused(targets, code, columns=None, **said):
    with pytest.raises(HeldoutError) as error:
        state(read.read(columns or made()), targets, Said(**said))
    assert error.value.code == code
    return error.value


@pytest.mark.requirement("TASK-02", "TASK-03", "TASK-10")
def test_targets_with_two_values_are_labels():
    table = read.read(made())
    task = state(table, LABELS)
    assert (task.kind, task.metric, task.greater_is_better) == ("multilabel", "roc_auc", True)
    assert task.targets == LABELS and task.outputs == 3 and task.listed == "red,round,rare"
    assert not task.is_classification and task.is_multilabel and task.is_likely
    assert [p.kind for p in task.parts] == ["binary"] * 3
    assert task.parts[0].classes == ("no", "yes") and task.parts[2].positive == "1"
    assert all(p.positive_code == 1 for p in task.parts)
    y = encode(task, table)
    assert y.shape == (400, 3) and set(np.unique(y)) == {0.0, 1.0}
    assert y[:, 1].tolist() == [float(v) for v in made()["round"]]
    assert Task.from_dict(json.loads(json.dumps(task.as_dict()))) == task
    roles = with_roles(table, task).schema
    assert [c.name for c in roles if c.role == "target"] == list(LABELS)


@pytest.mark.requirement("TASK-02", "TASK-03")
def test_targets_that_are_numbers_are_a_vector():
    table = read.read(made())
    task = state(table, ["grams", "meters"])
    assert (task.kind, task.metric, task.greater_is_better) == ("vector_regression", "mae", False)
    y = encode(task, table)
    assert [p.scale for p in task.parts] == pytest.approx(np.std(y, axis=0).tolist())
    assert Task.from_dict(json.loads(json.dumps(task.as_dict()))) == task
    assert state(table, ("red",)).kind == "binary"


@pytest.mark.requirement("TASK-02", "TASK-03")
def test_what_does_not_make_one_task_is_refused():
    mixed = refused(("red", "grams"), "H270")
    assert any("--target red" in do for do in mixed.do) and "grams" in mixed.seen
    refused(("red", "grams"), "H270", task="vector_regression")
    refused(("grams", "meters"), "H270", task="multilabel")
    refused(LABELS, "H270", task="binary")
    refused("red", "H270", task="multilabel")
    refused(("red", "red"), "H102")
    refused(("red", "rde"), "H104")
    refused(LABELS, "H102", group=("round",))
    refused(LABELS, "H105", metric="mae")
    constant = refused(("red", "same"), "H251", made() | {"same": ["x"] * 400})
    assert constant.do == ("--target red",)
    few = made() | {"round": [True, False] * 7 + [None] * 386}
    refused(LABELS, "H253", few)


@pytest.mark.requirement("TASK-02")
def test_zero_and_one_beside_numbers_must_be_said():
    columns = made() | {"flag": [0, 1] * 200}
    assert "--task vector_regression" in refused(("grams", "flag"), "H270", columns).do[-1]
    task = state(read.read(columns), ("grams", "flag"), Said(task="vector_regression"))
    assert task.kind == "vector_regression"


@pytest.mark.requirement("TASK-02")
def test_rows_that_miss_a_target_are_set_aside_and_said():
    table = read.read(made(missing=(3, 5)))
    task = state(table, LABELS)
    y = encode(task, table)
    assert np.isnan(y[[3, 5]]).all() and not np.isnan(np.delete(y, [3, 5], axis=0)).any()
    assert any("2 rows" in q and "miss at least one target" in q for q in task.questions)


@pytest.mark.requirement("EVAL-01")
def test_a_null_model_answers_for_each_target():
    table = read.read(made())
    task = state(table, LABELS)
    y = encode(task, table)
    assert null.predict("prior", task, y, 2) == pytest.approx(np.tile(y.mean(axis=0), (2, 1)))
    assert null.predict("most_frequent", task, y, 1)[0, 2] == 0.0
    numbers = state(table, ("grams", "meters"))
    y = encode(numbers, table)
    assert null.predict("median", numbers, y, 1)[0] == pytest.approx(np.median(y, axis=0))


@pytest.mark.requirement("EVAL-08", "TASK-02")
def test_the_rarest_label_parts_the_rows():
    rng = np.random.default_rng(1)
    y = (rng.random((2_000, 3)) < np.array([0.5, 0.2, 0.03])).astype(float)
    y[:, 0] = 1 - (rng.random(2_000) < 0.1)  # nearly always there: its absence is what is rare
    code = rarest_label(y)
    assert (code[y[:, 2] == 1] == 3).all() and (code == 3).sum() == y[:, 2].sum()
    assert set(np.unique(code)) <= {0.0, 1.0, 2.0, 3.0}
    again = rarest_label(np.stack([y[:, 2], y[:, 2]], axis=1))
    assert len(np.unique(again)) == 2  # the second says nothing that the first has not said


def test_what_numbers_have_in_common_parts_the_rows():
    x = np.random.default_rng(2).normal(size=500)
    first = principal(np.stack([1_000 * x, -0.01 * x], axis=1))
    assert abs(np.corrcoef(first, x)[0, 1]) == pytest.approx(1.0)


@pytest.mark.requirement("EVAL-08")
def test_folds_share_out_every_label():
    table = read.read(made(rows=900))
    task = state(table, LABELS)
    table = with_roles(table, task)
    y = encode(task, table)
    found = plan(make_samples(table, task), y, task, Seed(0))
    shares = np.array([y[f.valid].mean(axis=0) for f in found.folds])
    rare = y[:, 2].sum() / len(found.folds)
    counts = np.array([y[f.valid][:, 2].sum() for f in found.folds])
    assert counts.min() >= np.floor(rare) and counts.max() <= np.ceil(rare)
    assert np.ptp(shares[:, 0]) < 0.25
    assert not len(found.unscored) and "rarest label" in found.reason
    single, codes = alone(task, y)
    assert single.kind == "multiclass" and len(codes) == len(y)


@pytest.mark.requirement("EVAL-03")
def test_the_seal_knows_its_targets():
    """Another order of rows seals the same; another target is another fingerprint."""
    table = read.read(made(rows=1_500))
    task = state(table, ("red", "round"))
    names = {}
    order = np.random.default_rng(3).permutation(1_500)
    for name, rows, asked in (
        ("plain", np.arange(1_500), task),
        ("turned", order, task),
        ("other", np.arange(1_500), state(table, ("red", "blue"))),
    ):
        some = with_roles(table.take(rows), asked)
        samples = make_samples(some, asked)
        names[name] = plan(samples, encode(asked, some), asked, Seed(0), seal=True).fingerprint
    assert names["plain"] == names["turned"] != names["other"]


def test_answers_of_a_labeled_file():
    task = state(read.read(made()), ("red", "round"))
    y, strange = read_label_columns(
        task, [["yes", "no", "", "maybe"], ["true", "false", "true", "true"]]
    )
    assert y[:2].tolist() == [[1.0, 1.0], [0.0, 0.0]] and np.isnan(y[2:]).all()
    assert strange == ("red: maybe",)
