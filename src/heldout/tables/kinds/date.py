"""Dates and times of day, in one written form for the whole column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heldout.core.names import count
from heldout.tables.cell import REFUSED, Typed, is_marker
from heldout.tables.dateforms import FORMS, parser
from heldout.tables.kind import Guess, KindCard, ReadCell
from heldout.tables.schema import NULL_DATE, Column

if TYPE_CHECKING:
    from heldout.tables.look import Look

ISO = "%Y-%m-%d"
SWAPPED = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d.%m.%Y": "%m.%d.%Y",
           "%d/%m/%y": "%m/%d/%y", "%d-%m-%y": "%m-%d-%y"}  # fmt: skip
EXAMPLES = {
    "%Y": "2026", "%y": "26", "%m": "11", "%d": "23", "%b": "Nov", "%q": "4", "%H": "18", "%M": "30",
}  # fmt: skip


def reader(column: Column) -> ReadCell:
    """The function that reads a cell in any accepted form; ISO 8601 is always accepted."""
    missing = frozenset(column.missing)
    forms = column.formats if ISO in column.formats else (*column.formats, ISO)
    parsers = [parser(form) for form in forms]

    def cell(text: str) -> Typed:
        if not text or text in missing:
            return None
        for parse in parsers:
            at = parse(text)
            if at is not None:
                return at
        return None if is_marker(text) else REFUSED

    return cell


def detect(look: Look) -> Guess | None:
    """One form fits every filled cell; day or month first is decided on the whole column."""
    if look.strange and look.filled == sum(look.strange.values()):
        return _written(look)
    if look.strange or not re.search(r"(?i)(^|[^a-z])(date|day|dt)|date$", look.name):
        return None
    parse, different = parser("%Y%m%d"), look.plain
    low = min(different, default="")
    if len(different) > 1 and low[:2] in ("19", "20") and all(map(parse, different)):
        return Guess(
            50, "dates written as eight digits, by the column's name", {"formats": ("%Y%m%d",)}
        )
    return None


def _written(look: Look) -> Guess | None:
    first = list(look.strange)[:50]
    shaped = [text for text in first if re.search(r"[0-9]", text)]
    sample = [text for text in shaped if not is_marker(text)]
    if not sample or len(sample) < len([t for t in first if not is_marker(t)]):
        return None
    fitting = [form for form in FORMS if all(parser(form)(t) is not None for t in sample)]
    if not fitting:
        return None
    texts = list(look.plain)
    fitting = [form for form in fitting if all(parser(form)(t) is not None for t in texts)]
    if not fitting:
        return None
    form, why = _chosen(fitting, texts)
    note = f"{look.name}: {why}" if why else ""
    told = look.told(look.markers, "dates") if look.markers else ""
    return Guess(
        50,
        f"all {count(look.filled - sum(look.markers.values()))} filled cells are "
        f"{'times of day' if form == '%H:%M' else 'dates'} like {example(form)}"
        + (f" ({why})" if why else ""),
        {"formats": (form,), "missing": tuple(sorted(look.markers))},
        "; ".join(part for part in (note, told) if part),
    )


def _chosen(fitting: list[str], texts: list[str]) -> tuple[str, str]:
    """Day first or month first, where the cells allow both: what stays 1 is the day."""
    form = fitting[0]
    other = SWAPPED.get(form)
    if other is None:
        return form, ""
    if other not in fitting:
        return form, "day before month: some days are beyond 12"
    pairs = [re.split(r"[^0-9]+", text)[:2] for text in texts]
    first, second = ({int(p[i]) for p in pairs} for i in (0, 1))
    if second == {1} and len(first) > 1:
        return other, "month before day: the second number is always 1"
    return form, "day before month: a guess, no day is beyond 12"


def example(form: str) -> str:
    """A date in this form, for people.

    >>> example("%d/%m/%Y")
    '23/11/2026'
    """
    for part, text in EXAMPLES.items():
        form = form.replace(part, text)
    return {"epoch_s": "1795392000", "epoch_ms": "1795392000000"}.get(form, form)


def expected(column: Column) -> str:
    """What a cell should be."""
    return f"a {'time of day' if column.formats == ('%H:%M',) else 'date'} like " + " or ".join(
        example(form) for form in column.formats or (ISO,)
    )


CARD = KindCard(
    name="date",
    about="Dates, months, quarters and times of day.",
    example=("2026-11-23", "2026-12-01", "", "2025-01-31"),
    detect=detect,
    reader=reader,
    expected=expected,
    missing=NULL_DATE,
    dtype="int64",
)
