"""What a worker can be asked: load, echo, fit, refit on all open samples."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.core.clock import Deadline, now
from heldout.core.seed import Seed
from heldout.models import per_target
from heldout.models.card import MODELS, FitInput, Fitted, ModelCard
from heldout.primitives.block import Block
from heldout.search.data import FINAL, ColumnFiles, TrainingData
from heldout.search.fits import Store
from heldout.search.prepare import Kitchen, Prepared, take
from heldout.search.training_side import only, training_loss

Message = Mapping[str, Any]


@dataclass
class _Stopwatch:
    """Wall and CPU seconds of this process since it was made."""

    wall: float
    cpu: float

    @classmethod
    def start(cls) -> _Stopwatch:
        return cls(now(), time.process_time())

    def read(self) -> tuple[float, float]:
        return now() - self.wall, time.process_time() - self.cpu


class Desk:
    """Holds the loaded data and answers one message after the other."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._kitchen: Kitchen | None = None

    def handle(self, message: Message) -> dict[str, Any]:
        """Answer a message; an exception is told by the caller."""
        work = {
            "load": self._load,
            "admit": _admit,
            "echo": _echo,
            "fit": self._fit,
            "final": self._final,
        }
        return work[message["do"]](message)

    def _load(self, message: Message) -> dict[str, Any]:
        self._folder, self._kitchen = Path(message["folder"]), None
        return {}

    @property
    def _open(self) -> tuple[Kitchen, Store]:
        """The data is opened by the first fit, so that a failure is told with its ticket."""
        if self._folder is None:
            raise RuntimeError("no data was put into the pool")
        if self._kitchen is None:
            work = self._folder / "work"
            self._kitchen = Kitchen(TrainingData.read(work / "data"), work / "recipes")
        return self._kitchen, Store(self._folder / "fits")

    def _fit(self, message: Message) -> dict[str, Any]:
        """Fit on one fold, predict its validation part, keep it in the store."""
        kitchen, store = self._open
        card, fold = MODELS.get(message["card"]), int(message["fold"])
        watch = _Stopwatch.start()
        prepared = kitchen.get(card.view, fold)
        if message.get("columns") is not None:
            prepared = only(prepared, message["columns"])
        _, prepare = watch.read()
        watch = _Stopwatch.start()
        given = _given(kitchen.data, card, prepared, message)
        fitted = per_target.fit(card, given)
        fit_seconds, _ = watch.read()
        assert prepared.valid is not None
        prediction = _checked(fitted.predict(prepared.valid), kitchen.data, prepared.valid)
        meta = _meta(fitted, watch, prepare, card, message, prepared)
        meta["predict_seconds"] = meta["wall_seconds"] - fit_seconds
        if message.get("loss"):
            meta["training_loss"] = training_loss(fitted, given, message["loss"])
            part = prepared.training.parts.get("x")
            meta["origins"] = [] if part is None else list(part.origins)
        state = fitted.state if message.get("keep_state") else None
        key = message["key"] + ("-stopped" if fitted.stopped else "")
        store.put(key, prediction, meta, state)
        return meta

    def _final(self, message: Message) -> dict[str, Any]:
        """Refit on every open sample; predict the probe by recipe and library."""
        kitchen, store = self._open
        card = MODELS.get(message["card"])
        watch = _Stopwatch.start()
        prepared = kitchen.get(card.view, FINAL)
        _, prepare = watch.read()
        watch = _Stopwatch.start()
        fitted = per_target.fit(card, _given(kitchen.data, card, prepared, message))
        if message.get("probe"):
            files = ColumnFiles(Path(message["probe"]))
            block = prepared.recipe.transform(files.take(prepared.recipe.columns))
            prediction = np.asarray(fitted.predict(block), dtype=np.float64)
        else:
            prediction = np.zeros((0, kitchen.data.task.outputs))
        meta = _meta(fitted, watch, prepare, card, message, prepared)
        key = message["key"] + ("-stopped" if fitted.stopped else "")
        store.put(key, prediction, meta, fitted.state)
        return meta


