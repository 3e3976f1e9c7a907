"""The service behind all doors: records in, answers with ids out, logged and counted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from heldout.bundle.answers import Answers
from heldout.bundle.edge import Edge
from heldout.bundle.read import Bundle
from heldout.serve.log import Entry, PredictionLog
from heldout.serve.metrics import Metrics
from heldout.serve.problem import FieldError, ProblemError
from heldout.serve.records import Typed, typed

IN_THE_LOOP = 256  # more rows than this are answered in a thread


@dataclass(frozen=True)
class Answered:
    """One row: its id and its answer, or why it was refused."""

    id: str
    answer: dict[str, Any] | None
    errors: Sequence[FieldError] = ()

    def as_dict(self) -> dict[str, Any]:
        """The reply of the service's own door."""
        if self.answer is None:
            return {
                "id": self.id,
                "prediction": None,
                "refused": [e.as_dict() for e in self.errors],
            }
        return {"id": self.id, **self.answer}


@dataclass(frozen=True)
class Service:
    """A bundle that answers, with its log and its counters."""

    bundle: Bundle
    metrics: Metrics
    edge: Edge
    log: PredictionLog | None = None
    threshold: float | None = None
    levels: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, bundle: Bundle, log: PredictionLog | None = None, threshold: float | None = None
    ) -> Service:
        """The service of a bundle."""
        levels = {
            c.name: frozenset(c.levels)
            for c in bundle.schema.inputs
            if c.kind == "category" and c.levels
        }
        return cls(
            bundle, Metrics(bundle.name, bundle.digest), Edge(bundle.schema), log, threshold, levels
        )

    async def answer(
        self, records: Sequence[Any], threshold: float | None = None, *, strict: bool = False
    ) -> list[Answered]:
        """Answer rows in order; with ``strict`` a refused row refuses all (422)."""
        threshold = self._threshold(threshold)
        if len(records) > IN_THE_LOOP:
            return await run_in_threadpool(self._answer, records, threshold, strict)
        return self._answer(records, threshold, strict)

    def used_threshold(self, threshold: float | None) -> float | None:
        """The threshold that decides, if there is one."""
        chosen = self._threshold(threshold)
        return self.bundle.single_threshold if chosen is None else chosen

    def _threshold(self, said: float | None) -> float | None:
        chosen = self.threshold if said is None else said
        if chosen is not None and self.bundle.task.kind != "binary":
            raise ProblemError(422, "H608", "a threshold decides between two classes only")
        return chosen

    def _answer(
        self, records: Sequence[Any], threshold: float | None, strict: bool
    ) -> list[Answered]:
        rows = typed(records, self.edge)
        self.metrics.add("refused_rows_total", len(rows.errors))
        self.metrics.add("unknown_fields_total", len(rows.unknown))
        if strict and rows.errors:
            raise refused(rows.errors)
        answers = self.bundle.answer(rows.columns, threshold) if rows.accepted else None
        told = _told(self, rows, answers)
        if answers is not None:
            self._count(rows, answers)
        self._write(records, told)
        return told

    def _count(self, rows: Typed, answers: Answers) -> None:
        self.metrics.add("rows_total", len(answers))
        self.metrics.values(rows.columns, self.bundle.schema, self.levels)
        if answers.decision is not None:
            targets = self.bundle.task.targets
            for target, values in zip(
                targets, answers.values.reshape(-1, len(targets)).T, strict=True
            ):
                head = f"{target}: " if len(targets) > 1 else ""
                labels = values.tolist()
                for label in set(labels):
                    self.metrics.add(
                        "predictions_total", labels.count(label), label=f"{head}{label}"
                    )

    def _write(self, records: Sequence[Any], told: Sequence[Answered]) -> None:
        if self.log is None:
            return
        names = [c.name for c in self.bundle.schema.inputs if c.kind != "image"]
        keep = self.log.log_inputs
        self.log.add(
            [
                Entry(
                    a.id,
                    _inputs(record, names) if keep else None,
                    None if a.answer is None else _json(a.answer),
                    "; ".join(
                        e.text if keep else f"{e.field} is not {e.expected}" for e in a.errors
                    ),
                )
                for record, a in zip(records, told, strict=True)
            ]
        )


def refused(errors: Mapping[int, Sequence[FieldError]]) -> ProblemError:
    """422 with every error."""
    every = [e for row in errors.values() for e in row]
    return ProblemError(422, "H608", f"refused: {every[0].text}", every)


def _told(service: Service, rows: Typed, answers: Answers | None) -> list[Answered]:
    task = service.bundle.task
    where = {row: at for at, row in enumerate(rows.accepted)}
    stem = secrets.token_hex(8)
    told = []
    for i in range(rows.rows):
        number = f"{stem}-{i}" if rows.rows > 1 else stem
        if i in where and answers is not None:
            told.append(Answered(number, answers.row(where[i], task)))
        else:
            told.append(Answered(number, None, rows.errors[i]))
    return told


def _inputs(record: Any, names: Sequence[str]) -> str | None:
    """What was asked, pictures left out."""
    return _json({n: record.get(n) for n in names}) if isinstance(record, Mapping) else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")
