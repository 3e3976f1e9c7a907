"""The section on networks that did not train well: symptom, evidence, remedy, outcome."""

from __future__ import annotations

from typing import Any

from heldout.report.record import RunRecord


def remedies(record: RunRecord) -> list[dict[str, str]]:
    """A row for each remedy that was tried, or could not be."""
    rows = []
    for entry in record.all("remedy"):
        numbers = entry.numbers
        seen = numbers.get("evidence") or {}
        rows.append(
            {
                "candidate": str(numbers.get("candidate")),
                "what": str(numbers.get("what")),
                "why": str(numbers.get("why")),
                "code": str(numbers.get("code")),
                "learn": str(numbers.get("learn")),
                "evidence": ", ".join(f"{k} {_short(v)}" for k, v in seen.items()),
                "remedy": "; ".join(
                    f"{name} {_short(old)} to {_short(new)}"
                    for name, (old, new) in (numbers.get("remedy") or {}).items()
                ),
                "outcome": str(numbers.get("outcome")),
                "reason": str(numbers.get("reason") or entry.reason),
            }
        )
    return rows


def _short(value: Any) -> str:
    if value is None:
        return "by the task"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
