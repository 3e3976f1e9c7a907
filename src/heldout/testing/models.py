"""The conformance suite of learners: ``check_model(CARD)`` raises AssertionError.

It beats the null model on an easy task of each kind that it declares, says the same twice, keeps
a soft deadline, survives classes that training did not see, and its piece of graph says what the
library says, on values meant to break it, also after its state went through a file.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.core.space import Settings, defaults
from heldout.models import state as states
from heldout.models.card import FitInput, Fitted, ModelCard, Size
from heldout.models.logits import log_loss
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task

TASKS = {
    "binary": Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes"),
    "multiclass": Task("multiclass", "t", "log_loss", False, ("a", "b", "c")),
    "regression": Task("regression", "t", "mae", False),
}
ROWS, LEVELS, SIDE = 600, 12, 16
GRACE = 2.0  # CPU seconds after the deadline, imports included
FLOAT = np.finfo(np.float32)
HOSTILE = np.array(
    [np.nan, 0.0, -0.0, 1e-40, -1e-40, 1e-35, 1.0000000180025095e-35, 1 / 3, 16777217.0, 1e30,
     -1e30, FLOAT.max, FLOAT.min, FLOAT.tiny],
    dtype=np.float32,
)  # fmt: skip


def check_model(card: ModelCard, settings: Settings | None = None) -> None:
    """Raise AssertionError where a learner breaks the rules of its shelf; ``settings`` may make
    it cheaper than its defaults."""
    used = settings or {}
    check_card(card)
    for kind in card.tasks:
        if kind in TASKS:
            check_easy(card, TASKS[kind], used)
            check_graph(card, TASKS[kind], used)
            check_few_rows(card, TASKS[kind], used)
    check_repeats(card, used)
    check_deadline(card, used)
    check_unknown_setting(card)
    if "multiclass" in card.tasks:
        check_unseen_class(card, used)


def check_card(card: ModelCard) -> None:
    """Words are there, defaults are JSON, prices grow with rows."""
    words = (card.title, card.summary, card.invented, card.source)
    assert all(words) and all((card.assumes, card.when, card.when_not)), f"{card.name}: no words"
    assert card.tasks and card.view and card.version >= 1
    chosen = defaults(card.space)
    json.dumps(chosen, allow_nan=False)
    small, large = (card.cost(Size(n, 10, 2), chosen) for n in (1_000, 100_000))
    assert 0 < small.seconds <= large.seconds and 0 < small.memory <= large.memory
    assert card.cost(Size(10, 1, 1), {}).seconds > 0


def easy(view: str, rows: int, seed: int, kind: str) -> tuple[Block, Doubles]:
    """A block of a view with a target that follows from it."""
    rng = Seed(seed).child("easy", view).rng()
    numbers = rng.normal(size=(rows, 4)).astype(np.float32)
    codes = rng.integers(2, LEVELS, size=(rows, 2))
    signal = 1.5 * numbers[:, 0] - numbers[:, 1] + np.where(codes[:, 0] % 2, 1.0, -1.0)
    signal = signal + 0.5 * rng.normal(size=rows)
    block = _block(view, _spoiled(numbers, rng) if view == "trees" else numbers, codes)
    if kind == "regression":
        return block, 100.0 + 20.0 * signal
    edges = [0.0] if kind == "binary" else [-1.0, 1.0]
    return block, np.digitize(signal, edges).astype(np.float64)


def _spoiled(numbers: Array, rng: np.random.Generator) -> Array:
    """Gaps in one column; the others have none, so that both rules for NaN are met."""
    out = numbers.copy()
    out[rng.random(len(out)) < 0.1, 1] = np.nan
    return out


def _block(view: str, numbers: Array, codes: Array) -> Block:
    rows = np.arange(len(numbers))
    if view == "image":
        return Block({"image": Part("image", _pictures(numbers, codes), ("p",), ("p",))}, rows)
    names = [f"x{i}" for i in range(numbers.shape[1])]
    if view == "trees":
        x = np.concatenate([numbers, codes.astype(np.float32)], axis=1)
        flags = (False,) * len(names) + (True,) * codes.shape[1]
        return Block({"x": _part(x, [*names, "c0", "c1"], flags)}, rows)
    if view == "net":
        parts = {"x": _part(numbers, names, (False,) * len(names))}
        sizes = (LEVELS,) * codes.shape[1]
        parts["codes"] = Part(
            "codes", codes.astype(np.int32), ("c0", "c1"), ("c0", "c1"), (True, True), sizes
        )
        return Block(parts, rows)
    one_hot = (codes[:, :, None] == np.arange(2, LEVELS)).reshape(len(codes), -1)
    x = np.concatenate([numbers, one_hot.astype(np.float32)], axis=1)
    return Block({"x": _part(x, [f"x{i}" for i in range(x.shape[1])], ())}, rows)


def _pictures(numbers: Array, codes: Array) -> Array:
    """The first two numbers as red and green, the first code as stripes across or down."""
    made = np.empty((len(numbers), SIDE, SIDE, 3), dtype=np.float32)
    made[..., :2] = 128 + 40 * np.nan_to_num(numbers[:, None, None, :2])
    stripes = np.where(np.arange(SIDE) % 4 < 2, 40, 200)
    down = (codes[:, 0] % 2 == 1)[:, None, None]
    made[..., 2] = np.where(down, stripes[:, None], stripes[None, :])
    return np.clip(made, 0, 255).astype(np.uint8)


def _part(x: Array, names: Sequence[str], categorical: tuple[bool, ...]) -> Part:
    flags = categorical or (False,) * len(names)
    return Part("numbers", x, tuple(names), tuple(names), flags, (0,) * len(names))


def hostile(view: str, rows: int = 500) -> Block:
    """A block of a view full of values that break graphs: gaps, zeros of both signs, denormals,
    the ends of float32, and unknown codes (trees); the ends of the clip (others)."""
    rng = Seed(1).child("hostile", view).rng()
    numbers = (3 * rng.normal(size=(rows, 4))).astype(np.float32)
    where = rng.random(numbers.shape) < 0.3
    if view == "trees":
        numbers[where] = rng.choice(HOSTILE, size=int(where.sum()))
    else:
        ends = np.array([-8.0, 8.0, 0.0, -0.0, 1e-40], dtype=np.float32)
        numbers[where] = rng.choice(ends, size=int(where.sum()))
    return _block(view, numbers, rng.integers(0, LEVELS, size=(rows, 2)))


def fit(
    card: ModelCard,
    task: Task,
    settings: Settings,
    *,
    rows: int = ROWS,
    deadline: Deadline | None = None,
    drop: Sequence[int] = (),
    final: int | None = None,
) -> Fitted:
    """A fit on the easy task; ``drop`` are class codes taken out, ``final`` rounds of a final
    fit without inner part."""
    block, y = easy(card.view, rows, 0, task.kind)
    keep = np.flatnonzero(~np.isin(y, list(drop)))
    cut = len(keep) - max(len(keep) // 10, 3)
    outer, inner = (keep, None) if final is not None else (keep[:cut], keep[cut:])
    return card.fit_one(
        FitInput(
            task=task,
            settings=settings,
            train=_take(block, outer),
            y=y[outer],
            weights=None,
            inner=None if inner is None else _take(block, inner),
            y_inner=None if inner is None else y[inner],
            rounds=final,
            seed=Seed(5),
            deadline=deadline or Deadline.never(),
        )
    )


def _take(block: Block, rows: Ints) -> Block:
    parts = {n: dataclasses.replace(p, values=p.values[rows]) for n, p in block.parts.items()}
    return Block(parts, block.samples[rows])


def check_easy(card: ModelCard, task: Task, settings: Settings) -> None:
    """Clearly better than a constant, in the right shape and range."""
    fitted = fit(card, task, settings)
    block, y = easy(card.view, ROWS, 1, task.kind)
    p = fitted.predict(block)
    assert p.dtype == np.float64 and p.shape == (ROWS, task.outputs), (p.dtype, p.shape)
    assert np.isfinite(p).all()
    if task.is_classification:
        assert (p >= 0).all() and np.allclose(p.sum(axis=1), 1.0, atol=1e-9)
        rates = np.bincount(y.astype(np.int64), minlength=task.outputs) / len(y)
        null = float(-(rates * np.log(rates)).sum())
        assert float(np.mean(log_loss(p, y))) < 0.9 * null, f"{card.name} learns nothing"
    else:
        assert np.mean((p[:, 0] - y) ** 2) < 0.6 * y.var(), f"{card.name} learns nothing"
    if card.early_stopping:
        again = fit(card, task, settings, final=max(1, fitted.rounds))
        assert again.rounds == max(1, fitted.rounds), "a final fit takes the rounds given"


def graph_prediction(
    card: ModelCard, state: Any, task: Task, settings: Settings, block: Block
) -> Doubles:
    """What the piece of graph says, by onnxruntime on one thread."""
    import onnxruntime

    from heldout.graph.tape import Tape

    assert card.to_onnx is not None
    tape = Tape()
    feeds, names = {}, {}
    for name, part in block.parts.items():
        dtype = {"numbers": "float", "codes": "int32", "image": "uint8"}[part.kind]
        names[name] = tape.input(name, dtype, (None, *part.values.shape[1:]))
        feeds[name] = np.ascontiguousarray(part.values)
    out = card.to_onnx(state, settings, task, tape, names)
    tape.output("out", out, "double", (None, task.outputs))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        tape.build(), options, providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(["out"], feeds)[0])


def check_graph(card: ModelCard, task: Task, settings: Settings) -> None:
    """The piece of graph against the library, the state read back from its bytes."""
    fitted = fit(card, task, settings)
    if not card.bundles:
        return
    data = states.dumps(fitted.state)
    state = states.loads(data)
    assert states.dumps(state) == data, "a state must survive its file"
    scale = 20.0 if task.kind == "regression" else 1.0
    for block in (hostile(card.view), easy(card.view, 50, 2, task.kind)[0]):
        library = fitted.predict(block)
        graph = graph_prediction(card, state, task, settings, block)
        assert graph.dtype == np.float64 and graph.shape == library.shape
        limit = card.tolerance * np.maximum(np.maximum(1.0, np.abs(library)), scale)
        worst = float(np.max(np.abs(graph - library) / limit))
        assert worst <= 1, f"{card.name}: graph and library differ, {worst:.3g} x the tolerance"
        one = graph_prediction(card, state, task, settings, _take(block, np.arange(1)))
        assert np.all(np.abs(one - graph[:1]) <= limit[:1]), "one row against the batch"


def check_repeats(card: ModelCard, settings: Settings) -> None:
    """Same seed, same state and prediction, to the bit."""
    task = _first(card)
    a, b = fit(card, task, settings), fit(card, task, settings)
    block, _ = easy(card.view, 100, 3, task.kind)
    assert np.array_equal(a.predict(block), b.predict(block)), f"{card.name} is not repeatable"
    assert states.dumps(a.state) == states.dumps(b.state)
    assert a.rounds == b.rounds


def check_deadline(card: ModelCard, settings: Settings) -> None:
    """A deadline of 0.2 s on many rows, and one that has passed, still give a model."""
    task = _first(card)
    block, _ = easy(card.view, 100, 3, task.kind)
    for deadline, rows in ((0.2, 20_000), (-1.0, ROWS)):
        start = time.process_time()
        fitted = fit(card, task, settings, rows=rows, deadline=Deadline.after(deadline))
        spent = time.process_time() - start
        assert spent < 0.2 + GRACE, f"{card.name} took {spent:.1f} s under a deadline of 0.2 s"
        assert np.isfinite(fitted.predict(block)).all()


def check_few_rows(card: ModelCard, task: Task, settings: Settings) -> None:
    """Thirty rows are no reason to fail."""
    fitted = fit(card, task, settings, rows=30)
    block, _ = easy(card.view, 20, 4, task.kind)
    assert np.isfinite(fitted.predict(block)).all()


def check_unseen_class(card: ModelCard, settings: Settings) -> None:
    """A class that training did not see still has its column."""
    task = TASKS["multiclass"]
    fitted = fit(card, task, settings, drop=[1])
    block, _ = easy(card.view, 50, 4, task.kind)
    p = fitted.predict(block)
    assert p.shape == (50, 3) and np.isfinite(p).all()
    assert float(p[:, 1].max()) < 0.2, f"{card.name} invents a class"
    if card.bundles:
        graph = graph_prediction(card, fitted.state, task, settings, block)
        assert np.allclose(graph, p, atol=max(card.tolerance, 1e-12), rtol=0)


def check_unknown_setting(card: ModelCard) -> None:
    """A setting with a wrong name is an error, not passed over."""
    try:
        fit(card, _first(card), {"no_such_setting": 1}, rows=50)
    except HeldoutError as error:
        assert error.code == "H103"
    else:
        raise AssertionError(f"{card.name} passes over a setting that it does not know")


def _first(card: ModelCard) -> Task:
    return next(TASKS[kind] for kind in card.tasks if kind in TASKS)
