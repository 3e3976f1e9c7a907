"""Which answered rows a person should label next: a fair draw, or the hardest (MONITOR-02, 06).

A fair draw audits the model: its labels, given back with ``--labels``, are scored beside the score
that was delivered. The hardest rows teach most when training again, and score nothing: they were
chosen because the model is unsure of them.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from heldout.bundle import Bundle
from heldout.core import files
from heldout.core.errors import HeldoutError
from heldout.monitor.log import Logged, answer, batches, stored_labels


def audit(bundle: Bundle, log: str | Path, share: float) -> list[Logged]:
    """This share of the answered rows that nobody labeled: those first by a hash of their id, so
    that the draw depends on nothing that the model said, and is the same again."""
    limit = round(min(1.0, share) * 2**64)

    def drawn(row: Logged) -> bool:
        digest = hashlib.sha256(f"audit {row.id}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < limit

    return [row for row in _unlabeled(bundle, log) if drawn(row)]


def hardest(bundle: Bundle, log: str | Path, count: int) -> list[Logged]:
    """The rows that were decided by least: nearest to the threshold, or with the smallest lead of
    the first class over the second. H102 where numbers are predicted."""
    task = bundle.task
    if not task.is_likely:
        raise HeldoutError(
            "H102",
            "--hardest does not go with a number as target",
            seen=f"{task.target} is a number: an answer does not say how sure it is",
            why="the hardest rows are those that were decided by least",
            do=["draw rows with --audit 0.05"],
        )
    ranked = []
    for row in _unlabeled(bundle, log):
        p = answer(row.outputs, task)
        if p is None:
            continue
        at = bundle.threshold
        if task.is_multilabel:  # the label that is decided by least
            lead = float(np.abs(p - np.asarray(0.5 if at is None else at)).min())
        elif task.kind == "binary" and isinstance(at, float):
            lead = abs(float(p[task.positive_code]) - at)
        else:
            lead = float(np.diff(np.sort(p)[-2:])[0])
        ranked.append((lead, row.id, row))
    return [row for *_, row in sorted(ranked, key=lambda r: r[:2])[:count]]


def write(bundle: Bundle, rows: list[Logged], path: Path) -> Path:
    """A CSV with ``id``, an empty ``value``, and what was asked; not what was answered, so that
    whoever labels is not led."""
    names = [c.name for c in bundle.schema.inputs]
    with files.aside(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["id", "value", *names])
        for row in rows:
            asked = row.inputs or {}
            table.writerow([row.id, "", *(_cell(asked.get(n)) for n in names)])
    return path


def _cell(value: object) -> str:
    """As text; what a spreadsheet would run gets an apostrophe."""
    text = "" if value is None else str(value)
    risky = text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text)
    return f"'{text}" if risky else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unlabeled(bundle: Bundle, log: str | Path) -> Iterator[Logged]:
    """Rows that this bundle answered and that have no label yet."""
    known = stored_labels(Path(log))
    for batch in batches(Path(log), bundle.digest):
        yield from (r for r in batch if not r.refused and known.get(r.id) is None)
