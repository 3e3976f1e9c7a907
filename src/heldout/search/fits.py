"""The store of finished fits: content-addressed, written aside and renamed (joints 7).

``fits/KEY/``: ``prediction.npy`` float64 (samples, outputs), ``meta.json`` with rounds, seconds
and digests, and ``state.npz`` where the fitted model is kept. An entry that is torn or altered
is not there: the fit is made again.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models import state as states

if TYPE_CHECKING:
    from heldout.models.card import State

FORMAT = 1


@dataclass(frozen=True)
class Finished:
    """One fit as it lies on disk; ``meta`` holds "rounds", "stopped", "cpu_seconds",
    "wall_seconds", "prepare_seconds", "numbers", "chosen", "peak_memory"."""

    key: str
    prediction: Doubles
    meta: Mapping[str, Any]
    folder: Path

    @property
    def rounds(self) -> int:
        """Rounds that early stopping found best; 0 where there are none."""
        return int(self.meta["rounds"])

    @property
    def stopped(self) -> bool:
        """Whether the deadline cut it short."""
        return bool(self.meta["stopped"])

    @property
    def cpu_seconds(self) -> float:
        """What the fit itself cost."""
        return float(self.meta["cpu_seconds"])

    def state(self) -> dict[str, Array] | None:
        """The fitted model's arrays, where they were kept."""
        path = self.folder / "state.npz"
        return states.read(path) if path.exists() else None


def digest(*parts: Any) -> str:
    """SHA-256 over arrays, texts and JSON-able values, hexadecimal; order matters.

    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a", 2)
    (True, False)
    """
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            plain = np.ascontiguousarray(part)
            found.update(f"{plain.dtype.str}{plain.shape}".encode())
            found.update(plain.data.cast("B") if plain.size else b"")
        elif isinstance(part, bytes):
            found.update(part)
        else:
            text = json.dumps(part, sort_keys=True, ensure_ascii=False, default=str)
            found.update(text.encode("utf-8", "surrogatepass"))
        found.update(b"\x1f")
    return found.hexdigest()


@functools.cache
def versions(card: str, version: int, family: str) -> dict[str, str]:
    """What a fit's bits depend on besides data, settings and seed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    library = {"boosting": "lightgbm", "net": "keras", "linear": "scipy"}.get(
        family, "scikit-learn"
    )
    found = {"learner": f"{card}@{version}", "numpy": np.__version__, "format": str(FORMAT)}
    try:
        found[library] = installed(library)
    except PackageNotFoundError:
        found[library] = "none"
    return found


class Store:
    """Finished fits below one folder; several processes may write into it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Finished | None:
        """The entry of that key; None where there is none, or where it is damaged."""
        place = self.folder / key
        try:
            meta = json.loads((place / "meta.json").read_bytes())
            raw = (place / "prediction.npy").read_bytes()
            if meta["prediction_sha256"] != hashlib.sha256(raw).hexdigest():
                return None
            if "state_sha256" in meta:
                kept = (place / "state.npz").read_bytes()
                if meta["state_sha256"] != hashlib.sha256(kept).hexdigest():
                    return None
            prediction = np.load(io.BytesIO(raw), allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Finished(key, prediction, meta, place)

    def put(
        self, key: str, prediction: Doubles, meta: Mapping[str, Any], state: State | None = None
    ) -> None:
        """Write an entry whole or not at all; a damaged one of the same key is replaced."""
        aside = self.folder / f".{key}.{os.getpid()}.part"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True, mode=0o700)
        try:
            buffer = io.BytesIO()
            np.save(buffer, np.ascontiguousarray(prediction), allow_pickle=False)
            raw = buffer.getvalue()
            known = {**meta, "prediction_sha256": hashlib.sha256(raw).hexdigest()}
            (aside / "prediction.npy").write_bytes(raw)
            if state is not None:
                kept = states.dumps(state)
                known["state_sha256"] = hashlib.sha256(kept).hexdigest()
                (aside / "state.npz").write_bytes(kept)
            (aside / "meta.json").write_text(json.dumps(known, default=_plain), encoding="utf-8")
            self._rename(aside, self.folder / key)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a killed process left half-written."""
        if self.folder.is_dir():
            for left in self.folder.glob(".*.part"):
                shutil.rmtree(left, ignore_errors=True)

    def _rename(self, aside: Path, place: Path) -> None:
        if place.exists():
            if self.get(place.name) is not None:
                return  # another process was first: the entries are equal
            shutil.rmtree(place, ignore_errors=True)
        try:
            aside.rename(place)
        except OSError:
            if self.get(place.name) is None:
                raise


def _plain(value: object) -> object:
    """NumPy scalars and arrays as JSON."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
