"""Numbers: also those written as text, with a decimal comma, thousands, a sign or a unit."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from heldout.core.names import plural
from heldout.tables.cell import REFUSED, Typed, is_marker
from heldout.tables.kind import Guess, KindCard, ReadCell
from heldout.tables.schema import Column

if TYPE_CHECKING:
    import polars as pl

    from heldout.tables.look import Look

PLAIN = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)"
)
COMMA = re.compile(r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?")
GROUPED = {
    ".": re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"),
    ",": re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?"),
}
ZERO_CODE = re.compile(r"0[0-9]+")
AFFIXES = ("%", "$", "€", "£", "¥")
UNIT = re.compile(
    r"(?<=[0-9. ])[A-Za-z\u00b5\u00b0\u00b2\u00b3][A-Za-z0-9\u00b0\u00b2\u00b3/ .]{0,11}$"
)
FEWEST_OF_A_UNIT = 5  # different cells: "2 doors" and "4 doors" are levels
SHARE = 0.995  # of the filled cells must be numbers
MOST_STRANGE = 20
MANY = 10_000  # cells


def read(text: str, decimal: str = ".", formats: tuple[str, ...] = ()) -> float | None:
    """The number in a stripped text, or None where there is none.

    ``formats`` may hold "grouped" (thousands), signs such as "%" or "$" and a unit such as "kg",
    which are dropped.

    >>> read("1e3"), read("1,5"), read("1,5", ","), read("$1,200.50", ".", ("grouped", "$"))
    (1000.0, None, 1.5, 1200.5)
    """
    for sign in formats:
        if sign != "grouped":
            text = _without(text, sign)
    if "grouped" in formats and GROUPED[decimal].fullmatch(text):
        text = text.replace("," if decimal == "." else ".", "")
    if decimal == "," and COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return float(text) if PLAIN.fullmatch(text) else None


def _without(text: str, sign: str) -> str:
    """Drop a currency or percent sign or a unit at either end; a minus may stand before it."""
    minus = text[:1] if text[:1] in "+-" else ""
    body = text[len(minus) :]
    if body.startswith(sign):
        return minus + body[len(sign) :].strip(" \u00a0")
    if body.endswith(sign):
        return minus + body[: -len(sign)].strip(" \u00a0")
    return text


def reader(column: Column) -> ReadCell:
    """The function that reads a cell of this column."""
    missing, decimal, formats = frozenset(column.missing), column.decimal, column.formats
    simple, fullmatch = decimal == "." and not formats, PLAIN.fullmatch

    def cell(text: str) -> Typed:
        if not text or text in missing:
            return None
        if simple and fullmatch(text):
            return float(text)
        if is_marker(text):
            return None
        value = read(text, decimal, formats)
        return REFUSED if value is None else value

    return cell


def bulk(texts: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Plain numbers by Polars, what is left cell by cell; returns Float64 and a mask of refused."""
    import numpy as np
    import polars as pl

    from heldout.tables.apply import by_text

    special = column.decimal != "." or bool(column.formats)
    if special or any(read(text) is not None for text in column.missing):
        return by_text(texts, reader(column), pl.Float64)
    values = texts.cast(pl.Float64, strict=False)
    bad = pl.Series(np.zeros(len(texts), dtype=bool))
    if values.null_count() > texts.null_count():
        where = (values.is_null() & texts.is_not_null()).arg_true()
        _, refused = by_text(texts.gather(where), reader(column), pl.Float64)
        if refused.any():
            bad = bad.scatter(where.filter(refused), True)
    return values.fill_nan(None), bad


def detect(look: Look) -> Guess | None:
    """Numbers, if nearly all filled cells are; the few others are named as missing."""
    if not look.filled:
        return None
    plain = look.filled - sum(look.strange.values())
    changes: dict[str, Any] = {}
    strange = {t: n for t, n in look.strange.items() if not is_marker(t)}
    if not plain and not strange:
        return None
    if plain == 0 or sum(strange.values()) > (1 - SHARE) * look.filled:
        changes = _dressed(look, strange)
        if not changes:
            return _mostly(look, plain, strange)
        strange = {t: n for t, n in strange.items() if read(t, **changes) is None}
    if len(strange) > MOST_STRANGE or (not changes and _has_codes(look)):
        return None
    return _guess(look, strange, changes)


