"""The page: findings by severity, the target, rows, columns, gaps, pairs, places, time."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from heldout.audits.finding import Finding
from heldout.core.arrays import Array
from heldout.core.names import count, plural
from heldout.report import draw, shell
from heldout.report.draw import Picture
from heldout.report.draw.picture import join
from heldout.report.inspected import columns, together
from heldout.report.inspected.inspection import WORDS, Examples, Inspection

MOST_OPEN = 6  # notes that are not folded
FIRST = ("block", "warn")


def page(found: Inspection) -> str:
    """One file; what comes from the data is escaped."""
    parts = [
        shell.Part("findings", "What was found", _findings(found.findings)),
        shell.Part("target", f"The target: {found.target}", _target(found)),
        shell.Part("rows", "A few rows", _rows(found.examples)),
        shell.Part("columns", "Each column", _columns(found)),
        shell.Part("missing", "What is missing", together.missing(found)),
        shell.Part("together", "What moves together", _one(together.correlated(found))),
        shell.Part("places", "Places", [together.places(s) for s in found.spots]),
        shell.Part("time", "Over time", _time(found)),
        shell.Part("how", "How it was looked at", _how(found)),
    ]
    shown = f"{count(found.rows)} rows, {plural(len(found.schema), 'column')}"
    private = (
        "contains rows from your data"
        if found.examples is not None
        else "shows no row of your data"
    )
    return shell.plain(
        f"{found.source}: what is in it",
        found.source,
        _lead(found),
        [p for p in parts if p.blocks],
        [shown, private],
    )


def _lead(found: Inspection) -> str:
    by = {s: [f for f in found.findings if f.severity == s] for s in WORDS}
    if not found.findings:
        return "Nothing was found that a model would stumble over."
    told = [
        f"{plural(len(by['block']), 'column or group of columns', 'columns or groups of columns')} "
        "would leak the answer"
        if by["block"]
        else "",
        f"{plural(len(by['warn']), 'thing')} to look at" if by["warn"] else "",
        f"{plural(len(by['note']), 'note')}" if by["note"] else "",
    ]
    text = ", ".join(t for t in told if t)
    return text[:1].upper() + text[1:] + "."


def _findings(findings: Sequence[Finding]) -> list[Any]:
    first = [f for f in findings if f.severity in FIRST]
    notes = [f for f in findings if f.severity not in FIRST]
    blocks: list[Any] = []
    if first:
        blocks.append(_list(first))
    if not first:
        blocks.append("Nothing blocks, and nothing needs a second look.")
    if len(notes) > MOST_OPEN:
        told = _list(notes)
        blocks.append(
            Markup("<details><summary>{}</summary>{}</details>").format(
                plural(len(notes), "note"), told
            )
        )
    elif notes:
        blocks.append(_list(notes))
    return blocks


def _list(findings: Sequence[Finding]) -> Markup:
    return Markup('<ul class="failures">{}</ul>').format(join(_finding(f) for f in findings))


def _finding(finding: Finding) -> Markup:
    parts = [
        Markup("<strong{}>{}</strong> {}").format(
            Markup(' class="severity"') if finding.severity in FIRST else "",
            WORDS[finding.severity].capitalize(),
            _said(finding.what),
        )
    ]
    for label, text in (
        ("", finding.why),
        ("Done: ", finding.did),
        ("", finding.question or finding.advice),
    ):
        if text:
            parts.append(Markup("{}{}").format(label, shell.code(text) if label else _said(text)))
    if finding.overrule:
        parts.append(Markup("Overrule: {}").format(shell.code(finding.overrule)))
    code = Markup("<small>{} {}</small>").format(finding.code, finding.check)
    return Markup("<li>{} {}</li>").format(Markup("<br>").join(parts), code)


def _said(text: str) -> Markup:
    return shell.code(shell.sentence(text))


def _target(found: Inspection) -> list[Any]:
    if found.target is None:
        return []
    blocks: list[Any] = []
    made = found.summary(found.target)
    drawn = None if made is None else columns.picture(made, columns.MOST_CLASSES)
    if drawn is not None and made is not None:
        if made.levels:
            blocks.append(_balance(made))
        blocks.append(drawn)
    blocks += _one(together.skills(found))
    return blocks


def _balance(made: Any) -> str:
    counts = [n for _, n in made.levels]
    if made.others or len(counts) < 2:
        return ""
    most, least = counts[0], counts[-1]
    total = sum(counts)
    if most < 1.5 * least:
        return f"The {len(counts)} classes are balanced."
    return (
        f"Not balanced: the commonest class has {most / max(1, least):.1f} times the rows of the "
        f"rarest; always answering it is right in {most / total:.1%}."
    )


def _rows(examples: Examples | None) -> list[Any]:
    if examples is None:
        return []
    blocks: list[Any] = []
    if examples.pictures:
        blocks.append(_gallery(examples.pictures))
    if examples.rows:
        blocks.append(
            draw.table("Rows drawn at random, as they were read", examples.head, examples.rows)
        )
    return blocks


def _gallery(pictures: Sequence[tuple[Array, str]]) -> Markup:
    told = join(
        Markup(
            '<figure style="margin:0"><img src="data:image/png;base64,{}" alt="{}" width="96" '
            'height="96" style="object-fit:contain;image-rendering:pixelated">'
            "<figcaption>{}</figcaption></figure>"
        ).format(base64.b64encode(png(pixels)).decode(), f"a picture of {label}", label)
        for pixels, label in pictures
    )
    return Markup('<div style="display:flex;flex-wrap:wrap;gap:.8rem">{}</div>').format(told)


def png(pixels: Array) -> bytes:
    """uint8 [h, w, 3] as a PNG file.

    >>> import numpy as np
    >>> png(np.zeros((2, 2, 3), np.uint8))[:4]
    b'\\x89PNG'
    """
    height, width = pixels.shape[:2]
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")):
        body += struct.pack(">I", len(data)) + kind + data
        body += struct.pack(">I", zlib.crc32(kind + data))
    return body


def _columns(found: Inspection) -> list[Any]:
    rest = [s for s in found.summaries if s.name != found.target]
    pictures = [p for p in (columns.picture(s) for s in rest) if p is not None]
    blocks: list[Any] = []
    if pictures:
        blocks.append(
            draw.small("", "Range and frequency of what each column holds, counted over all rows.", pictures)
        )  # fmt: skip
    head = ("column", "kind", "part", "missing", "different values", "why")
    distinct = {s.name: s.distinct for s in found.summaries}
    rows = [
        (
            c.name,
            c.kind,
            c.role,
            count(c.nulls),
            count(distinct.get(c.name) or c.distinct),
            c.reason,
        )
        for c in found.schema
    ]
    told = draw.table("Every column with its kind, its part and why", head, rows)
    blocks.append(
        Markup("<details><summary>{}</summary>{}</details>").format(
            f"All {plural(len(rows), 'column')}", told
        )
    )
    return blocks


def _time(found: Inspection) -> list[Any]:
    blocks: list[Any] = []
    for made in found.courses:
        first, *others = together.course(made)
        blocks.append(first)
        if others:
            blocks.append(draw.small("", "Means over the same time.", others))
    return blocks


def _how(found: Inspection) -> list[Any]:
    told: list[Any] = [*map(shell.sentence, found.notes)]
    rows = found.rows
    if found.open_rows is not None:
        sealed, rows = found.planned - found.open_rows, found.open_rows
        told.append(
            f"A run would seal {count(sealed)} of {count(found.planned)} rows. They stay shut: "
            f"whatever needs {found.target} was counted on the other {count(rows)}."
            if sealed
            else "A run on so few rows seals none: its score is cross-validated."
        )
        if found.planned < found.rows - _without(found):
            told.append(
                f"For want of memory only {count(found.planned)} rows were looked at with "
                f"{found.target}; a run on all rows may seal a few of them."
            )
    if found.looked_at < rows:
        told.append(
            f"Findings, correlations and places rest on at most {count(found.looked_at)} rows, "
            "drawn by what they say or at random, the same every time; columns were counted over all."
        )
    return told


def _without(found: Inspection) -> int:
    """Rows without a target."""
    return sum(c.nulls for c in found.schema if c.name == found.target)


def _one(picture: Picture | None) -> list[Any]:
    return [] if picture is None else [picture]
