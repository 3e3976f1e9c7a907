"""Counters in the text form of Prometheus; they also feed the watch on drift."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_HELP = {
    "requests_total": "Requests by route and status code.",
    "rows_total": "Rows answered.",
    "refused_rows_total": "Rows that the schema refused.",
    "predictions_total": "Answers by predicted class.",
    "missing_values_total": "Missing values by column.",
    "unseen_levels_total": "Values that training never saw, or saw fewer than five times.",
    "out_of_range_total": "Values outside the range seen in training.",
    "unknown_fields_total": "Fields sent that the model does not take.",
    "log_dropped_total": "Rows answered that are not in the prediction log.",
    "log_errors_total": "Writes to the prediction log that failed.",
}

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts since the start of this process. Safe to use from several threads."""

    def __init__(self, model: str, digest: str) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[Labels]] = {name: Counter() for name in _HELP}
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        self._about = (("model", model), ("model_digest", digest))

    def add(self, name: str, count: int = 1, **labels: str) -> None:
        """Count something; ``name`` is one of the metrics above, without its prefix."""
        if count:
            with self._lock:
                self._counts[name][tuple(sorted(labels.items()))] += count

    def request(self, route: str, code: int, seconds: float) -> None:
        """One request and how long it took."""
        where = next((i for i, edge in enumerate(BUCKETS) if seconds <= edge), len(BUCKETS))
        with self._lock:
            self._counts["requests_total"][(("code", str(code)), ("route", route))] += 1
            self._buckets[where] += 1
            self._seconds += seconds

    def values(
        self, columns: Columns, schema: Schema, levels: Mapping[str, frozenset[str]]
    ) -> None:
        """Count what is missing, unseen or out of range in answered rows."""
        for column in schema.inputs:
            if column.name in columns and column.kind != "image":
                values = columns[column.name]
                for name, count in _oddities(values, column, levels.get(column.name)).items():
                    self.add(name, count, column=column.name)

    def text(self, more: Mapping[str, int] | None = None) -> str:
        """The page of /metrics; ``more`` sets counters that are kept elsewhere."""
        with self._lock:
            counts = {name: dict(counter) for name, counter in self._counts.items()}
            buckets, seconds = list(self._buckets), self._seconds
        for name, value in (more or {}).items():
            counts[name] = {(): value}
        lines = ["# HELP heldout_info The model that answers.", "# TYPE heldout_info gauge"]
        lines.append(f"heldout_info{_labels(self._about)} 1")
        for name, words in _HELP.items():
            lines += [f"# HELP heldout_{name} {words}", f"# TYPE heldout_{name} counter"]
            lines += [f"heldout_{name}{_labels(k)} {v}" for k, v in sorted(counts[name].items())]
        lines += _histogram(buckets, seconds)
        return "\n".join(lines) + "\n"


def _oddities(values: Array, column: Column, levels: frozenset[str] | None) -> dict[str, int]:
    if column.kind in ("category", "text"):
        texts: Sequence[Any] = values.tolist()
        missing = sum(v == NULL for v in texts)
        unseen = 0 if levels is None else sum(v not in levels and v != NULL for v in texts)
        return {"missing_values_total": missing, "unseen_levels_total": unseen}
    null = values == NULL_DATE if column.kind == "date" else ~np.isfinite(values)
    out = 0
    if column.low is not None and column.high is not None:
        out = int((((values < column.low) | (values > column.high)) & ~null).sum())
    return {"missing_values_total": int(null.sum()), "out_of_range_total": out}


def _histogram(buckets: Sequence[int], seconds: float) -> Iterator[str]:
    yield "# HELP heldout_request_seconds How long requests took."
    yield "# TYPE heldout_request_seconds histogram"
    total = 0
    for edge, count in zip((*map(str, BUCKETS), "+Inf"), buckets, strict=True):
        total += count
        yield f'heldout_request_seconds_bucket{{le="{edge}"}} {total}'
    yield f"heldout_request_seconds_sum {seconds:.6f}"
    yield f"heldout_request_seconds_count {total}"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    """As the exposition format asks for.

    >>> _escaped('a"b')
    'a\\\\"b'
    """
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
