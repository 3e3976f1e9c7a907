"""Drawings: a name, a sentence and the numbers; nothing of the data is markup."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from heldout.report import draw, shell

BAD = '<script>alert("x")</script>'


def shown(value: float) -> str:
    """Two decimals."""
    return f"{value:.2f}"


def every(label: str) -> list[draw.Picture]:
    """One picture of each kind whose labels come from data."""
    line = draw.Series(label, [0, 0.5, 1], [0, 0.8, 1], [0, 0.7, 0.9], [0.1, 0.9, 1])
    return [
        draw.bars(label, label, [draw.Bar(label, 1, 0.5, 2), draw.Bar("b", -1)], shown=shown),
        draw.bars(label, label, [draw.Bar(label, 1, main=True)], shown=shown, points=True),
        draw.columns(label, label, [label], [(label, "hatched")], [[3]], shown=shown),
        draw.histogram(
            label, label, [0, 1, 2], [3, 4], right=label, beside=[1, 2], labels=(label, label)
        ),
        draw.lines(
            label, label, [line, line], right=label, up=label,
            marks=[draw.Point(0.5, 0.5, label, 0.4, 0.6)], upright=[(0.3, label)], diagonal=True,
        ),
        draw.scatter(label, label, [1, 2], [3, 4], right=label, up=label, kinds=[label, "b"]),
        draw.heat(label, label, [label, "b"], [label, "b"], [[1, -2], [None, 0]], shown=shown),
        draw.heat(label, label, [label] * 20, [label] * 20, [[0.5] * 20] * 20, shown=shown),
        draw.places(label, label, [8.0, 9.0], [46.0, 47.0], [label, "b"]),
    ]  # fmt: skip


def test_names_from_data_are_never_markup() -> None:
    """Every label, everywhere."""
    for picture in [*every(BAD), draw.small(BAD, BAD, every(BAD))]:
        assert "<script" not in picture.__html__()


def test_every_picture_has_a_name_a_sentence_and_numbers() -> None:
    """For those who hear it: title and description, and a table to read."""
    for picture in every("age"):
        text = picture.__html__()
        assert "<title id=" in text
        assert "<desc id=" in text
        assert "<figcaption>" in text
        assert "<table" in text
        for name, says in re.findall(r'aria-labelledby="(\w+) (\w+)"', text):
            assert f'id="{name}"' in text
            assert f'id="{says}"' in text


def test_infinities_and_gaps_are_left_out() -> None:
    """What cannot be placed is not drawn, and nothing breaks."""
    nan, inf = float("nan"), float("inf")
    series = draw.Series("", [0, 1, 2, 3], [1, nan, inf, 2])
    text = draw.lines("l", "s", [series], right="x", up="y").__html__()
    assert "nan" not in text.split("<details")[0]
    assert "inf" not in text.split("<details")[0]
    assert "</figure>" in draw.lines("l", "s", [], right="x", up="y").__html__()
    assert "</figure>" in draw.bars("b", "s", [], shown=shown).__html__()


@pytest.mark.parametrize(("low", "high"), [(0, 0), (-5, 5), (1e-9, 2e-9), (0, 3e9), (7, 7.0001)])
def test_ticks_are_few_and_inside(low: float, high: float) -> None:
    """Round values, at most a handful."""
    ticks = draw.Scale(low, high).ticks()
    assert 1 <= len(ticks) <= 9
    assert all(low - 1e-12 <= v <= high * (1 + 1e-9) + 1e-12 for v, _ in ticks)
    assert len({t for _, t in ticks}) == len(ticks)


def test_a_plain_page_takes_text_pictures_and_tables() -> None:
    """Text is escaped, names between backticks are code, pictures stay."""
    blocks = ["`a<b` is odd", *every("x"), draw.table("t", ("a", "b"), [("1", "<2>")])]
    text = shell.plain("T", "H <x>", "lead", [shell.Part("one", "One", blocks)], ["facts"])
    assert "<code>a&lt;b</code>" in text
    assert "H &lt;x&gt;" in text
    assert "&lt;2&gt;" in text
    assert Markup(text).count("<h1") == 1
