"""Expressions: the same bits in NumPy and in the graph, and nothing but the closed language."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.graph.inputs import declare
from heldout.graph.tape import Tape
from heldout.primitives import hostile
from heldout.primitives.expression import parse
from heldout.tables.schema import Column, Schema
from heldout.workflow.parity import run_graph

SCHEMA = Schema(
    (
        Column("a", "number", low=-3.0, high=9.0),
        Column("b", "number", low=0.0, high=1.0),
        Column("is on", "boolean"),
        Column("town", "category", levels=("Bern", "Rom")),
        Column("start", "date", low=0, high=10**15),
        Column("end", "date", low=0, high=10**15),
    )
)
KINDS = {c.name: c.kind for c in SCHEMA}
NUMBERS = st.sampled_from(
    [
        "a",
        "b",
        "`is on`",
        "3",
        "0.1",
        "-2e300",
        "(end - start)",
        "(town == 'Rom')",
        "(start > date('1990-01-01'))",
    ]
)
CONDITIONS = st.sampled_from(
    [
        "a > b",
        "0 <= b < 1",
        "town != 'Bern'",
        "missing(a)",
        "missing(town)",
        "missing(end)",
        "a != a",
        "start == end",
    ]
)


def deeper(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Numbers made of numbers."""
    return st.one_of(
        st.builds("({} {} {})".format, part, st.sampled_from("+-*/"), part),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), part, part),
        st.builds("{}({})".format, st.sampled_from(["abs", "sqrt", "-"]), part),
        st.builds(
            "where({} {} not {}, {}, {})".format,
            CONDITIONS,
            st.sampled_from(["and", "or"]),
            CONDITIONS,
            part,
            part,
        ),
    )


@settings(deadline=None, max_examples=60)
@given(st.recursive(NUMBERS, deeper, max_leaves=8))
@example("(a / min(b, a))")  # a zero with a sign
def test_the_graph_says_the_same_on_hostile_rows(text: str) -> None:
    """Infinities, NaN, dates at the edge, unseen words: bit for bit."""
    text = f"where(missing(a), 0, 1) + ({text})"
    found = parse(text)
    found.check(SCHEMA)
    columns = hostile.columns(SCHEMA, 300, Seed(1))
    tape = Tape()
    inputs = declare(tape, SCHEMA)
    tape.output("prediction", found.to_onnx(tape, inputs, KINDS), "double")
    got = run_graph(tape.build(), columns)["prediction"][:, 0]
    assert np.array_equal(got, found.evaluate(columns, KINDS), equal_nan=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a / b", 2.0), ("-a", -1.0), ("max(a, b)", 1.0), ("min(a, gap)", np.nan),
        ("a < gap or b < a", 1.0), ("not (gap > 0)", 1.0), ("gap != 3", 0.0), ("where(gap, 1, 2)", 2.0),
        ("sqrt(a - 2)", np.nan), ("`a` + a", 2.0), ("0 < b < a < 2", 1.0), ("missing(gap)", 1.0),
    ],
)  # fmt: skip
def test_values(text: str, value: float) -> None:
    """Worked by hand; a comparison with something missing is false."""
    columns = {"a": np.array([1.0]), "b": np.array([0.5]), "gap": np.array([np.nan])}
    assert np.array_equal(parse(text).evaluate(columns), [value], equal_nan=True)


def test_days_between_dates() -> None:
    """A date less a date is a number of days."""
    columns = {"end": np.array([3 * 86_400_000_000]), "start": np.array([43_200_000_000])}
    assert parse("end - start").evaluate(columns, {"end": "date", "start": "date"})[0] == 2.5


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('ls')", "a.b", "a[0]", "lambda: a", "[a for a in b]", "a if b else 3",
        "a ** 9", "a // 2", "f'{a}'", "exp(a)", "where(a, b)", "1 + 2", "", "a +", "a := 3", "True + a",
        "town + 1", "a == town", "end + start", "town < 'x'", "date('soon') < end", "(" * 300 + "a" + ")" * 300,
        "-" * 200 + "a", "a" * 2000, "min(a, b, key=a)", "print(*a)", "a\x00b", "missing(a) < 1",
    ],
)  # fmt: skip
def test_nothing_else_is_computed(text: str) -> None:
    """What is not of the language is refused in words; nothing is run."""
    with pytest.raises(HeldoutError) as told:
        parse(text).check(SCHEMA)
    assert told.value.code in ("H102", "H104")


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Arbitrary text gives an expression or an error for people."""
    try:
        parse(text).check(SCHEMA)
    except HeldoutError as error:
        assert error.code in ("H102", "H104")
