"""Excel and OpenDocument: the first sheet that holds a table, or the one that is named."""

from __future__ import annotations

import zipfile
from typing import Any

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.tables import frames, memory, unnamed
from heldout.tables.decode import unreadable
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size, no_part
from heldout.tables.heading import LOOKED_AT, heading
from heldout.tables.infer import Raw
from heldout.tables.misfit import no_row

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BYTES = 30  # of memory a byte of unpacked XML, measured (bench/reading.py)
TITLE = 30  # rows above a table
Row = list[str | None]


def read(file: File, ask: Ask) -> Raw:
    """One sheet: empty rows and columns around the table left out, the row of names found."""
    book = _book(file)
    names = list(book.sheet_names)
    if ask.part and ask.part not in names:
        raise no_part(file.name, ask.part, "sheet", names)
    told, chosen, cells = [], "", pl.DataFrame()
    for name in [ask.part] if ask.part else names:
        chosen, cells = name, _cells(file, book, name)
        if cells.height and cells.width:
            break
    if not cells.height or not cells.width:
        return frames.as_text(cells, str(file.path), {})  # raises H203
    if len(names) > 1:
        others = ", ".join(n for n in names if n != chosen)[:60]
        told.append(f'Read from the sheet "{chosen}"; not read: {others}.')
    frame, more, guesses, nameless = _table(file, cells, ask)
    guesses |= {"format": "Excel", "sheet": chosen}
    return Raw(frame, str(file.path), (*told, *more), guesses, {}, nameless)


def _book(file: File) -> Any:
    try:
        import fastexcel
    except ImportError as error:
        raise HeldoutError(
            "H222",
            f"{file.name} is a spreadsheet, which needs the package fastexcel",
            why="it reads Excel and OpenDocument files",
            do=['pip install "heldout[files]"', "or save the sheet as CSV"],
        ) from error
    return _tried(file, lambda: fastexcel.read_excel(file.path))


def _tried(file: File, call: Any) -> Any:
    try:
        return call()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader panics on some damaged files
        raise unreadable(file.path, ValueError(str(error).split("\n")[0][:120])) from error


def _cells(file: File, book: Any, name: str) -> pl.DataFrame:
    """All cells as text, without empty rows and columns at the edges."""
    frame = _tried(
        file, lambda: book.load_sheet(name, header_row=None, dtypes="string").to_polars()
    )
    frame = frame.select(pl.all().cast(pl.String))
    keep = [name for name, cells in unnamed.columns(frame) if (cells.fill_null("") != "").any()]
    kept: pl.DataFrame = frame[keep]
    return kept


def _table(
    file: File, cells: pl.DataFrame, ask: Ask
) -> tuple[pl.DataFrame, list[str], dict[str, str], frozenset[str]]:
    rows = [list(row) for row in cells.head(LOOKED_AT + TITLE).rows()]
    filled = [i for i, row in enumerate(rows) if any(row)]
    first = filled[0]
    said = ask.header
    if ask.header_row is not None:
        if not 1 <= ask.header_row <= cells.height or not any(cells.row(ask.header_row - 1)):
            raise no_row(file.name, ask.header_row, cells.height)
        first, said = ask.header_row - 1, True
    elif said is None:
        first = _begin(rows, filled)
    told = []
    if any(i < first for i in filled):
        told.append(f"Names stand in row {count(first + 1)} of the sheet; rows above left out.")
    body = [row for row in rows[first:] if any(row)]
    top = heading(body, said, ask.expect)
    frame = cells.slice(first).filter(pl.any_horizontal(pl.all().fill_null("") != ""))
    frame = frame.slice(top.rows)
    guesses = {
        "header": "yes" if top.rows else "no",
        "header_row": str(first + 1 if top.rows else 0),
    }
    if top.names is None:
        frame.columns = [f"column_{i}" for i in range(frame.width)]
        told.append(
            f"No header: {top.header.reason}. Columns are named column_0, column_1 and so on."
        )
        return frame, told, guesses, frozenset()
    frame.columns = top.names.names
    if not frame.height:
        return frames.as_text(frame, str(file.path), {}).frame, told, guesses, frozenset()
    told += [*([top.note] if top.note else []), *top.names.notes]
    return frame, told, guesses, top.names.nameless


def _begin(rows: list[Row], filled: list[int]) -> int:
    """The row at which the table begins: the first as wide as the rows below, titles left out."""
    widths = [sum(bool(c) for c in rows[i]) for i in filled]
    usual = sorted(widths)[len(widths) // 2]
    for i, width in zip(filled[:TITLE], widths, strict=False):
        if width >= max(2, 0.8 * usual) or (usual < 2 and width):
            return i
    return filled[0]


def found(file: File) -> bool:
    """A zip archive with a workbook in it, or an old Excel file."""
    if file.packed:
        return False
    if file.head.startswith(OLD):
        return True
    if not file.head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    whole = "[Content_Types].xml" in names
    return (whole and bool(names & {"xl/workbook.xml", "xl/workbook.bin"})) or (
        "content.xml" in names and "META-INF/manifest.xml" in names
    )


def size(file: File, ask: Ask) -> Size:
    """By the bytes of the sheets once unpacked, which the archive tells."""
    if file.head.startswith(OLD):
        return Size(0, 10 * BYTES * file.stored // 4)
    with zipfile.ZipFile(file.path) as archive:
        unpacked = sum(i.file_size for i in archive.infolist())
    need = BYTES * unpacked
    if need > memory.allowed():
        raise memory.too_large(file.name, need, memory.allowed(), "save the sheet as CSV")
    return Size(0, need)


CARD = FormatCard(
    name="excel",
    title="Excel",
    about="a sheet of an Excel (.xlsx, .xls, .xlsb) or OpenDocument (.ods) file",
    endings=(".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"),
    rank=30,
    found=found,
    read=read,
    size=size,
    part="sheet",
)
