"""``heldout compare RUN RUN``: the same question, the same rows, and is the difference real?

The two runs' out-of-fold answers are paired on the rows that both have: on the same data by the
row's number, on other data by the content of its inputs. The interval is of the paired difference;
sealed rows are not looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import load
from heldout.core.arrays import Ints
from heldout.core.errors import HeldoutError
from heldout.core.names import count, quoted
from heldout.metrics.scoring import compare as paired
from heldout.report.compared import Comparison, Side, page, screen
from heldout.report.record import RunRecord
from heldout.workflow.kept import Kept, kept
from heldout.workflow.told import Told

FEWEST = 20
# Measured by bench/comparing.py: the true spread of the difference is 0.6 to 1.3 times its error
# over rows (unstable learners most), and up to 1.5 times with different folds (two settings of one
# learner, whose answers differ little).
SAME_FOLDS, OTHER_FOLDS = 1.4, 1.5


@dataclass(frozen=True)
class _Run:
    folder: Path
    record: RunRecord
    bundle: Any
    answers: Kept | None


def compare(first: str, second: str, out: str | None = None) -> Told:
    """Two runs side by side, as screen, page (``out``) and values; ``difference`` is positive
    where the first run is better. H113 where they do not ask the same question."""
    found = comparison(first, second)
    values = found.as_dict()
    if out is not None:
        from heldout.core import files

        path = Path(out)
        path = path / "compare.html" if path.is_dir() or not path.suffix else path
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, page(found))
        values["page"] = str(path)
    text = screen(found) + (f"\nPage      {values['page']}" if out is not None else "")
    return Told(text, values)


def comparison(first: str, second: str) -> Comparison:
    """What ``compare`` tells, before it is put into words."""
    one, two = _read(first), _read(second)
    _same_question(one, two)
    same_data = one.bundle.manifest.get("data_fingerprint") == two.bundle.manifest.get(
        "data_fingerprint"
    )
    sides = (_side(one), _side(two))
    same_seal = _same_seal(one, two, same_data)
    made = Comparison(sides, str(one.bundle.task.metric), same_data, same_seal, one.record)
    if one.answers is None or two.answers is None:
        return made
    at, beside = _common(one.answers, two.answers, same_data)
    if len(at) < FEWEST:
        return made
    y = one.answers.y[at]
    groups = one.answers.groups[at] if len(one.answers.groups) else None
    threshold = one.answers.threshold
    gain = paired(
        one.bundle.task.metric, one.bundle.task, y, one.answers.prediction[at],
        two.answers.prediction[beside], groups=groups,
        threshold=None if np.isnan(threshold).any() else threshold,
        factor=_factor(one.record, two.record, same_data),
    )  # fmt: skip
    return made.with_difference(gain.value, gain.low, gain.high, len(at), gain.warning)


def _factor(one: RunRecord, two: RunRecord, same_data: bool) -> float:
    """By how much the standard error of the paired rows is widened: they know nothing of the luck
    of the training parts, which is shared less where the runs had different folds."""
    plans = [r.numbers("plan") for r in (one, two)]
    seeds = [r.begun.get("seed") for r in (one, two)]
    shared = same_data and seeds[0] == seeds[1] and plans[0].get("folds") == plans[1].get("folds")
    return SAME_FOLDS if shared else OTHER_FOLDS


def _read(run: str) -> _Run:
    folder = Path(run)
    folder = folder if folder.is_dir() else folder.parent
    if not (folder / "journal.jsonl").exists():
        raise HeldoutError(
            "H114",
            f"{run} is not a run",
            seen="no journal.jsonl in it",
            why="two runs are compared by what their folders keep",
            do=["heldout compare runs/ONE runs/TWO"],
        )
    return _Run(folder, RunRecord.from_journal(folder), load(folder), kept(folder))


def _same_question(one: _Run, two: _Run) -> None:
    a, b = one.bundle.task, two.bundle.task
    for what, x, y in (
        ("target", a.target, b.target),
        ("task", a.kind, b.kind),
        ("metric", a.metric, b.metric),
        ("classes", tuple(a.classes), tuple(b.classes)),
    ):
        if x != y:
            raise HeldoutError(
                "H113",
                f"the two runs do not ask the same question: their {what} differs",
                seen=f"{_words(x)} in {one.folder.name}, {_words(y)} in {two.folder.name}",
                why="a difference of scores means nothing where the questions differ",
                do=[f"heldout status {quoted(one.folder)}", f"heldout status {quoted(two.folder)}"],
            )


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _same_seal(one: _Run, two: _Run, same_data: bool) -> bool | None:
    """Whether both were scored on the same sealed rows; None where one has no seal.

    The seal belongs to the data, so the same data with the same plan seal the same rows."""
    if not (one.record.sealed and two.record.sealed):
        return None
    keys = ("sealed", "unit", "n")
    plans = [{k: r.record.numbers("plan").get(k) for k in keys} for r in (one, two)]
    return same_data and plans[0] == plans[1]


def _common(a: Kept, b: Kept, same_data: bool) -> tuple[Ints, Ints]:
    """Places of the rows that both runs answered, in the same order."""
    left, right = (a.rows, b.rows) if same_data else (a.hashes, b.hashes)
    _, at, beside = np.intersect1d(left, right, return_indices=True)
    agree = np.isclose(a.y[at], b.y[beside], equal_nan=True).reshape(len(at), -1).all(axis=1)
    return at[agree], beside[agree]


def _side(run: _Run) -> Side:
    record = run.record
    head = record.headline
    return Side(
        name=run.folder.name,
        folder=str(run.folder),
        score=None if head is None else head.value,
        low=None if head is None else head.low,
        high=None if head is None else head.high,
        samples=0 if head is None else head.samples,
        baseline=None if head is None else head.baseline,
        sealed=bool(head is not None and head.sealed),
        source=record.source,
        rows=count(record.rows) if record.rows is not None else "",
        inputs=tuple(c.name for c in run.bundle.schema.inputs),
        seconds=record.numbers("finish").get("seconds"),
        bytes=record.numbers("finish").get("bundle_bytes"),
        openings=record.openings,
        record=record,
    )
