"""Every kind knows its own example and no other's; roles have reasons."""

from __future__ import annotations

import polars as pl
import pytest

from heldout.core.errors import HeldoutError
from heldout.tables.apply import apply
from heldout.tables.cell import BLANKS, REFUSED
from heldout.tables.kind import KINDS, KindCard
from heldout.tables.look import Look
from heldout.tables.read import find_column, read
from heldout.tables.schema import Column, Schema


@pytest.mark.requirement("DATA-09")
@pytest.mark.parametrize("card", KINDS.all(), ids=lambda c: c.name)
def test_each_example_is_of_its_kind_alone(card: KindCard) -> None:
    guesses = {
        other.name: guess.rank
        for other in KINDS.all()
        if (guess := other.detect(Look.at("x", pl.Series(card.example)))) is not None
    }
    assert max(guesses, key=lambda name: guesses[name]) == card.name


@pytest.mark.parametrize("card", KINDS.all(), ids=lambda c: c.name)
def test_one_cell_and_bulk_agree_on_the_examples(card: KindCard) -> None:
    guess = card.detect(Look.at("x", pl.Series(card.example)))
    assert guess is not None
    column = Column("x", card.name, **guess.changes)
    applied = apply(pl.Series("x", card.example), column)
    assert not applied.any
    assert applied.values.to_list() == [
        card.reader(column)(cell.strip(BLANKS)) for cell in card.example
    ]
    assert card.about and card.expected(column)


def column(cells: list[object], name: str = "x", **more: object) -> Column:
    """The column that ``cells`` (and another one) make."""
    return read({name: cells, "other": [str(i % 3) for i in range(len(cells))]}, **more).schema[
        name
    ]  # type: ignore[arg-type]


@pytest.mark.requirement("DATA-09")
@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", "?", "4"] * 5, "number"),
        (["1,5", "2,5", "3"] * 5, "number"),
        (["$1,200", "$30", "$7.50"] * 5, "number"),
        (["12 %", "7 %", "0.5 %"] * 5, "number"),
        ([f"{n:,} sq ft" for n in range(980, 1020)], "number"),
        ([f"{n}kg" for n in range(30)], "number"),
        (["1 kg", "20 g", "3 kg", "500 g", "7 kg", "8 g"] * 3, "category"),
        (["2 doors", "4 doors", "3 doors"] * 5, "category"),
        (["R5", "R6", "R7", "R8", "R9"] * 5, "category"),
        (["1", "2", "NA", "None"] * 5, "number"),
        (["3", "4", "unknown"] * 5, "number"),
        (["0", "1"] * 9, "number"),
        (["02208", "00400", "00400"] * 5, "category"),
        (["a", "NA", "None"] * 5, "category"),
        (["5more", "2", "3"] * 5, "category"),
        (["40-49", "50-59"] * 5, "category"),
        (["yes", "NO", "Yes", ""] * 5, "boolean"),
        ([True, False, None] * 5, "boolean"),
        (["t", "f", "?"] * 5, "boolean"),
        (["2020-01-31", "2020-02-01T10:00:00Z"] * 5, "date"),
        (["31/01/2020", "01/02/2020"] * 5, "date"),
        (["Jan-2018", "Feb-2018"] * 5, "date"),
        (["18:30", "07:05"] * 5, "date"),
        (["2020-01-31", "31/01/2020"] * 5, "category"),
        (["1577836800", "1577836801", "1577836800"] * 5, "number"),
        (["a.png", "b/c.JPG"] * 5, "image"),
        (["one sentence of several words " + str(i) for i in range(20)], "text"),
    ],
)
def test_kind_of_cells(cells: list[object], kind: str) -> None:
    assert column(cells).kind == kind
    assert column(cells).reason


def test_na_and_none_are_levels_where_the_column_is_words() -> None:
    assert column(["a", "NA", "None"] * 6).levels == ("NA", "None", "a")
    assert column(["a", "?", "nan"] * 6).levels == ("a",)


