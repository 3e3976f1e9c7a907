"""Files are written aside and renamed: nothing half-written stays (contract 12)."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from heldout.core.errors import HeldoutError


@contextlib.contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Yield a private temporary path beside ``path``; rename it onto ``path`` on success.

    Raises H802 when the disk is full, H108 where nothing can be written, with nothing left behind.
    """
    if path.is_dir():
        raise _cannot(path, "it is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        if no_room(error):
            raise _full(path) from error
        raise _cannot(path, error.strerror or str(error)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        if no_room(error):
            raise _full(path) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _full(path: Path) -> HeldoutError:
    return HeldoutError(
        "H802",
        f"no room left to write {path.name}",
        seen=f"the disk that holds {path.parent} is full",
        why="a half-written file would be worse than none",
        do=["free some space, then run the same command again"],
    )


def _cannot(path: Path, seen: str) -> HeldoutError:
    return HeldoutError(
        "H108",
        f"{path} cannot be written",
        seen=seen,
        why="what was asked for would be lost",
        do=["name another place with --out"],
    )


def no_room(error: OSError) -> bool:
    """Whether the disk (or the person's share of it) is full. NumPy tells a short write without
    a number: "3000 requested and 1520 written".

    >>> no_room(OSError(errno.ENOSPC, "full")), no_room(OSError("3000 requested and 1520 written"))
    (True, True)
    """
    if error.errno is None:
        return "requested and" in str(error)
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def write(path: Path, data: bytes | str) -> None:
    """Write a whole file, private to its owner, or nothing."""
    with aside(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def state_folder() -> Path:
    """Where heldout keeps what outlives a run (the ledger of seal openings)."""
    if "HELDOUT_STATE" in os.environ:
        return Path(os.environ["HELDOUT_STATE"])
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "heldout"
    return Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local/state")) / "heldout"
