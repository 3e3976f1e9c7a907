"""The conformance suite of primitives: ``check_primitive(CARD)`` raises AssertionError.

For a primitive of your own it is the whole proof that it may stand in a recipe: the graph says
the same as NumPy bit for bit, on values meant to break it; the state survives JSON; one row says
what the batch says; nothing outside the training rows is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.seed import Seed
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.hostile import column_values
from heldout.tables.schema import NULL, NULL_DATE, Column

COLUMNS = {
    "number": Column("number", "number", low=-3.0, high=1000.0),
    "boolean": Column("boolean", "boolean", levels=("no", "yes")),
    "category": Column("category", "category", levels=("red", "green", "blue"), distinct=3),
    "text": Column("text", "text", levels=("a red fox", "a  fox", "fox")),
    "date": Column("date", "date", low=1.4e15, high=1.6e15),
    "image": Column("image", "image", size=(16, 8)),
}
DTYPES_MADE = {
    "numbers": (np.float32, "float"),
    "codes": (np.int32, "int32"),
    "image": (np.uint8, "uint8"),
}
MATRIX_WIDTH = 4
Folds = list[tuple[Array, Array]]


def check_primitive(card: PrimitiveCard) -> None:
    """Run the whole suite on a card, for each of its examples and each kind that it reads."""
    for settings in card.examples:
        for kind in card.reads:
            for check in (_hostile, _odd_columns, _poison, _training_values):
                try:
                    check(card, kind, {**card.defaults, **settings})
                except Exception as error:
                    error.add_note(f"{card.name}@{card.version}, {kind}, settings {settings}")
                    raise


def values(kind: str, rows: int, seed: Seed) -> list[Array]:
    """Hostile input: two columns of a kind, or one float32 matrix with gaps but no infinities."""
    if kind != "matrix":
        return [column_values(COLUMNS[kind], rows, seed.child(j)) for j in range(2)]
    columns = [column_values(COLUMNS["number"], rows, seed.child(j)) for j in range(MATRIX_WIDTH)]
    with np.errstate(over="ignore"):
        matrix = np.stack(columns, axis=1).astype(np.float32)
    matrix[np.isinf(matrix)] = np.nan
    return [matrix]


def same_bits(a: Array, b: Array) -> bool:
    """Equal dtype, shape and bits; 0 and -0 differ, one NaN is like another.

    >>> same_bits(np.array([0.0, np.nan]), np.array([0.0, np.nan]))
    True
    >>> same_bits(np.array([0.0]), np.array([-0.0]))
    False
    """
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool((a == b).all())
    sides = [np.where(np.isnan(x), x.dtype.type("nan"), x) for x in (a, b)]
    return sides[0].tobytes() == sides[1].tobytes()


def run_graph(card: PrimitiveCard, kind: str, state: State, columns: Sequence[Array]) -> Array:
    """What onnxruntime says."""
    return graph_runner(card, kind, state, columns)(columns)


def graph_runner(
    card: PrimitiveCard, kind: str, state: State, columns: Sequence[Array]
) -> Callable[[Sequence[Array]], Array]:
    """A session for a fitted primitive, as a function of columns."""
    import onnxruntime

    from heldout.graph.inputs import DTYPES
    from heldout.graph.tape import Tape

    tape = Tape()
    if kind == "matrix":
        names = [tape.input("x", "float", (None, columns[0].shape[1]))]
    else:
        shapes = [(None, 1) if c.ndim == 1 else (None, *c.shape[1:]) for c in columns]
        names = [tape.input(f"x{j}", DTYPES[kind], shape) for j, shape in enumerate(shapes)]
    out = card.to_onnx(state, tape, names)
    shape = card.transform(state, [c[:0] for c in columns]).shape[1:]
    tape.output("y", out, DTYPES_MADE[card.makes][1], (None, *shape))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(tape.build(), options, ["CPUExecutionProvider"])

    def run(given: Sequence[Array]) -> Array:
        feed = {n: v[:, None] if v.ndim == 1 else v for n, v in zip(names, given, strict=True)}
        answer: Array = session.run(["y"], feed)[0]
        return answer

    return run


def _features(kind: str, columns: Sequence[Array]) -> list[Feature]:
    count = columns[0].shape[1] if kind == "matrix" else len(columns)
    return [Feature(f"f{j}", f"c{j}") for j in range(count)]


def _training(rows: int, settings: Settings) -> Training:
    rng = Seed(3).rng()
    classes = int(settings.get("classes", 0))
    y: Doubles = (
        rng.integers(classes, size=rows).astype(float) if classes else rng.normal(size=rows)
    )
    fold = np.arange(rows) % 3
    inner: Folds = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(3)]
    return Training(y, None, inner if rows >= 3 else (), Seed(4))


def _take(columns: Sequence[Array], rows: Array | slice) -> list[Array]:
    return [column[rows] for column in columns]


def _checked_fit(card: PrimitiveCard, columns: list[Array], settings: Settings) -> State:
    """Fit; the state must be JSON, and the state read back must be the same."""
    before = [column.copy() for column in columns]
    state, _ = card.fit(columns, _training(len(columns[0]), settings), settings)
    text = json.dumps(state, allow_nan=False)
    back: State = json.loads(text)
    assert json.dumps(back) == text, "the state changes when it goes through JSON"
    again, _ = card.fit(columns, _training(len(columns[0]), settings), settings)
    assert json.dumps(again) == text, "two fits on the same rows differ"
    assert same_bits(card.transform(state, columns), card.transform(back, columns)), "JSON"
    for a, b in zip(before, columns, strict=True):
        assert a.dtype == object or a.tobytes() == b.tobytes(), "the input was changed"
    return back


def _hostile(card: PrimitiveCard, kind: str, settings: Settings) -> None:
    """The graph equals NumPy on hostile rows; one row and no row equal the batch."""
    state = _checked_fit(card, values(kind, 300, Seed(1)), settings)
    new = values(kind, 700, Seed(2))
    expected = card.transform(state, new)
    width = len(card.features(state, _features(kind, new)))
    assert expected.dtype == DTYPES_MADE[card.makes][0], f"transform makes {expected.dtype}"
    if card.makes != "image":
        assert expected.shape == (700, width), f"features names {width} columns of {expected.shape}"
    run = graph_runner(card, kind, state, new)
    answered = run(new)
    assert same_bits(expected, answered), _where(expected, answered)
    assert same_bits(expected[:0], run(_take(new, slice(0, 0)))), "no rows, in the graph"
    assert same_bits(expected[:0], card.transform(state, _take(new, slice(0, 0)))), "no rows"
    for row in range(40):
        one = _take(new, slice(row, row + 1))
        assert same_bits(expected[row : row + 1], run(one)), f"row {row} alone, in the graph"
        assert same_bits(expected[row : row + 1], card.transform(state, one)), f"row {row} alone"


def _where(a: Array, b: Array) -> str:
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"NumPy {a.dtype} {a.shape}, graph {b.dtype} {b.shape}"
    other = (a != b) & ~(np.isnan(a) & np.isnan(b))
    row, column = np.argwhere(other | (np.signbit(a) != np.signbit(b)))[0]
    return f"row {row}, column {column}: NumPy {a[row, column]!r}, graph {b[row, column]!r}"


def _odd_columns(card: PrimitiveCard, kind: str, settings: Settings) -> None:
    """Fitting on constant, all-missing, single-row and empty columns works and answers."""
    new = values(kind, 100, Seed(5))
    for columns in (
        _take(values(kind, 100, Seed(6)), np.zeros(30, np.int64)),
        [_missing(column) for column in values(kind, 30, Seed(7))],
        _take(new, slice(0, 1)),
        _take(new, slice(0, 0)),
    ):
        with np.errstate(all="raise", under="ignore"):
            state = _checked_fit(card, columns, settings)
        expected = card.transform(state, new)
        answered = run_graph(card, kind, state, new)
        assert same_bits(expected, answered), _where(expected, answered)


def _missing(column: Array) -> Array:
    """A column like this one of missing values only."""
    if column.dtype == object:
        return np.full(column.shape, NULL, object)
    if column.dtype == np.uint8:  # a picture is never missing: black
        return np.zeros_like(column)
    return np.full(column.shape, NULL_DATE if column.dtype == np.int64 else np.nan, column.dtype)


def _poison(card: PrimitiveCard, kind: str, settings: Settings) -> None:
    """Rows that are not given to ``fit`` cannot matter: views of a longer array, poisoned."""
    whole = values(kind, 200, Seed(8))
    rows = np.arange(0, 200, 2)
    clean = json.dumps(_checked_fit(card, _take(whole, rows), settings))
    poisoned = [column.copy() for column in whole]
    for column, other in zip(poisoned, values(kind, 200, Seed(9)), strict=True):
        column[1::2] = other[1::2]
    strided = [column[::2] for column in poisoned]
    assert json.dumps(_checked_fit(card, strided, settings)) == clean, "other rows were looked at"


def _training_values(card: PrimitiveCard, kind: str, settings: Settings) -> None:
    """Training values, where ``fit`` returns them, are shaped like transformed ones, and a row's
    own target does not change its own value."""
    columns = values(kind, 150, Seed(10))
    training = _training(150, settings)
    state, known = card.fit(columns, training, settings)
    if known is None:
        return
    assert known.shape == card.transform(state, columns).shape
    assert known.dtype == np.float32
    assert training.y is not None
    for train, valid in training.inner:
        y = training.y.copy()
        y[valid] = y[valid][::-1] if settings.get("classes") else y[valid] + 1000.0
        _, moved = card.fit(columns, Training(y, None, training.inner, training.seed), settings)
        assert moved is not None
        assert same_bits(known[valid], moved[valid]), "a training row sees its own fold's target"
        assert len(train) + len(valid) == 150
