"""What the form shows for each column: a field with its label, hint and a typical value."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heldout.bundle.read import Bundle
from heldout.core.names import plural
from heldout.tables.schema import Column

MOST_OPTIONS = 50
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Field:
    """One control: ``kind`` is "choice", "number", "text", "area" or "picture"; ``options`` are values."""

    name: str
    number: int
    kind: str
    value: str
    hint: str
    options: Sequence[str] = ()
    error: str = ""

    @property
    def control(self) -> str:
        """The control's id."""
        return f"f{self.number}"


def fields(
    bundle: Bundle, given: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> list[Field]:
    """The form's fields, filled with what was given or with typical values."""
    known = bundle.reference.get("columns", {})
    return [
        _field(
            c,
            i,
            known.get(c.name, {}),
            None if given is None else given.get(c.name, ""),
            (errors or {}).get(c.name, ""),
        )
        for i, c in enumerate(bundle.schema.inputs)
    ]


def _field(
    column: Column, number: int, known: Mapping[str, Any], given: str | None, error: str
) -> Field:
    if column.kind == "image":
        return Field(column.name, number, "picture", "", "a picture; needs script", (), error)
    if column.kind in ("category", "boolean"):
        counts = known.get("levels", {})
        levels = sorted(counts, key=lambda level: -counts[level]) or list(column.levels)
        if column.kind == "boolean":
            levels = levels or ["false", "true"]
        if 0 < len(levels) <= MOST_OPTIONS and not known.get("more"):
            value = levels[0] if given is None else given
            options = sorted({*levels, value} - {""})
            return Field(column.name, number, "choice", value, _rare(known), options, error)
        value = (levels[0] if levels else "") if given is None else given
        return Field(
            column.name,
            number,
            "text",
            value,
            f"for example {', '.join(levels[:3])}" if levels else "",
            (),
            error,
        )
    if column.kind == "number":
        value = _typical(column, known) if given is None else given
        return Field(column.name, number, "number", value, _range(column), (), error)
    if column.kind == "date":
        form = column.formats[0] if column.formats else "%Y-%m-%d"
        value = _date(known.get("edges"), form, column) if given is None else given
        hint = f"written as {_words(form)}{_range(column)}"
        return Field(column.name, number, "text", value, hint, (), error)
    return Field(column.name, number, "area", given or "", "", (), error)


def _typical(column: Column, known: Mapping[str, Any]) -> str:
    """The median bin's edge, or the middle of the range."""
    edges = known.get("edges") or [e for e in (column.low, column.high) if e is not None]
    if not edges:
        return ""
    value = float(edges[len(edges) // 2])
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return text.replace(".", column.decimal)


def _range(column: Column) -> str:
    if column.low is None or column.high is None:
        return ""
    if column.kind == "date":
        low, high = _moment(column.low), _moment(column.high)
        return f"; {low:%Y-%m-%d} to {high:%Y-%m-%d} in training" if low and high else ""
    return f"{column.low:g} to {column.high:g} in training"


def _rare(known: Mapping[str, Any]) -> str:
    n = known.get("rare", {}).get("levels", 0)
    return f"{plural(n, 'rare value')} not listed" if n else ""


def _date(edges: Sequence[float] | None, form: str, column: Column) -> str:
    at = edges[len(edges) // 2] if edges else column.low
    moment = _moment(at)
    if moment is None:
        return ""
    if form in ("epoch_s", "epoch_ms"):
        return str(int(moment.timestamp() * (1 if form == "epoch_s" else 1000)))
    return moment.strftime(form)


def _moment(microseconds: float | None) -> datetime.datetime | None:
    try:
        return (
            None if microseconds is None else _EPOCH + datetime.timedelta(microseconds=microseconds)
        )
    except OverflowError:
        return None


def _words(form: str) -> str:
    """A date form as a person reads it.

    >>> _words("%Y-%m-%d")
    'YYYY-MM-DD'
    """
    for code, words in {
        "%Y": "YYYY",
        "%m": "MM",
        "%d": "DD",
        "%H": "hh",
        "%M": "mm",
        "%S": "ss",
        "%y": "YY",
        "%b": "Mon",
        "%f": "ffffff",
        "%z": "+hh:mm",
        "%B": "Month",
    }.items():
        form = form.replace(code, words)
    return {"epoch_s": "seconds since 1970", "epoch_ms": "milliseconds since 1970"}.get(form, form)
