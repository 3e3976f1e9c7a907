"""Read a bundle with suspicion, replay its vectors, answer (contracts 5 and 6)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from heldout.bundle.answers import Answers, to_answers
from heldout.bundle.archive import NOTHING, foreign, unpack
from heldout.bundle.scan import ForbiddenError, scan
from heldout.bundle.session import Session
from heldout.bundle.vectors import decode_columns, flipped, largest_difference
from heldout.core.arrays import Array
from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.bundle.predict import Beside, Predictions, Written

TOLERANCE = 1e-6


def load(path: str | os.PathLike[str], *, threads: int = 1, replay: bool = True) -> Bundle:
    """The bundle in a file or in the folder of a run, checked before anything in it is parsed.

    Raises H201 (no file), H502 (altered), H503 (newer format), H504 (this machine answers
    otherwise), H505 (no bundle), H506 (folder without exactly one), H507, H508.
    """
    file = find(Path(path))
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise foreign(file, f"it cannot be read ({error.strerror})") from error
    members, manifest = unpack(raw, file)
    bundle = Bundle(file, members, manifest, threads)
    if replay:
        bundle.replay()
    return bundle


def find(path: Path) -> Path:
    """The bundle that a path stands for: the file, or the only NAME.heldout of a run folder."""
    if path.is_dir():
        found = sorted(p for p in path.glob("*.heldout") if not p.name.startswith("."))
        named = path / f"{path.resolve().name}.heldout"
        if named in found:
            return named
        if len(found) == 1:
            return found[0]
        raise HeldoutError(
            "H506",
            f"{path} holds {len(found) or 'no'} bundle" + ("s" if len(found) > 1 else ""),
            seen=", ".join(p.name for p in found[:5]),
            why="a run folder stands for its bundle only where there is exactly one",
            do=[f"name the file: {quoted(p)}" for p in found[:3]]
            or [f"heldout status {quoted(path)}"],
        )
    if not path.exists():
        raise HeldoutError(
            "H201",
            f"there is no file {path}",
            seen=f"the folder {path.parent} "
            + ("exists" if path.parent.is_dir() else "is not there either"),
            why="a bundle is a file that ends in .heldout, or the folder of a run",
        )
    return path


class Bundle:
    """A model that answers: ``schema``, ``task``, ``manifest``, and the graph.

    Made by ``load``. The parts that answering does not need are parsed when they are asked for.
    """

    def __init__(
        self, path: Path, members: Mapping[str, bytes], manifest: dict[str, Any], threads: int = 1
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._members = members
        try:
            self.schema = Schema.from_dict(self._json("schema.json"))
            self.task = Task.from_dict(manifest["task"])
        except (TypeError, KeyError, AttributeError) as error:
            raise foreign(path, f"its schema or task cannot be understood ({error})") from error
        try:
            scan(self.model)
        except ForbiddenError as error:
            raise HeldoutError(
                "H507",
                f"{path.name}: model.onnx holds what heldout never writes",
                seen=str(error),
                why="such a model could read files or run code that nobody has looked at",
                do=["ask for a bundle written by heldout"],
                wrote=NOTHING,
            ) from error
        self.session = self._open(threads)

    def _open(self, threads: int) -> Session:
        try:
            return Session(self.model, self.schema, threads)
        except Exception as error:
            raise HeldoutError(
                "H504",
                f"{self.path.name}: this machine's onnxruntime cannot load the model",
                seen=str(error).split("\n", maxsplit=1)[0][:200],
                why=f"the bundle needs onnxruntime {self.manifest.get('runtime', {}).get('onnxruntime', '')}",
                do=["pip install --upgrade onnxruntime"],
                wrote=NOTHING,
            ) from error

    @property
    def model(self) -> bytes:
        """model.onnx."""
        return self._members["model.onnx"]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def digest(self) -> str:
        """What identifies the model; the score and the card are not part of it."""
        return str(self.manifest["model_digest"])

    @property
    def threshold(self) -> float | tuple[float, ...] | None:
        """The shipped threshold (binary), or one for each of several labels."""
        value = self.manifest.get("decision", {}).get("threshold")
        if isinstance(value, list):
            return tuple(float(t) for t in value)
        return None if value is None else float(value)

    @property
    def single_threshold(self) -> float | None:
        """The shipped threshold where there is one."""
        value = self.threshold
        return value if isinstance(value, float) else None

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """Enough to retrain."""
        return dict(self._json("recipe.json"))

    @cached_property
    def reference(self) -> dict[str, Any]:
        """What monitoring compares with."""
        return dict(self._json("reference.json"))

    @cached_property
    def vectors(self) -> dict[str, Any]:
        """Synthetic rows with the answers expected."""
        return dict(self._json("vectors.json"))

    @cached_property
    def context(self) -> dict[str, Any] | None:
        """The last window of a series (forecasts only)."""
        return dict(self._json("context.json")) if "context.json" in self._members else None

    @property
    def card(self) -> str:
        """The model card, Markdown."""
        return self._members["card.md"].decode("utf-8", "replace")

    def member(self, name: str) -> bytes:
        """The bytes of one member."""
        return self._members[name]

    def run(self, columns: Columns) -> dict[str, Array]:
        """The graph: typed columns, each (samples,), to named outputs."""
        return self.session.run(columns)

    def answer(self, columns: Columns, threshold: float | None = None) -> Answers:
        """Typed columns to labels, probabilities, values."""
        outputs = self.run(columns)
        if threshold is None and "decision" not in outputs:
            return to_answers(outputs, self.task, self.threshold)
        return to_answers(outputs, self.task, threshold)

    def predict_row(
        self, record: Mapping[str, object], *, threshold: float | None = None
    ) -> dict[str, Any]:
        """One record to one answer, without Polars.

        Returns ``prediction``, ``probability`` by class, ``refused`` ("" or the reason).
        """
        from heldout.bundle.edge import row
        from heldout.bundle.refusals import reason

        columns, refused = row(record, self.schema)
        if refused:
            return {"prediction": None, "refused": reason(refused)}
        return {**self.answer(columns, threshold).row(0, self.task), "refused": ""}

    def predict(
        self,
        source: Any,
        *,
        rename: Mapping[str, str] | None = None,
        strict: bool = False,
        threshold: float | None = None,
        beside: Beside | None = None,
    ) -> Predictions:
        """Answer every row of a file or frame; see ``predict.predict``."""
        from heldout.bundle.predict import predict

        return predict(
            self, source, rename=rename, strict=strict, threshold=threshold, beside=beside
        )

    def predict_file(
        self,
        source: Any,
        out: str | os.PathLike[str],
        *,
        rename: Mapping[str, str] | None = None,
        strict: bool = False,
        threshold: float | None = None,
        beside: Beside | None = None,
    ) -> Written:
        """Answer every row into a CSV or Parquet file; see ``predict.predict_file``."""
        from heldout.bundle.predict import predict_file

        return predict_file(
            self,
            source,
            Path(out),
            rename=rename,
            strict=strict,
            threshold=threshold,
            beside=beside,
        )

    def replay(self) -> dict[str, Any]:
        """Answer the stored vectors again; raises H504 where the answers differ."""
        parity = self.manifest.get("parity", {})
        tolerance = float(parity.get("tolerance", TOLERANCE))
        try:
            found = self.run(decode_columns(self.vectors, self.schema))
            expected = self.vectors["outputs"]
            worst = largest_difference(expected, found, float(parity.get("scale", 1.0)))
            turned = flipped(expected, found, tolerance, self.threshold)
        except (HeldoutError, KeyError, TypeError, ValueError) as error:
            raise foreign(self.path, f"its vectors do not fit its model ({error})") from error
        told = {
            "rows": len(next(iter(expected.values()), [])),
            "largest_difference": worst,
            "tolerance": tolerance,
            "flipped": turned,
            "runtime": self.session.runtime,
        }
        if worst > tolerance or turned:
            raise HeldoutError(
                "H504",
                f"{self.path.name} does not give its own answers on this machine",
                seen=f"{self.session.runtime}: largest difference {worst:.3g}, allowed "
                f"{tolerance:.3g}; {turned} decisions differ",
                why="the score on the report is that of other answers",
                do=["pip install --upgrade onnxruntime"],
                wrote="Nothing was answered.",
            )
        return told

    def verify(self, key: str | os.PathLike[str] | None = None) -> dict[str, Any]:
        """Whole, and the same answers here? With ``key`` (a public key file) also: whose?

        What is not in order is raised (H502, H504, H509).
        """
        from heldout.bundle.signature import check

        signature = check(self, None if key is None else Path(key))
        return {
            "bundle": str(self.path),
            "whole": True,
            "format_version": self.manifest["format_version"],
            "model_digest": self.digest,
            "members": {n: len(b) for n, b in sorted(self._members.items())},
            "vectors": self.replay(),
            "signature": signature,
        }

    def _json(self, name: str) -> Any:
        try:
            return msgspec.json.decode(self._members[name])
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise foreign(self.path, f"{name} cannot be read ({error})") from error
