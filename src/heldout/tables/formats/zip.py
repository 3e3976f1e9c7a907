"""Zip archives: the one table in them, the one that is named, or parts of one table."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.tables import limited, source
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size, no_part
from heldout.tables.infer import Raw
from heldout.tables.kinds.image import SUFFIXES
from heldout.tables.piece import Piece

MOST_MEMBERS = 100_000
LEFT_OUT = (".md", ".pdf", ".html", ".py", ".names", ".xml", ".yaml", ".doc", ".docx")
DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError,
          ValueError, UnicodeDecodeError, OverflowError, MemoryError)  # fmt: skip


def read(file: File, ask: Ask) -> Raw:
    """The table or the parts in the archive, as if they lay in a folder."""
    with _out(file, ask) as (opening, name):
        raw = (
            opening.frame if opening.frame is not None else limited.read(opening.files, opening.ask)
        )
    note = f"Read from {name} in {file.name}." if name else f"Read from the files in {file.name}."
    return dataclasses.replace(
        raw,
        source=str(file.path),
        notes=(note, *raw.notes),
        guesses={**raw.guesses, "archive": "zip"},
    )


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """The same in parts; the unpacked copy stays until the last is read."""
    with _out(file, ask) as (opening, _):
        if opening.frame is not None:
            yield from limited.cut(opening.frame.frame, rows)
        else:
            yield from limited.pieces(opening.files, opening.ask, rows)


@contextlib.contextmanager
def _out(file: File, ask: Ask) -> Iterator[tuple[source.Opening, str]]:
    with tempfile.TemporaryDirectory(prefix="heldout-") as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(file.path) as archive:
                chosen = _chosen(file, archive, ask.part)
                for info in chosen:
                    target = _place(folder, info.filename)
                    with archive.open(info) as packed, target.open("wb") as made:
                        source.copy(packed, made, folder, file.name)
        except HeldoutError:
            raise
        except DAMAGE as error:
            raise _damaged(file, error) from error
        ask = dataclasses.replace(ask, part="")
        if len(chosen) == 1:
            inside = File(_place(folder, chosen[0].filename))
            yield source.Opening((inside,), ask), inside.name
        else:
            yield _folder(folder, ask), ""


def _folder(folder: Path, ask: Ask) -> source.Opening:
    """The folder, or the one in it that holds everything."""
    while len(inside := list(folder.iterdir())) == 1 and inside[0].is_dir():
        folder = inside[0]
    return source.of_folder(folder, ask)


def _place(folder: Path, name: str) -> Path:
    """Where a member is unpacked: within the folder, whatever its name says."""
    parts = [p.replace(":", "_")[:100] for p in name.replace("\\", "/").split("/")]
    parts = [p for p in parts if p not in ("", ".", "..")][-4:] or ["data"]
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _chosen(file: File, archive: zipfile.ZipFile, part: str) -> list[zipfile.ZipInfo]:
    members = [m for m in archive.infolist() if _is_file(m) and _is_data(m.filename)]
    names = [m.filename for m in members]
    if any(m.flag_bits & 1 for m in members):
        raise _closed(file, "it is protected by a password", ["unpack it first, with its password"])
    if part:
        found = [m for m in members if part in (m.filename, m.filename.rsplit("/", 1)[-1])]
        if not found:
            raise no_part(file.name, part, "member", names)
        return found[:1]
    if "[Content_Types].xml" in archive.namelist() or "xl/workbook.xml" in archive.namelist():
        raise _closed(
            file,
            "it holds a spreadsheet or document that cannot be read"
            + ("" if file.path.suffix.lower() == ".xlsx" else _false_name(file)),
            ["open it in a spreadsheet program and save the sheet as CSV"],
        )
    if not members:
        raise _closed(file, "it holds no file", ["check how it was made"])
    if len(members) > MOST_MEMBERS:
        raise _closed(file, f"it holds {len(members)} files", ["unpack it and give a folder"])
    if sum(n.lower().endswith(SUFFIXES) for n in names) * 2 > len(names):
        raise _closed(
            file,
            "it holds pictures, which are looked up while a model learns",
            [f"unzip it, then give the folder: unzip {quoted(file.name)}"],
        )
    plain = [m for m in members if not m.filename.lower().endswith(LEFT_OUT)]
    return plain or members


def _is_file(member: zipfile.ZipInfo) -> bool:
    """No folder, and not without a name, as a damaged archive may hold."""
    return bool(member.filename) and not member.is_dir()


def _is_data(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return not (
        last.startswith((".", "_")) or "__MACOSX" in name or last.lower().startswith(source.BESIDE)
    )


def _false_name(file: File) -> str:
    return f", although its name ends in {file.path.suffix or 'nothing'}"


def _damaged(file: File, error: Exception) -> HeldoutError:
    name = "" if file.path.suffix.lower() in (".zip", ".xlsx", ".npz") else _false_name(file)
    return _closed(file, f"it cannot be unpacked: {error}"[:150] + name, ["copy it again"])


def _closed(file: File, seen: str, do: list[str]) -> HeldoutError:
    return HeldoutError(
        "H209",
        f"{file.name} is a zip archive without a table that can be read",
        seen=f'it begins with "PK", as zip archives and spreadsheets do; {seen}',
        why="read as text its bytes would give nonsense",
        do=do,
    )


CARD = FormatCard(
    name="zip",
    title="zip archive",
    about="one table in it, the one that is named, or the parts of one table",
    endings=(".zip",),
    rank=40,
    found=lambda file: file.head.startswith(b"PK\x03\x04") and not file.packed,
    read=read,
    size=lambda file, ask: Size(0, 0),
    pieces=pieces,
    part="member",
)