def _mostly(look: Look, plain: int, strange: dict[str, int]) -> Guess | None:
    """One word that says "unknown" among numbers is a marker, however common."""
    known = {"unknown", "undefined", "not available", "not recorded", "not known", "n.d.", "nd"}
    if plain and strange and all(text.lower() in known for text in strange):
        return None if _has_codes(look) else _guess(look, strange, {})
    return None


def _guess(look: Look, strange: dict[str, int], changes: dict[str, Any]) -> Guess:
    missing = {**look.markers, **strange}
    n = look.filled - sum(missing.values())
    blanks = f"; {plural(look.blanks, 'blank')} read as missing" if look.blanks else ""
    reason = f"all {n:,} filled cells are numbers{blanks}"
    if missing:
        seen = ", ".join(f'"{text}"' for text in list(missing)[:4])
        reason = f"{n:,} of {look.filled:,} filled cells are numbers; {seen} read as missing"
    note = look.told(missing, "numbers")
    if changes:
        how = _words(changes)
        reason += f" ({how})"
        note = f"{look.name}: numbers with {how}" + (f"; {note}" if note else "")
    return Guess(40, reason, {"missing": tuple(sorted(missing)), **changes}, note)


def _words(changes: dict[str, Any]) -> str:
    told = ["a decimal comma"] if changes.get("decimal") == "," else []
    told += [
        "thousands set off"
        if form == "grouped"
        else f'the {"sign" if form in AFFIXES else "unit"} "{form}"'
        for form in changes.get("formats", ())
    ]
    return ", ".join(told)


def _unit(sample: list[str]) -> list[str]:
    """The letters that every one of these cells ends with behind a number: 12 kg, 7 kg.

    >>> _unit(["1,097 sq ft", "880 sq ft"]), _unit(["3 kg", "500 g"]), _unit(["R5", "R6"])
    (['sq ft'], [], [])
    """
    found = {m.group() if (m := UNIT.search(text)) else "" for text in sample}
    return list(found) if len(found) == 1 and "" not in found else []


def _dressed(look: Look, strange: dict[str, int]) -> dict[str, Any]:
    """Decimal comma, thousands, percent or currency, if that makes the strange cells numbers."""
    sample = list(strange)[:200]
    signs = [sign for sign in AFFIXES if any(sign in text for text in sample[:20])][:1]
    if not signs and len(sample) >= FEWEST_OF_A_UNIT and sum(strange.values()) == look.filled:
        signs = _unit(sample)
    dotted, comma = [(".", ("grouped",)), (".", ())], [(",", ()), (",", ("grouped",))]
    for decimal, grouped in [*comma, *dotted] if look.comma else [*dotted, *comma]:
        form: dict[str, Any] = {"decimal": decimal, "formats": (*grouped, *signs)}
        if not signs and form == {"decimal": ".", "formats": ()}:
            continue
        fits = len([t for t in sample if read(t, **form) is not None])
        if fits < SHARE * len(sample):
            continue
        left = sum(n for text, n in strange.items() if read(text, **form) is None)
        if left <= (1 - SHARE) * look.filled:
            return form
    return {}


def _has_codes(look: Look) -> bool:
    """Digits that begin with a zero (02208) are codes, not numbers."""
    starts = look.texts
    if len(starts) > MANY:  # a regular expression for each cell costs more than a first look
        starts = starts.filter(starts.str.starts_with("0"))
    return bool(len(starts)) and bool(starts.str.contains(r"^0[0-9]+$").any())


def expected(column: Column) -> str:
    """What a cell should be."""
    told = "a number" if column.decimal == "." else "a number with a decimal comma"
    return told + (" (or empty)" if column.nulls else "")


def range_words(column: Column) -> str:
    """The range seen, in words."""
    if column.low is None or column.high is None or not math.isfinite(column.high - column.low):
        return ""
    form = "{:,.0f}" if column.whole else "{:,.6g}"
    return f"{form.format(column.low)} to {form.format(column.high)}"


def told(column: Column, rows: int) -> str:
    """One line about the column for people."""
    return f"{plural(rows, 'number')} from {range_words(column)}"


CARD = KindCard(
    name="number",
    about="Numbers, with a point or a comma; also 0 and 1.",
    example=("12", "-0.5", "", "1e3", "7", "3.25"),
    detect=detect,
    reader=reader,
    expected=expected,
    missing=float("nan"),
    dtype="float64",
    bulk=bulk,
)
