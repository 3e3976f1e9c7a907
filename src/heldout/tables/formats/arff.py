"""ARFF (Weka): attributes declared, rows quoted with backslash escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import plural
from heldout.tables.decode import blocks
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.header import names_of
from heldout.tables.infer import Raw

ATTRIBUTE = re.compile(
    r"""@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)""",
    re.IGNORECASE | re.DOTALL,
)
FIELD = re.compile(
    r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,\t]*?))\s*(?:[,\t]|$)""", re.DOTALL
)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
NOMINAL = "{"
DECLARED = re.compile(rb"(?im)^[ \t]*@(?:relation|attribute)\b")
BYTES = 20  # of memory a byte of the file


def read(file: File, ask: Ask) -> Raw:
    """The whole file as text; what is declared nominal is a hint that it is a category."""
    path = file.path
    text = b"".join(blocks(path, file.encoding)).decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.split("\n")
    attributes, at = _attributes(path, lines)
    if not attributes:
        raise malformed(
            path, at, "no @attribute line", "without attributes the columns have no names"
        )
    names = names_of([name for name, _ in attributes])
    rows = []
    for number, line in enumerate(lines[at:], at + 1):
        if not line.strip() or line.lstrip().startswith("%"):
            continue
        rows.append(_row(path, number, line, len(attributes)))
    if not rows:
        raise HeldoutError(
            "H204",
            f"{path.name} declares its columns but has no rows",
            seen=plural(len(attributes), "attribute"),
            why="there is nothing to learn from",
            do=["check how the file was written"],
        )
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names.names)}
    hints = {
        name: "category"
        for name, (_, kind) in zip(names.names, attributes, strict=True)
        if kind.startswith(NOMINAL)
    }
    guesses = {"format": "ARFF", "encoding": file.encoding.name, "header": "declared"}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return Raw(frame, str(path), names.notes, guesses, hints, names.nameless)


def _attributes(path: Path, lines: list[str]) -> tuple[list[tuple[str, str]], int]:
    """Names and declared types, and the index of the first line of data."""
    found = []
    for i, line in enumerate(lines):
        stripped = line.strip()
        lower = stripped.lower()
        if lower.startswith("@attribute"):
            match = ATTRIBUTE.fullmatch(stripped)
            if match is None:
                raise malformed(path, i, stripped[:60], "an attribute has a name and a type")
            found.append((_unquote(match[1]), match[2].strip()))
        elif lower.startswith("@data"):
            return found, i + 1
    raise malformed(path, len(lines) - 1, "no @data line", "the rows begin after @data")


def _unquote(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return _unescape(text[1:-1])
    return text


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return ESCAPE.sub(lambda m: ESCAPED.get(m[1], m[1]), text)


def _row(path: Path, number: int, line: str, width: int) -> list[str]:
    if line.lstrip().startswith("{"):
        raise malformed(
            path, number - 1, line[:60], "sparse rows {index value, ...} are not read yet"
        )
    if "'" in line or '"' in line or "\\" in line:
        row = list(_quoted_fields(line))
    else:
        row = [field.strip() for field in line.replace("\t", ",").split(",")]
    if len(row) != width:
        raise HeldoutError(
            "H205",
            f"line {number} of {path.name} has {plural(len(row), 'field')}, {width} attributes are declared",
            seen=line[:80],
            why="a field too many or too few moves every value after it into the wrong column",
            do=["mend this line: often a comma inside a text that is not quoted"],
        )
    return row


def _quoted_fields(line: str) -> Iterator[str]:
    at, line = 0, line.strip()
    while at <= len(line):
        match = FIELD.match(line, at)
        if match is None:
            yield line[at:]
            return
        quoted = match[1] if match[1] is not None else match[2]
        yield _unescape(quoted) if quoted is not None else match[3]
        if match.end() >= len(line) and not line[at : match.end()].endswith((",", "\t")):
            return
        at = match.end()


def malformed(path: Path, line: int, seen: str, why: str) -> HeldoutError:
    """For an ARFF file that cannot be read."""
    return HeldoutError(
        "H214",
        f"{path.name} is not ARFF as it should be, at line {line + 1}",
        seen=seen,
        why=why,
        do=["write the table as CSV"],
    )


def found(file: File) -> bool:
    """A line that declares a relation or an attribute; or the name, and a comment first."""
    start = file.head.lstrip(b"\xef\xbb\xbf \t\r\n")
    named = file.path.suffix.lower() == ".arff" and start[:1] in (b"@", b"%")
    return named or DECLARED.search(file.head) is not None


def size(file: File, ask: Ask) -> Size:
    """By the bytes of the file."""
    rows = file.encoding.size * file.sample.count(b"\n") // max(1, len(file.sample))
    return Size(rows, BYTES * file.encoding.size)


CARD = FormatCard(
    name="arff",
    title="ARFF",
    about="Weka's format: columns declared with their kinds",
    endings=(".arff",),
    rank=91,
    found=found,
    read=read,
    size=size,
    packed=True,
)
