"""A fitted model on disk: named arrays in one npz, nothing pickled, equal states equal bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heldout.core import files
from heldout.core.arrays import Array

if TYPE_CHECKING:
    from heldout.models.card import State

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold: no clock in the bytes


def dumps(state: State) -> bytes:
    """The bytes of an npz with the arrays in order of their names.

    >>> state = {"b": np.arange(3), "a": np.ones((2, 2))}
    >>> sorted(loads(dumps(state)))
    ['a', 'b']
    >>> dumps(state) == dumps(dict(reversed(state.items())))
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(state):
            body = io.BytesIO()
            np.lib.format.write_array(body, np.asarray(state[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), body.getvalue())
    return buffer.getvalue()


def loads(data: bytes) -> dict[str, Array]:
    """The inverse of ``dumps``; arrays of objects are refused (ValueError)."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def write(path: Path, state: State) -> None:
    """Write aside and rename."""
    files.write(path, dumps(state))


def read(path: Path) -> dict[str, Array]:
    """The state in a file."""
    return loads(path.read_bytes())
