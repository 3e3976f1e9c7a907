"""The run folder: whose it is, who works in it, what is in it (contract 13, joints 8)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from heldout.core import files
from heldout.core.clock import now
from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.core.names import quoted

JUST_BEGUN = 2.0  # seconds between making a folder and writing whose it is, on a busy machine


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run. Files are private to their owner (contract 18)."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name: the folder's."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """The record that everything else is a view of."""
        return self.path / "journal.jsonl"

    @property
    def bundle(self) -> Path:
        """The one file that answers."""
        return self.path / f"{self.name}.heldout"

    @property
    def report(self) -> Path:
        """The page."""
        return self.path / "report.html"

    @property
    def result(self) -> Path:
        """What ``run --json`` printed, kept for "already done"."""
        return self.path / "result.json"

    @property
    def spec(self) -> Path:
        """The resolved specification."""
        return self.path / "spec.yaml"

    @property
    def seen(self) -> Path:
        """Content hashes of the samples that were trained on."""
        return self.path / "oof" / "trained.npy"

    def finished(self) -> dict[str, object] | None:
        """The stored result of a run that ended of itself."""
        if not self.result.exists():
            return None
        stored: dict[str, object] = json.loads(self.result.read_text(encoding="utf-8"))
        return stored


def choose(out: str | None, name: str, run_id: str) -> RunFolder:
    """The folder for this run: a new one, or the same run's own; H106 for another run's."""
    folder = RunFolder(Path(out) if out else Path("runs") / name)
    owner = owner_of(folder.path)
    if owner in (None, run_id):
        return folder
    free = _free_name(folder.path)
    raise HeldoutError(
        "H106",
        f"{folder.path} holds another run",
        seen=f"run {owner} there, run {run_id} asked for: other data or other options",
        why="one folder keeps the record of one run; mixing two would spoil both",
        do=[f"add --out {quoted(free)}", f"or remove the folder {quoted(folder.path)}"],
    )


def _has_things(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def owner_of(path: Path) -> str | None:
    """The run id in a folder; None where it is new or empty; H106 for a foreign folder."""
    marker = path / "run.json"
    until = now() + JUST_BEGUN
    while (path / "fits").is_dir() and not marker.exists() and now() < until:
        time.sleep(0.02)  # another process has made the folder and is about to write it
    if marker.exists():
        return str(json.loads(marker.read_text(encoding="utf-8"))["run_id"])
    if _has_things(path):
        raise HeldoutError(
            "H106",
            f"{path} is not a run folder, and it is not empty",
            seen="no run.json in it",
            why="heldout writes only into folders of its own",
            do=[f"add --out {quoted(_free_name(path))}"],
        )
    return None


def claim(folder: RunFolder, run_id: str) -> Lock:
    """Create the folder if needed and lock it; H107 if another process works in it."""
    try:
        folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder.path / "fits").mkdir(exist_ok=True)
        (folder.path / "oof").mkdir(exist_ok=True)
        lock = Lock(folder.path / ".lock")
        if not (folder.path / "run.json").exists():
            files.write(folder.path / "run.json", json.dumps({"run_id": run_id}) + "\n")
    except OSError as error:
        if files.no_room(error):
            raise
        raise HeldoutError(
            "H108",
            f"{folder.path} cannot be written",
            seen=str(error),
            why="journal, report and bundle of a run are written there",
            do=["name another folder with --out"],
        ) from error
    return lock


def missing(folder: RunFolder) -> tuple[Path, ...]:
    """Folders that ``claim`` will make, innermost first; none where the run goes on in its own."""
    if (folder.path / "run.json").exists():
        return ()
    absent = [p for p in (folder.path, *folder.path.parents) if not p.exists()]
    return tuple(absent)


def remove(folder: RunFolder, made: tuple[Path, ...]) -> None:
    """Take back what ``claim`` made for a run that could not begin; nothing else is touched."""
    if not made or made[0] != folder.path:
        return
    shutil.rmtree(folder.path, ignore_errors=True)
    for parent in made[1:]:
        with contextlib.suppress(OSError):  # another run has moved in
            parent.rmdir()


class Lock:
    """A lock that the system gives back when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")
        try:
            _lock(self._file.fileno())
        except OSError as error:
            self._file.close()
            raise HeldoutError(
                "H107",
                f"another heldout process is working in {path.parent}",
                seen="its lock is held",
                why="two processes would spoil each other's record",
                do=["wait for it to end, or name another folder with --out"],
            ) from error

    def release(self) -> None:
        """Give the lock back."""
        self._file.close()


def _lock(handle: int) -> None:
    if os.name == "nt":  # pragma: no cover
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _free_name(path: Path) -> Path:
    number = 2
    while (path.parent / f"{path.name}-{number}").exists():
        number += 1
    return path.parent / f"{path.name}-{number}"


def open_journal(folder: RunFolder) -> Journal:
    """The journal of a claimed folder."""
    return Journal(folder.journal)
