"""RunRecord: a typed view of a journal; screen, page and card are functions of it (contract 2).

Any step may be missing, since a run may have been interrupted: every property then answers with
None or an empty tuple, and whoever reads it says less.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from heldout.core.journal import Entry, read_journal

Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class Headline:
    """The number of the report, with everything that must stand beside it."""

    metric: str
    value: float
    low: float | None
    high: float | None
    samples: int
    baseline: float | None
    baseline_name: str
    column: str | None
    column_value: float | None
    sealed: bool
    warning: str = ""
    level: float = 0.95
    targets: int = 1  # that the number is the mean over


@dataclass(frozen=True)
class Operating:
    """What the decisions do at the shipped threshold, counted on ``samples`` samples."""

    threshold: float
    flagged: int
    right: int
    missed: int
    positives: int
    samples: int
    precision: tuple[float, float, float] | None
    recall: tuple[float, float, float] | None

    @property
    def by_chance(self) -> float:
        """How many positives as many samples picked at random would hold."""
        return self.flagged * self.positives / self.samples if self.samples else 0.0


@dataclass(frozen=True)
class RunRecord:
    """All entries of a run, in order; ``folder`` is the path as it was given."""

    entries: tuple[Entry, ...]
    folder: Path = field(default_factory=Path)

    @classmethod
    def from_journal(cls, path: str | Path) -> RunRecord:
        """Read ``journal.jsonl`` or the run folder that holds it; H501 where it was altered."""
        path = Path(path)
        file = path / "journal.jsonl" if path.is_dir() else path
        return cls(tuple(read_journal(file)), file.parent)

    @cached_property
    def _latest(self) -> dict[str, Entry]:
        return {entry.step: entry for entry in self.entries}

    def entry(self, step: str) -> Entry | None:
        """The latest entry of a step."""
        return self._latest.get(step)

    def numbers(self, step: str) -> Numbers:
        """The numbers of the latest entry of a step; empty, if there is none."""
        entry = self.entry(step)
        return entry.numbers if entry else {}

    def all(self, step: str) -> list[Entry]:
        """Every entry of a step, in order."""
        return [entry for entry in self.entries if entry.step == step]

    @property
    def begun(self) -> Numbers:
        """What the run was asked for; a resumed run has a budget of its own."""
        return {**self.numbers("start"), **self.numbers("resume")}

    @property
    def finished(self) -> bool:
        """Whether the run ended of itself: a run cut short ends with its seal shut."""
        end = self.entry("finish")
        if end is None or end.decision == "interrupted":
            return False
        return not self.sealed or self.entry("verdict") is not None

    @property
    def task(self) -> Numbers:
        """The stated task as a mapping (``Task.as_dict``)."""
        task: Numbers = self.numbers("define").get("task") or {}
        return task

    @property
    def kind(self) -> str:
        """binary, multiclass, regression, forecast; empty before the task is stated."""
        return str(self.task.get("kind", ""))

    @property
    def target(self) -> str:
        """The column to predict."""
        return str(self.task.get("target") or self.begun.get("target") or "the target")

    @property
    def positive(self) -> str | None:
        """The class that is looked for, in words (binary only)."""
        found = self.task.get("positive")
        return None if found is None else self.in_words(str(found))

    @property
    def negative(self) -> str:
        """The other class of a binary task, in words."""
        raw = str(self.task.get("positive"))
        others = [str(c) for c in self.task.get("classes") or () if str(c) != raw]
        return self.in_words(others[0]) if others else "others"

    def in_words(self, label: str) -> str:
        """A class as a sentence can hold it: ``Yes``, but ``Survived=1`` instead of ``1``."""
        bare = label.lower() in ("true", "false", "t", "f") or _reads_as_number(label)
        return f"{self.target}={label}" if bare else label

    @property
    def unit(self) -> str:
        """The user's word for a sample."""
        return str(self.task.get("unit") or "row")

    @property
    def units(self) -> str:
        """The same word in the plural."""
        if self.unit.endswith("y") and self.unit[-2:-1] not in tuple("aeiou"):
            return self.unit[:-1] + "ies"
        return self.unit + ("es" if self.unit.endswith(("s", "x", "ch", "sh")) else "s")

    @property
    def source(self) -> str:
        """The name of the file or frame that was read."""
        return Path(str(self.begun.get("source") or "frame")).name

    @property
    def rows(self) -> int | None:
        """Rows of the table."""
        found = self.begun.get("rows")
        return int(found) if found is not None else None

    @property
    def columns(self) -> Sequence[Numbers]:
        """Columns of the schema (``Schema.as_dict``)."""
        return tuple(self.numbers("read").get("columns") or ())

    def cell(self, column: str, value: object) -> str:
        """A cell as a person knows it: a boolean in the words of its column, a date without the
        midnight that was never written, ``missing`` for none."""
        if value is None or value == "":
            return "missing"
        known = next((c for c in self.columns if c.get("name") == column), {})
        levels = [str(level) for level in known.get("levels") or ()]
        if known.get("kind") == "boolean" and len(levels) == 2 and value in (0, 1, "0", "1"):
            return levels[int(value in (1, "1"))]
        if known.get("kind") == "date":
            return str(value).removesuffix(" 00:00:00")
        return f"{value:,.6g}" if isinstance(value, float) else str(value)

    @property
    def signal(self) -> bool | None:
        """Whether a model beats the best null model beyond noise; None before the gate."""
        for step in ("gate", "finish"):
            found = self.numbers(step).get("signal")
            if found is not None:
                return bool(found)
        return None

    @property
    def findings(self) -> Sequence[Numbers]:
        """Findings of the audit (``Finding.as_dict``)."""
        steps = ("audit", "audit_again")
        return tuple(f for step in steps for f in self.numbers(step).get("findings") or ())

    @property
    def set_aside(self) -> Sequence[Numbers]:
        """Columns that were set aside as leaks."""
        return tuple(self.numbers("audit").get("set_aside") or ())

    @property
    def ignored(self) -> list[Numbers]:
        """Columns that the model does not see, except those set aside as leaks."""
        aside = {str(a.get("column")) for a in self.set_aside}
        return [
            c
            for c in self.columns
            if c.get("role") == "ignored" and str(c.get("name")) not in aside
        ]

    @property
    def questions(self) -> list[str]:
        """What only the user can know, each question once."""
        asked = [str(q) for q in self.task.get("questions") or ()]
        asked += [str(f["question"]) for f in self.findings if f.get("question")]
        asked += [str(q) for q in self.numbers("finish").get("questions") or ()]
        return list(dict.fromkeys(asked))

    @property
    def sealed(self) -> bool:
        """Whether the protocol set samples aside."""
        return bool(self.numbers("plan").get("sealed"))

    @cached_property
    def headline(self) -> Headline | None:
        """The verdict; the cross-validated score where there is none yet."""
        verdict = self.numbers("verdict")
        source = verdict if _is_number(verdict.get("value")) else self.numbers("crossval")
        value = as_float(source.get("value"))
        if value is None:
            return None
        base = self.numbers("baseline")
        best = base.get("best_null") or {}
        column, column_value = _named(source.get("best_column"), base.get("best_column"))
        baseline = as_float(source.get("baseline"))
        return Headline(
            metric=str(source.get("metric") or self.task.get("metric") or "score"),
            value=value,
            low=as_float(source.get("low")),
            high=as_float(source.get("high")),
            samples=int(source.get("samples") or 0),
            baseline=as_float(best.get("value")) if baseline is None else baseline,
            baseline_name=str(best.get("name") or ""),
            column=column,
            column_value=column_value,
            sealed=bool(source is verdict and verdict.get("sealed", self.sealed)),
            warning=str(source.get("warning") or ""),
            level=float(source.get("level") or 0.95),
            targets=max(1, len(self.task.get("parts") or ())),
        )

    @property
    def operating(self) -> Operating | None:
        """Counts at the threshold; None unless the task is binary and was finished."""
        n = self.numbers("operating")
        if not all(_is_number(n.get(k)) for k in ("flagged", "right", "missed", "samples")):
            return None
        right, missed = int(n["right"]), int(n["missed"])
        return Operating(
            threshold=float(n.get("threshold") or 0.0),
            flagged=int(n["flagged"]),
            right=right,
            missed=missed,
            positives=int(n.get("positives", right + missed)),
            samples=int(n["samples"]),
            precision=_rate(n, "precision"),
            recall=_rate(n, "recall"),
        )

    @property
    def cases_a_day(self) -> float | None:
        """How many samples a day the model will answer, where somebody said so."""
        said = self.numbers("assumptions").get("definition") or {}
        known = self.numbers("assumptions").get("cases_a_day")
        found = said.get("volume", self.task.get("cases_a_day") if known is None else known)
        try:
            cases = float(str(found).replace(",", "").split()[0])
        except (ValueError, IndexError):
            return None
        return cases if 0 < cases < math.inf else None

    @property
    def leaderboard(self) -> Sequence[Numbers]:
        """Candidates, best first."""
        return tuple(self.numbers("leaderboard").get("rows") or ())

    @property
    def lost(self) -> dict[str, str]:
        """Members that left between choosing and bundling, and why; not those that came back when
        it was chosen once more."""
        words, left = " leaves the ensemble", {}
        for entry in self.entries:
            if entry.step in ("refit", "parity") and entry.decision.endswith(words):
                left[entry.decision.removesuffix(words)] = entry.reason
            elif entry.step == "ensemble":
                for member in entry.numbers.get("members") or ():
                    left.pop(str(member.get("name")), None)
        return left

    @property
    def members(self) -> list[Numbers]:
        """Those that answer in the bundle, heaviest first."""
        chosen = self.numbers("ensemble").get("members") or ()
        kept = [m for m in chosen if str(m.get("name")) not in self.lost]
        return sorted(kept, key=lambda m: -float(m.get("weight") or 0))

    @property
    def openings(self) -> int | None:
        """How often any run has opened this seal, this run's own opening included."""
        found = self.numbers("seal").get("openings")
        return int(found) if found is not None else None

    @property
    def shows_rows(self) -> bool:
        """Whether the page may hold rows of the data: failures or sealed values were journaled."""
        return bool(self.numbers("failures").get("rows") or self.numbers("forecast").get("truth"))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def as_float(value: object) -> float | None:
    """A finite number; None for everything else."""
    return float(value) if _is_number(value) else None  # type: ignore[arg-type]


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _triple(value: object) -> tuple[float, float, float] | None:
    if isinstance(value, Sequence) and len(value) == 3 and all(_is_number(v) for v in value):
        return float(value[0]), float(value[1]), float(value[2])
    return None


def _rate(numbers: Numbers, name: str) -> tuple[float, float, float] | None:
    """A rate with its ends: three numbers together, or under three names."""
    apart = [numbers.get(key) for key in (name, f"{name}_low", f"{name}_high")]
    return _triple(numbers.get(name)) or _triple(apart)


def _named(*found: object) -> tuple[str | None, float | None]:
    """Name and value of the first that has a value: ``{"name":, "value":}``, or a bare value
    whose name the later ones know."""
    maps: Iterable[Numbers] = [f for f in found if isinstance(f, Mapping)]
    for one in maps:
        if one.get("name") and _is_number(one.get("value")):
            return str(one["name"]), float(one["value"])
    return None, None
