"""A folder per class, full of pictures or of texts, as a table with labels."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import plural, quoted
from heldout.tables import memory
from heldout.tables.decode import blocks
from heldout.tables.file import File
from heldout.tables.infer import Raw
from heldout.tables.kinds.image import SUFFIXES

NAMES = 3
MOST_FEW = 3  # texts of a class, from which a folder of texts is meant


def labeled(path: Path) -> Raw | None:
    """Pictures or texts, in a sub-folder for each class, or new pictures in no sub-folder."""
    return _of_pictures(path) or _unlabeled(path) or _of_texts(path)


def _of_pictures(path: Path) -> Raw | None:
    """Columns ``image`` (path) and ``label`` (name of the folder in which it lies)."""
    pictures = _pictures(path, "*/*")
    if not pictures:
        return None
    frame = pl.DataFrame(
        {"image": [str(p) for p in pictures], "label": [p.parent.name for p in pictures]}
    )
    classes = frame["label"].n_unique()
    notes = [
        f"{plural(len(pictures), 'picture')} in {plural(classes, 'folder')}, one for each class."
    ]
    known = {p.parent.name for p in pictures}
    empty = sorted(
        p.name for p in path.iterdir()
        if p.is_dir() and not p.name.startswith(".") and p.name not in known
    )  # fmt: skip
    if empty:
        notes.append(
            f"{plural(len(empty), 'folder')} without a picture, so no class: "
            f"{', '.join(empty[:NAMES])}."
        )
    return Raw(
        frame, str(path), tuple(notes), {"format": "folder of pictures"}, {"label": "category"}
    )


def _of_texts(path: Path) -> Raw | None:
    """Columns ``text`` and ``label``, where two or more sub-folders hold .txt files alone."""
    texts = sorted(p for p in path.glob("*/*.txt") if p.is_file() and not p.name.startswith("."))
    classes = {p.parent.name for p in texts}
    if len(classes) < 2 or len(texts) < MOST_FEW * len(classes):
        return None
    need, have = 4 * sum(p.stat().st_size for p in texts), memory.allowed()
    if need > have:
        raise memory.too_large(path.name, need, have, "give a part of the texts")
    frame = pl.DataFrame(
        {"text": [_text(p) for p in texts], "label": [p.parent.name for p in texts]}
    )
    note = f"{plural(len(texts), 'text')} in {plural(len(classes), 'folder')}, one for each class."
    hints = {"label": "category", "text": "text"}
    return Raw(frame, str(path), (note,), {"format": "folder of texts"}, hints)


def _text(path: Path) -> str:
    file = File(path)
    if not file.head:
        return ""
    return b"".join(blocks(path, file.encoding)).decode("utf-8", "replace").replace("\0", " ")


def _pictures(path: Path, pattern: str) -> list[Path]:
    found = (p for p in path.glob(pattern) if p.suffix.lower() in SUFFIXES)
    return sorted(p for p in found if p.is_file() and not p.name.startswith("."))


def _unlabeled(path: Path) -> Raw | None:
    """New pictures to be answered lie in one folder."""
    pictures = _pictures(path, "*")
    if not pictures:
        return None
    frame = pl.DataFrame({"image": [str(p) for p in pictures]})
    note = f"{plural(len(pictures), 'picture')} in one folder, without labels."
    return Raw(frame, str(path), (note,), {"format": "folder of pictures"})


def refused(path: Path) -> HeldoutError:
    """For a folder that holds no table."""
    files = sorted(p.name for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    return HeldoutError(
        "H202",
        f"{path.name or path} is a folder that holds no table",
        seen=f"{plural(len(files), 'file')}"
        + (f", such as {', '.join(files[:NAMES])}" if files else "")
        + "; no sub-folder holds pictures or texts",
        why="a folder is read as the parts of one table, or as pictures or texts in one sub-folder "
        "for each class",
        do=[f"give one file: {quoted(path / files[0])}"] if files else ["give a file"],
    )
