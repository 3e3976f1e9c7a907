"""Objects of JSON to a frame of text: nested objects one level a dot, lists left out and said."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.tables import frames, unnamed
from heldout.tables.cell import Refused, text_of
from heldout.tables.file import File
from heldout.tables.header import names_of
from heldout.tables.infer import Raw

DEEPEST = 4  # objects within objects
MOST_COLUMNS = 20_000


def decoded(data: bytes) -> Any:
    """A JSON value; raises ValueError where it is none."""
    import msgspec

    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        if b"NaN" in data or b"Infinity" in data:
            return _lenient(data)
        raise ValueError(str(error)) from None
    except (RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None


def _lenient(data: bytes) -> Any:
    """Python writes NaN and Infinity, which JSON does not know."""
    import json

    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError(str(error)) from None


def of_lines(text: bytes, file: File, line: int) -> pl.DataFrame:
    """Objects, one a line, of which the first is on line ``line`` of the file."""
    fast = _fast(text)
    if fast is not None:
        return fast
    rows = []
    for i, part in enumerate(text.removeprefix(b"\xef\xbb\xbf").split(b"\n")):
        if not part.strip():
            continue
        try:
            value = decoded(part)
        except ValueError as error:
            raise broken(file, line + i, part, str(error)) from error
        if not isinstance(value, dict):
            raise broken(file, line + i, part, f"a {type(value).__name__}, not an object")
        rows.append(value)
    return of_objects(rows, file)


def _fast(text: bytes) -> pl.DataFrame | None:
    """By Polars, where every value is single and of one kind; None elsewhere."""
    try:
        frame = pl.read_ndjson(io.BytesIO(text), infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return None
    if not frame.width or any(k.is_nested() for k in frame.dtypes):
        return None
    if frame.height != sum(bool(p.strip()) for p in text.split(b"\n")):
        return None
    return pl.DataFrame(
        [
            made.alias(name)
            for name, cells in unnamed.columns(frame)
            if (made := frames.column_text(cells)) is not None
        ]
    )


def broken(file: File, line: int, part: bytes, seen: str) -> HeldoutError:
    """For a line that is no JSON object."""
    return HeldoutError(
        "H214",
        f"line {count(line)} of {file.name} is no JSON object",
        seen=f"{seen}: {part[:60].decode('utf-8', 'replace')}",
        why="in JSON lines every line is an object, a row",
        do=["mend this line"],
    )


def of_objects(found: list[Any] | Mapping[str, Any], file: File) -> pl.DataFrame:
    """Records, or columns, to text."""
    if isinstance(found, Mapping):
        columns = {str(k): [_text(v) for v in values] for k, values in found.items()}
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    columns = {}
    for i, record in enumerate(found):
        for name, value in _flat(record, "", 0):
            if name not in columns:
                if len(columns) >= MOST_COLUMNS:
                    raise HeldoutError(
                        "H206",
                        f"{file.name} has more than {count(MOST_COLUMNS)} different keys",
                        seen=f'such as "{name[:40]}" in row {count(i)}',
                        why="keys are the names of columns; values were written where names belong",
                        do=["write one row for each sample, with the same keys in all"],
                    )
                columns[name] = [None] * i
            cells = columns[name]
            cells += [None] * (i - len(cells))
            if len(cells) == i:
                cells.append(_text(value))
    for cells in columns.values():
        cells.extend([None] * (len(found) - len(cells)))
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _flat(record: Mapping[str, Any], before: str, depth: int) -> Any:
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value and depth < DEEPEST:
            yield from _flat(value, f"{name}.", depth + 1)
        else:
            yield name, value


def _text(value: Any) -> str | None:
    text = text_of(value)
    if not isinstance(text, Refused):
        return text
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return ", ".join(value)
    return None


def raw(frame: pl.DataFrame, file: File, word: str) -> Raw:
    """Named columns; columns of which no cell is single are empty and said."""
    if not frame.width or not frame.height:
        return frames.as_text(frame, str(file.path), {})  # raises H203
    names = names_of(frame.columns)
    frame.columns = names.names
    guesses = {"format": word, "header": "declared", "compression": file.packed}
    return Raw(frame, str(file.path), names.notes, guesses, {}, names.nameless)
