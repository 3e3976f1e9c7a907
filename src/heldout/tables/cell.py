"""The first half of the edge rule: what is a cell, what is missing (``docs/edge.md``).

Standard library only: the answering side uses it for one row, without Polars.
"""

from __future__ import annotations

import datetime
import math
import unicodedata
from typing import Any, Final

BLANKS: Final = " \t\n\r\x0b\x0c\u00a0"
"""Stripped from both ends of every cell; no other character is."""

MARKERS: Final = frozenset(
    {
        *("", "?", "-", "--", ".", "na", "n/a", "n.a.", "#n/a", "#na", "<na>"),
        *("nan", "+nan", "-nan", "null", "none", "nil", "\\n", "missing"),
    }
)
"""Missing in number, boolean and date columns, in any case of ASCII letters."""
LONGEST: Final = max(map(len, MARKERS))

LEVEL_MARKERS: Final = frozenset(
    {"?", "nan", "NaN", "null", "NULL", "Null", "<NA>", "#N/A", "#NA", "\\N"}
)
"""Missing in category columns when seen in training. ``NA`` and ``None`` are levels there."""


class Refused:
    """A cell that the schema does not accept; there is one instance, ``REFUSED``."""

    def __repr__(self) -> str:
        return "REFUSED"


REFUSED: Final = Refused()
Typed = float | int | str | None | Refused
"""A typed value; None is missing."""


def strip(text: str) -> str:
    """The text without blanks at its ends.

    >>> strip("\\t 5 ")
    '5'
    """
    return text.strip(BLANKS)


def is_marker(text: str) -> bool:
    """Whether a stripped text stands for missing in a number, boolean or date column."""
    return len(text) <= LONGEST and text.isascii() and text.lower() in MARKERS


def words(text: str) -> str | None:
    """A stripped text as a category or text column keeps it, or None where it is refused.

    Unicode is composed (NFC), and a whole number loses its ``.0``, so that a level written by a
    float column, by a CSV file and by JSON is one level. U+0000 and lone surrogates are refused.

    >>> words("63.0"), words("02.0"), words("a\\0b")
    ('63', '02.0', None)
    """
    if "\0" in text:
        return None
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return None
        text = unicodedata.normalize("NFC", text)
    elif "." in text:
        whole, _, rest = text.partition(".")
        digits = whole.removeprefix("-")
        if not rest.strip("0") and digits.isdigit() and (digits[0] != "0" or digits == "0"):
            return "0" if whole == "-0" else whole
    return text


def text_of(value: object) -> str | Refused | None:
    """The text of a value from JSON or a frame: None where it is missing.

    Whole numbers are written without a point, other floats shortest, booleans as "true" and
    "false", dates in ISO 8601. Lists, mappings and bytes are no cells.

    >>> text_of(True), text_of(2.0), text_of(0.1), text_of(float("nan")), text_of([1])
    ('true', '2', '0.1', None, REFUSED)
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**400 else ("inf" if value > 0 else "-inf")
    if isinstance(value, float):
        return float_text(float(value))
    if isinstance(value, (datetime.date, datetime.time)) and type(value).__name__ != "NaTType":
        return str(value.isoformat())
    return _other_text(value)


def _other_text(value: Any) -> str | Refused | None:
    """NumPy scalars, decimals and the missing values of other libraries, recognised by shape."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if (
        type(value).__module__ == "numpy"
        and hasattr(value, "item")
        and not getattr(value, "ndim", 1)
    ):
        if type(value).__name__ == "datetime64":
            return None if str(value) == "NaT" else str(value)
        plain = value.item()
        return REFUSED if type(plain) is type(value) else text_of(plain)
    if type(value).__name__ == "Decimal":
        return str(value)
    return REFUSED


def float_text(value: float) -> str | None:
    """Shortest text that reads back as the same float; whole numbers without a point.

    >>> float_text(1e16), float_text(1e15), float_text(-0.5)
    ('1e+16', '1000000000000000', '-0.5')
    """
    if math.isnan(value):
        return None
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return repr(value)
