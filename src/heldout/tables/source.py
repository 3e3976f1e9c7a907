"""From what a person gave (a path, several, a folder, a pattern) to the files that are meant."""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, plural, quoted
from heldout.tables import address, packing
from heldout.tables.address import Address
from heldout.tables.decode import unreadable
from heldout.tables.file import File
from heldout.tables.format import FORMATS, Ask, card_of, no_part

if TYPE_CHECKING:
    from heldout.tables.infer import Raw

BLOCK = 1 << 20
PATTERN = set("*?[")
BESIDE = ("readme", "license", "licence", "_success", "_metadata", "_common_metadata", "manifest")
Source = str | os.PathLike[str]


def is_source(source: Any) -> bool:
    """Whether this names files: a path, an address, or a list of them."""
    if isinstance(source, (str, os.PathLike)):
        return True
    return (
        isinstance(source, (list, tuple))
        and bool(source)
        and all(isinstance(s, (str, os.PathLike)) for s in source)
    )


def name_of(source: Any) -> str:
    """A short name for people, without secrets.

    >>> name_of("/tmp/a.csv"), name_of("postgresql://me:pw@host/shop?table=orders"), name_of({})
    ('a.csv', 'orders', 'the frame')
    """
    if not is_source(source):
        return "the frame"
    if isinstance(source, (list, tuple)):
        return f"{plural(len(source), 'file')}"
    return address.parse(source).name


@dataclass(frozen=True)
class Opening:
    """What was found: files that are one table together, or (for folders of pictures and of
    texts) the table itself; ``ask`` with the part that the address named."""

    files: tuple[File, ...]
    ask: Ask
    frame: Raw | None = None


def opened(source: Source | Sequence[Source], ask: Ask) -> Opening:
    """Find the files; raises H201, H202 and H212."""
    several = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    files: list[File] = []
    for one in several:
        where = address.parse(one)
        if where.part:
            ask = dataclasses.replace(ask, part=ask.part or where.part)
        if where.scheme:
            files.append(_server(where))
            continue
        paths = _paths(where)
        if len(paths) == len(several) == 1 and paths[0].is_dir():
            return of_folder(paths[0], ask)
        for path in paths:
            files += of_folder(path, ask).files if path.is_dir() else (_regular(path),)
    return Opening(tuple(files), ask)


def of_folder(folder: Path, ask: Ask) -> Opening:
    """A folder of pictures, of texts, or of the parts of one table."""
    from heldout.tables.folder import labeled, refused

    raw = labeled(folder)
    if raw is not None:
        return Opening((), ask, raw)
    parts = parts_of(folder)
    if ask.part:
        chosen = [p for p in parts if p.name == ask.part]
        if not chosen:
            raise no_part(folder.name, ask.part, "file", [p.name for p in parts])
        return Opening(tuple(map(File, chosen)), dataclasses.replace(ask, part=""))
    if not parts:
        raise refused(folder)
    return Opening(tuple(map(File, parts)), ask)


def _server(where: Address) -> File:
    if where.scheme not in {card.scheme for card in FORMATS.all() if card.scheme}:
        raise _fetched(where)
    return File(Path(where.name), where)


def _paths(where: Address) -> list[Path]:
    path = where.path
    if _there(path):
        return [path]
    if "," in where.text:
        parts = [Path(p.strip()).expanduser() for p in where.text.split(",") if p.strip()]
        if len(parts) > 1 and any(_there(p) for p in parts):
            return [p for part in parts for p in _paths(Address(str(part)))]
    if PATTERN & set(where.text):
        matched = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207
        if files := [p for p in matched if p.is_file()]:
            return files
    raise _absent(where)


