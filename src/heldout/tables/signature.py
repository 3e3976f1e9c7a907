"""What a file really is, by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.tables.packing import MAGIC as PACKED

HEAD = 4096
FOREIGN = {
    b"%PDF": ("a PDF document", "take the table out of it first"),
    b"\x89PNG": ("a picture", "give the folder of pictures instead"),
    b"\xff\xd8\xff": ("a picture", "give the folder of pictures instead"),
    b"GIF8": ("a picture", "give the folder of pictures instead"),
    b"\x89HDF": ("an HDF5 file", "export the table as Parquet"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it first"),
    b"Rar!": ("a RAR archive", "unpack it first"),
    b"FEA1": ("a Feather file of version 1", "write it again as Parquet or as Feather version 2"),
    b"<?xml": ("an XML document", "export the table as CSV"),
    b"$FL2": ("an SPSS file", "export the table as CSV"),
}
CONTROLS = 0.05  # share of control characters, from which bytes are no text
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def refuse(path: Path, head: bytes, wide: bool) -> None:
    """Raise H208 to H211 for what is known to be no table; ``head`` are the first 4096 bytes,
    ``wide`` whether they are a text of two or four bytes a character.
    """
    if head.startswith(b"version https://git-lfs"):
        raise _pointer(path)
    for magic, (what, do) in FOREIGN.items():
        if head.startswith(magic):
            raise _foreign(path, what, [do])
    if any(head.startswith(magic) for magic in PACKED):
        raise _foreign(path, "packed twice", ["unpack it once, then give what is inside"])
    if head.startswith(b"PK\x03\x04"):
        raise _foreign(path, "a zip archive that is packed once more", ["unpack it first"])
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise HeldoutError(
            "H211",
            f"{path.name} is a web page, not a table",
            seen=f"it begins with {start[:15].decode('ascii', 'replace')}",
            why="a download often saves the page about a file instead of the file",
            do=["open the page in a browser and use its button for the raw file"],
        )
    if not wide and len(CONTROL.findall(head.rstrip(b"\0\x1a"))) > CONTROLS * len(head):
        raise binary(path, head)


def empty(path: Path) -> HeldoutError:
    """For a file of no bytes or of blanks alone."""
    return HeldoutError(
        "H203",
        f"{path.name} is empty",
        seen=f"{path.stat().st_size if path.exists() else 0} bytes and no row",
        why="there is nothing to learn from",
        do=["check how the file was written or copied"],
    )


def binary(path: Path, head: bytes) -> HeldoutError:
    """For bytes that no text has."""
    found = CONTROL.search(head)
    where = f"a byte {found.group()[0]:#04x} at position {found.start()}" if found else "such bytes"
    return _foreign(
        path,
        f"no text: it has {where}",
        ["give CSV, Excel, JSON, Parquet, Arrow, ARFF, SQLite or NumPy"],
    )


def _foreign(path: Path, what: str, do: list[str]) -> HeldoutError:
    is_what = what if what.startswith("no text") else f"{what}, not a table that can be read here"
    return HeldoutError(
        "H208",
        f"{path.name} is {is_what}",
        seen="the first bytes of the file tell what it is, whatever its name says",
        why="read as text it would give nonsense without a warning",
        do=do,
    )


def _pointer(path: Path) -> HeldoutError:
    return HeldoutError(
        "H210",
        f"{path.name} is only a pointer to the data (Git LFS)",
        seen='it begins with "version https://git-lfs"',
        why="the table itself was not downloaded with the repository",
        do=["in that repository: git lfs pull"],
    )