def _admit(message: Message) -> dict[str, Any]:
    """Run the files of ``--allow-code``."""
    from heldout.models import guests

    for path in message["paths"]:
        guests.admit(path)
    return {}


def _echo(message: Message) -> dict[str, Any]:
    """Answers with the same value, after ``seconds``; shows that the pool works."""
    time.sleep(float(message.get("seconds", 0.0)))
    if "fail" in message:
        raise ValueError(message["fail"])
    return {"value": message.get("value"), "pid": os.getpid()}


def _given(data: TrainingData, card: ModelCard, prepared: Prepared, message: Message) -> FitInput:
    """The training values, parted into train and inner; all of them in the final fit, and where
    weights would be lost on a learner that does not stop early."""
    fold = int(message["fold"])
    rows: Ints = prepared.training.samples
    root, path = message["seed"]
    inner: Ints | None = None if fold == FINAL else data.folds[fold].inner
    if inner is not None and (
        not len(inner) or (data.weights is not None and not card.early_stopping)
    ):
        inner = None
    if inner is None:
        where, held = np.arange(len(rows)), None
    else:
        own = len(data.training(fold))  # copies with gaps stand behind: of what is fitted, only
        held = np.searchsorted(rows[:own], inner)
        where = np.searchsorted(rows[:own], data.folds[fold].train)
        where = np.concatenate([where, own + np.flatnonzero(~np.isin(rows[own:], inner))])
    samples = rows[where]
    return FitInput(
        task=data.task,
        settings=message["settings"],
        train=prepared.training if held is None else take(prepared.training, where),
        y=np.asarray(data.y[samples]),
        weights=None if data.weights is None else np.asarray(data.weights[samples]),
        inner=None if held is None else take(prepared.training, held),
        y_inner=None if held is None else np.asarray(data.y[rows[held]]),
        rounds=message.get("rounds"),
        seed=Seed(root, tuple(path)),
        deadline=_deadline(message),
        threads=int(message.get("threads", 1)),
    )


def _deadline(message: Message) -> Deadline:
    """The seconds that the fit may take from now, within the end of the search."""
    seconds, end = message.get("seconds"), message.get("end")
    at = math.inf if end is None else float(end)
    return Deadline(at if seconds is None else min(at, now() + float(seconds)))


def _checked(prediction: Doubles, data: TrainingData, block: Block) -> Doubles:
    """The prediction as float64 (samples, outputs); what is not finite is a failed fit."""
    made = np.asarray(prediction, dtype=np.float64)
    if made.shape != (len(block), data.task.outputs):
        raise ValueError(f"predicted an array of shape {made.shape}")
    if not np.isfinite(made).all():
        raise ValueError(f"{int((~np.isfinite(made)).sum())} predictions are not finite")
    return made


def _meta(
    fitted: Fitted,
    watch: _Stopwatch,
    prepare: float,
    card: ModelCard,
    message: Message,
    prepared: Prepared,
) -> dict[str, Any]:
    wall, cpu = watch.read()
    return {
        "card": card.name,
        "settings": dict(message["settings"]),
        "fold": message["fold"],
        "rounds": int(fitted.rounds),
        "stopped": bool(fitted.stopped),
        "cpu_seconds": cpu,
        "wall_seconds": wall,
        "prepare_seconds": prepare,
        "numbers": {k: _plain(v) for k, v in fitted.numbers.items()},
        "chosen": {k: _plain(v) for k, v in fitted.chosen.items()},
        "features": _features(prepared),
        "peak_memory": peak_memory(),
    }


def _features(prepared: Prepared) -> int:
    return max(1, sum(int(p.values.shape[-1]) for p in prepared.training.parts.values()))


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def peak_memory() -> int:
    """Most bytes that this process has held; 0 where the system does not tell."""
    try:
        import resource
        import sys
    except ImportError:  # pragma: no cover - Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most) * (1 if sys.platform == "darwin" else 1024)
