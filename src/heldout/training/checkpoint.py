"""A training on disk: arrays as npz (nothing pickled) beside what was decided, as JSON.

Both lie in one file, so that a kill leaves the old checkpoint or the new one. On the same machine
a training that goes on from it ends with the same bits as one that was never interrupted.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.core.files import aside
from heldout.training.progress import Progress


def path_of(folder: Path, course: Progress) -> Path:
    """The file of a member: its name, made safe, and a digest of name, seed and rows."""
    member = course.member
    told = hashlib.sha256(f"{member.name}\x1f{member.seed.digest().hex()}".encode())
    told.update(np.ascontiguousarray(course.rows).tobytes())
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in member.name)[:40]
    return folder / f"{safe}-{told.hexdigest()[:12]}.npz"


def save(path: Path, course: Progress) -> None:
    """Write it aside and rename it."""
    arrays: dict[str, Array] = {}
    for p, part in enumerate(course.arrays()):
        arrays |= {f"state.{p}.{i}": value for i, value in enumerate(part)}
    for p, part in enumerate(course.kept or ()):
        arrays |= {f"kept.{p}.{i}": value for i, value in enumerate(part)}
    average = course.average
    if average is not None:
        arrays |= {f"average.{i}": value for i, value in enumerate(average.sums)}
    told = {
        "epoch": course.epoch,
        "done": course.done,
        "steps": course.steps,
        "samples": course.samples,
        "history": course.history,
        "stopped": course.stopped,
        "blame": course.blame,
        "notes": course.notes,
        "rules": course.rules.arrays(),
        "averaged": 0 if average is None else average.count,
        "names": list(course.names),
    }
    arrays["told"] = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    with aside(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type,unused-ignore]


def restore(path: Path, course: Progress) -> bool:
    """Go on from the file; False where there is none. A budget that ended the training before is
    looked at anew: more epochs may be asked for."""
    if not path.is_file():
        return False
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    told: dict[str, Any] = json.loads(arrays.pop("told").tobytes())
    course.restore_arrays([_part(arrays, f"state.{p}.") for p in range(4)])
    kept = [_part(arrays, f"kept.{p}.") for p in range(2)]
    course.kept = (kept[0], kept[1]) if kept[0] else None
    if course.average is not None:
        course.average.sums = _part(arrays, "average.")
        course.average.count = int(told["averaged"])
    for name in ("epoch", "done", "steps", "samples", "history", "blame", "notes"):
        setattr(course, name, told[name])
    course.stopped = told["stopped"] if told["stopped"] in ("not finite", "patience") else ""
    course.rules.restore(told["rules"])
    return True


def _part(arrays: dict[str, Array], prefix: str) -> list[Array]:
    own = {int(k[len(prefix) :]): v for k, v in arrays.items() if k.startswith(prefix)}
    return [own[i] for i in sorted(own)]
