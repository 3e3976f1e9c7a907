"""A folder per class, full of pictures, as a table of paths and labels."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import plural, quoted
from heldout.tables.infer import Raw
from heldout.tables.kinds.image import SUFFIXES

NAMES = 3


def read(path: Path) -> Raw:
    """Columns ``image`` (path) and ``label`` (name of the folder in which it lies); the first
    alone where the pictures lie in no sub-folder."""
    pictures = _pictures(path, "*/*")
    if not pictures:
        return _unlabeled(path)
    frame = pl.DataFrame(
        {"image": [str(p) for p in pictures], "label": [p.parent.name for p in pictures]}
    )
    classes = frame["label"].n_unique()
    note = f"{plural(len(pictures), 'picture')} in {plural(classes, 'folder')}, one for each class."
    return Raw(frame, str(path), (note,), {"format": "folder of pictures"}, {"label": "category"})


def _pictures(path: Path, pattern: str) -> list[Path]:
    found = (p for p in path.glob(pattern) if p.suffix.lower() in SUFFIXES)
    return sorted(p for p in found if p.is_file() and not p.name.startswith("."))


def _unlabeled(path: Path) -> Raw:
    """New pictures to be answered lie in one folder."""
    pictures = _pictures(path, "*")
    if not pictures:
        raise _no_pictures(path)
    frame = pl.DataFrame({"image": [str(p) for p in pictures]})
    note = f"{plural(len(pictures), 'picture')} in one folder, without labels."
    return Raw(frame, str(path), (note,), {"format": "folder of pictures"})


def _no_pictures(path: Path) -> HeldoutError:
    files = sorted(p.name for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    return HeldoutError(
        "H202",
        f"{path.name or path} is a folder, and no folder of pictures",
        seen=f"{plural(len(files), 'file')}"
        + (f", such as {', '.join(files[:NAMES])}" if files else "")
        + "; no sub-folder holds pictures",
        why="one table is one file; a folder is read as pictures, in one sub-folder for each class",
        do=[f"give one file: {quoted(path / files[0])}"] if files else ["give a file"],
    )