def test_levels_need_five_samples_and_stand_in_order_of_text() -> None:
    """Rare values of people do not travel in a bundle."""
    assert column(["b"] * 6 + ["a"] * 5 + ["c"] * 4).levels == ("a", "b")
    many = [f"level {i:04}" for i in range(1200)] * 5 + ["often"] * 9
    assert len(column(many).levels) == 1000 and "often" in column(many).levels


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["05/02/2010", "13/02/2010"], "%d/%m/%Y"),
        (["02/05/2010", "02/13/2010"], "%m/%d/%Y"),
        (["01/01/2010", "02/01/2010", "03/01/2010"], "%m/%d/%Y"),
        (["01/02/2010", "02/03/2010"], "%d/%m/%Y"),
    ],
)
def test_day_or_month_first_is_decided_on_the_whole_column_and_said(
    cells: list[object], form: str
) -> None:
    found = column(cells * 6)
    assert found.formats == (form,)
    assert (form == "%m/%d/%Y" and "02/13/2010" in cells) or "before" in found.reason


@pytest.mark.parametrize(
    ("name", "cells", "role"),
    [
        ("id", list(range(100, 1100, 10)), "ignored"),
        ("price", list(range(100, 1100, 10)), "input"),
        ("x", list(range(5, 105)), "ignored"),
        ("customerID", [f"c{i}" for i in range(100)], "ignored"),
        ("x", [i / 7 for i in range(100)], "input"),
        ("id", [i % 50 for i in range(100)], "input"),
        ("x", [7] * 100, "ignored"),
        ("x", [None] * 100, "ignored"),
        ("x", [7, None] * 50, "input"),
        ("x", [f"w{i % 60}" for i in range(100)], "ignored"),
    ],
)
def test_roles_have_reasons(name: str, cells: list[object], role: str) -> None:
    found = column(cells, name)
    assert found.role == role
    assert found.reason


@pytest.mark.requirement("DATA-09")
def test_a_kind_can_be_said() -> None:
    assert column([1, 2, 3] * 6, types={"x": "category"}).levels == ("1", "2", "3")
    assert column([1.0, 2.0, 3.0] * 6, types={"x": "category"}).levels == ("1", "2", "3")
    assert column(["0", "1"] * 9, types={"x": "boolean"}).kind == "boolean"
    assert column(["1577836800"] * 9 + ["1"], types={"x": "date"}).formats == ("epoch_s",)
    assert column([20200131] * 9 + [20200201], types={"x": "date"}).formats == ("%Y%m%d",)
    forced = column([f"a long text number {i}" for i in range(20)], types={"x": "text"})
    assert (forced.kind, forced.role) == ("text", "input")
    strange = column(["1", "2", "red"] * 6, types={"x": "number"})
    assert strange.nulls == 6 and "red" in strange.reason
    with pytest.raises(HeldoutError) as caught:
        column([1, 2], types={"x": "numbr"})
    assert caught.value.code == "H103" and "number" in caught.value.do[0]
    with pytest.raises(HeldoutError) as caught:
        column([1, 2], types={"y": "number"})
    assert caught.value.code == "H104"


def test_find_column_by_name_or_index() -> None:
    schema = Schema((Column("a", "number"), Column("1", "number"), Column("b", "number")))
    assert [find_column(schema, n) for n in ("a", "1", "2")] == ["a", "1", "b"]
    for wrong in ("3", "c"):
        with pytest.raises(HeldoutError) as caught:
            find_column(schema, wrong)
        assert caught.value.code == "H104"


def test_reading_a_cell_never_raises_on_strange_text() -> None:
    for card in KINDS.all():
        read_cell = card.reader(
            Column("x", card.name, formats=("%d/%m/%Y",) if card.name == "date" else ())
        )
        for text in ("\0", "\ud800", "١", "9" * 5000, "²", "1" + "0" * 400, "--", "𝟏"):
            value = read_cell(text)
            assert value is None or value is REFUSED or isinstance(value, (int, float, str))
