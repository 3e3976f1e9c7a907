"""Files to one frame of text within the memory that there is: whole, or a sample, and said."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import count, nearest, plural
from heldout.tables import memory, sample
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size, card_of, check_part
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece
from heldout.tables.source import plain

ROWS = 50_000  # of a piece


def read(files: Sequence[File], ask: Ask) -> Raw:
    """All rows of one file, or of several with the same columns, one after the other."""
    with plain(files, card_of) as known:
        for file, card in known:
            check_part(card, file, ask)
        sizes = [card.size(file, ask) for file, card in known]
        need, have = sum(s.memory for s in sizes), memory.allowed()
        if need > have:
            return _sampled(known, ask, Size(sum(s.rows for s in sizes), need), have)
        return _together(known, ask)


def pieces(files: Sequence[File], ask: Ask, rows: int) -> Iterator[Piece]:
    """The rows of all files, at most ``rows`` at a time; formats that can only be read whole are."""
    with plain(files, card_of) as known:
        yield from _pieces(known, ask, rows)


def _pieces(known: Sequence[tuple[File, FormatCard]], ask: Ask, rows: int) -> Iterator[Piece]:
    start, names = 0, None
    for file, card in known:
        check_part(card, file, ask)
        again = ask if names is None else dataclasses.replace(ask, expect=tuple(names))
        for found in _of_one(file, card, again, rows):
            piece = found
            if names is None:
                names = piece.frame.columns
            elif piece.frame.columns != names:
                piece = dataclasses.replace(
                    piece, frame=_same(piece.frame, names, file, known[0][0])
                )
            refused = [dataclasses.replace(r, row=r.row + start) for r in piece.refused]
            yield dataclasses.replace(piece, start=piece.start + start, refused=refused)
            last = start + piece.start + piece.rows
        start = last


def _of_one(file: File, card: FormatCard, ask: Ask, rows: int) -> Iterator[Piece]:
    if card.pieces is not None:
        yield from card.pieces(file, ask, rows)
        return
    need, have = card.size(file, ask).memory, memory.allowed()
    if need > have:
        raise memory.too_large(file.name, need, have, "write it as CSV or Parquet")
    yield from cut(card.read(file, ask).frame, rows)


def cut(frame: pl.DataFrame, rows: int) -> Iterator[Piece]:
    """A frame of text in pieces, without numbers of lines."""
    import numpy as np

    for start in range(0, frame.height, rows):
        part = frame.slice(start, rows)
        yield Piece(part, start, part.height, np.zeros(part.height, np.int64), [])


def _together(known: Sequence[tuple[File, FormatCard]], ask: Ask) -> Raw:
    (file, card), *others = known
    first = card.read(file, ask)
    if not others:
        return first
    names = first.frame.columns
    again = dataclasses.replace(ask, expect=tuple(names))
    frames = [first.frame]
    for other, its_card in others:
        frames.append(_same(its_card.read(other, again).frame, names, other, file))
    told = (
        f"{plural(len(known), 'file')} with the same columns were read as one table, "
        f"{file.name} to {known[-1][0].name}."
    )
    return dataclasses.replace(
        first,
        frame=pl.concat(frames),
        notes=(told, *first.notes),
        guesses={**first.guesses, "files": str(len(known))},
    )


def _same(frame: pl.DataFrame, names: Sequence[str], file: File, first: File) -> pl.DataFrame:
    """The frame with its columns in the order of the first file; H218 where they are others."""
    if frame.columns == list(names):
        return frame
    extra = [n for n in frame.columns if n not in names]
    missing = [n for n in names if n not in frame.columns]
    if not extra and not missing:
        return frame[list(names)]
    seen = []
    if missing:
        near = nearest(missing[0], extra)
        seen.append(
            f'"{missing[0]}" is missing' + (f', "{near}" may be it' if near is not None else "")
        )
    if extra:
        seen.append(f'"{extra[0]}" is not in {first.name}')
    raise HeldoutError(
        "H218",
        f"{file.name} has other columns than {first.name}",
        seen="; ".join(seen) + f" ({len(missing)} missing, {len(extra)} more)",
        why="several files are one table only where their columns are the same",
        do=["give one of the files, or a folder that holds the parts of one table alone"],
    )


def _sampled(known: Sequence[tuple[File, FormatCard]], ask: Ask, size: Size, have: int) -> Raw:
    """As many rows as fit, drawn by the hash of what they say."""
    for file, card in known:
        if card.pieces is None:
            its = card.size(file, ask).memory
            raise memory.too_large(
                file.name, max(its, size.memory), have, "write it as CSV or Parquet"
            )
    kept, rows = sample.sampled(_whole_rows(known, ask), have / size.memory)
    card, first = known[0][1], known[0][0]
    told = sample.note(rows, kept.height, size.memory, have)
    if not kept.height:
        raise memory.too_large(first.name, size.memory, have, "give it more memory")
    guesses = {"format": card.title, "rows": str(rows), "sampled": f"{kept.height / rows:.6g}"}
    if len(known) > 1:
        guesses["files"] = str(len(known))
    return Raw(kept, str(first.path), (told,), guesses)


def _whole_rows(known: Sequence[tuple[File, FormatCard]], ask: Ask) -> Iterator[Piece]:
    for piece in _pieces(known, ask, ROWS):
        if piece.refused:
            bad = piece.refused[0]
            raise HeldoutError(
                "H205",
                f"line {count(bad.line)} of the data does not fit: {bad.expected}",
                seen=bad.value[:80],
                why="a field too many or too few moves every value after it into the wrong column",
                do=["mend these lines: often a delimiter inside a text that is not quoted"],
            )
        yield piece