def _regular(path: Path) -> File:
    """H213 for what has no end, or would be waited for: pipes, devices, sockets."""
    if path.is_file():
        return File(path)
    word = "pipe" if path.is_fifo() else "socket" if path.is_socket() else "device"
    raise HeldoutError(
        "H213",
        f"{path} is a {word}, not a file",
        seen=f"a {word} can be read once, and may never end",
        why="the data of a run are read more than once",
        do=["write its content into a file, then give the file"],
    )


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _fetched(where: Address) -> HeldoutError:
    web = where.scheme in ("http", "https", "ftp")
    return HeldoutError(
        "H212",
        f"{address.shown(where.text)} is an address, not a file",
        seen="heldout reads files of this machine"
        + ("" if web else ", SQLite files and PostgreSQL servers"),
        why="nothing is fetched: the data of a run must be there to be read again",
        do=["download it first, then give the file"]
        if web
        else ["export the table as CSV or Parquet", "postgresql://USER@HOST/DATABASE?table=NAME"],
    )


def _absent(where: Address) -> HeldoutError:
    text, path = where.text, where.path
    if "\0" in text:
        text, path = text.replace("\0", "\\0"), Path("file")
    try:
        folder = path.parent if path.parent.is_dir() else Path()
        beside = [p.name for p in folder.iterdir()]
    except OSError:
        beside = []
    near = nearest(path.name, beside)
    pattern = bool(PATTERN & set(text))
    return HeldoutError(
        "H201",
        f"no file is like {text}" if pattern else f"there is no file {text}",
        seen=f'the nearest name is "{near}"'
        if near
        else f"nothing like it in {path.parent.absolute()}",
        why="the data are read from a file",
        do=[f"give {quoted(path.parent / near)}"] if near else [],
    )


def labeled(source: str) -> bool:
    """Whether the answer is a column ``label`` by the nature of the source: pictures or texts in a
    folder for each class, or idx files."""
    where = address.parse(source)
    if where.scheme or not _there(where.path):
        return False
    if where.path.is_dir():
        return not parts_of(where.path)
    try:
        return card_of(File(where.path)).name == "idx"
    except HeldoutError:
        return False


def parts_of(folder: Path) -> list[Path]:
    """The files of a folder that may be parts of a table, by name: no hidden ones, no README."""
    try:
        files = sorted(p for p in folder.iterdir() if p.is_file())
    except OSError as error:
        raise unreadable(folder, error) from error
    return [
        p
        for p in files
        if not p.name.startswith((".", "_"))
        and not p.name.lower().startswith(BESIDE)
        and p.suffix.lower()
        not in (".md", ".crc", ".py", ".ipynb", ".sh", ".html", ".pdf", ".yaml")
    ]


@contextlib.contextmanager
def plain(
    files: Sequence[File], card_of: Callable[[File], Any]
) -> Iterator[list[tuple[File, Any]]]:
    """Files with their formats; what is packed and not read as a stream is unpacked aside."""
    with contextlib.ExitStack() as stack:
        known = []
        for file in files:
            card = card_of(file)
            if not card.packed and file.packed:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heldout-")))
                known.append((unpacked(file, folder), card))
            else:
                known.append((file, card))
        yield known


def unpacked(file: File, folder: Path) -> File:
    """The file as it was before packing, in ``folder``; H802 where the disk has no room."""
    target = folder / (file.path.stem or "data")
    try:
        with packing.opened(file.path, file.packed) as source, target.open("wb") as made:
            copy(source, made, folder, file.name)
    except HeldoutError:
        raise
    except packing.damage() as error:
        raise unreadable(file.path, error) from error
    return File(target)


def copy(source: Any, target: Any, folder: Path, name: str) -> int:
    """Copy all bytes, as long as a tenth of the disk stays free; returns how many."""
    room = shutil.disk_usage(folder)
    left, copied = room.free - room.total // 10, 0
    while block := source.read(BLOCK):
        copied += len(block)
        if copied > left:
            raise HeldoutError(
                "H802",
                f"no room to unpack {name}",
                seen=f"more than {copied >> 20} MB once unpacked; {folder} has too little left",
                why="an unpacked copy is needed while it is read",
                do=["free some space, or set TMPDIR to a larger disk"],
            )
        target.write(block)
    return copied
