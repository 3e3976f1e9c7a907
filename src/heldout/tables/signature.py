"""What a file really is, by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.core.names import quoted

HEAD = 4096
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
FOREIGN = {
    b"SQLite format 3": ("an SQLite database", "export the table as CSV or Parquet"),
    b"%PDF": ("a PDF document", "take the table out of it first"),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Office file", "save the sheet as CSV"),
    b"\x89PNG": ("a picture", "give the folder of pictures instead"),
    b"\xff\xd8\xff": ("a picture", "give the folder of pictures instead"),
    b"GIF8": ("a picture", "give the folder of pictures instead"),
    b"\x89HDF": ("an HDF5 file", "export the table as Parquet"),
    b"BZh": ("a bzip2 archive", "unpack it first: bunzip2"),
    b"\xfd7zXZ": ("an xz archive", "unpack it first: unxz"),
    b"\x28\xb5\x2f\xfd": ("a Zstandard archive", "unpack it first: zstd -d"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it first"),
    b"Rar!": ("a RAR archive", "unpack it first"),
    b"\x93NUMPY": ("a NumPy array", "write it as CSV or Parquet, with names for its columns"),
    b"FEA1": ("a Feather file of version 1", "write it again as Parquet or as Feather version 2"),
    b"<?xml": ("an XML document", "export the table as CSV"),
    b"$FL2": ("an SPSS file", "export the table as CSV"),
}
CONTROLS = 0.05  # share of control characters, from which bytes are no text
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def kind_of(path: Path, head: bytes) -> str:
    """One of "parquet", "arrow", "arrow_stream", "gzip", "arff", "text"; errors for the rest.

    ``head`` are the first 4096 bytes (of the unpacked file, for gzip).
    """
    if not head:
        raise empty(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"ARROW1"):
        return "arrow"
    if head.startswith(b"\xff\xff\xff\xff"):
        return "arrow_stream"
    if head.startswith(GZIP):
        return "gzip"
    if head.startswith(ZIP):
        raise _archive(path, head)
    if head.startswith(b"version https://git-lfs"):
        raise _pointer(path)
    for magic, (what, do) in FOREIGN.items():
        if head.startswith(magic):
            raise _foreign(path, what, [do])
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise HeldoutError(
            "H211",
            f"{path.name} is a web page, not a table",
            seen=f"it begins with {start[:15].decode('ascii', 'replace')}",
            why="a download often saves the page about a file instead of the file",
            do=["open the page in a browser and use its button for the raw file"],
        )
    if start.startswith((b"{", b"[{", b"[[")):
        raise _foreign(path, "JSON", ["write it as CSV or Parquet, one row for each sample"])
    if head[:2] not in BOMS and len(CONTROL.findall(head)) > CONTROLS * len(head):
        raise binary(path, head)
    arff = re.search(rb"(?im)^[ \t]*@relation\b", head) or re.search(
        rb"(?im)^[ \t]*@attribute\b", head
    )
    return "arff" if arff or (path.suffix.lower() == ".arff" and start[:1] in b"%@") else "text"


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
    return _foreign(path, f"no text: it has {where}", ["give CSV, ARFF, Parquet or Arrow"])


def _foreign(path: Path, what: str, do: list[str]) -> HeldoutError:
    is_what = what if what.startswith("no text") else f"{what}, not a table that can be read here"
    return HeldoutError(
        "H208",
        f"{path.name} is {is_what}",
        seen="the first bytes of the file tell what it is, whatever its name says",
        why="read as text it would give nonsense without a warning",
        do=do,
    )


def _archive(path: Path, head: bytes) -> HeldoutError:
    sheet = b"[Content_Types].xml" in head or b"xl/" in head or b"_rels/" in head
    numpy = b".npy" in head
    what = "a spreadsheet" if sheet else "an archive of NumPy arrays" if numpy else "a zip archive"
    under = (
        ""
        if path.suffix.lower() in (".zip", ".xlsx", ".npz")
        else f", although its name ends in {path.suffix or 'nothing'}"
    )
    do = [f"unzip it, then give the table inside: unzip {quoted(path.name)}"]
    if sheet:
        do = ["open it in a spreadsheet program and save the sheet as CSV"]
    if numpy:
        do = ["write the arrays as CSV or Parquet, with names for the columns"]
    return HeldoutError(
        "H209",
        f"{path.name} is {what}{under}",
        seen='it begins with "PK", as every zip archive does',
        why="its bytes are packed; read as text they would give nonsense",
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
