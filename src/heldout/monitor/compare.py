"""One look: every alarm's questions, each with its part of the false-alarm rate (MONITOR-04)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural
from heldout.monitor.alarm import ALARMS, SEVERITIES, Alarm, AlarmCard, Severity, Trial, severity
from heldout.monitor.seen import Labeled, Seen
from heldout.monitor.window import Window
from heldout.tables.schema import Schema
from heldout.tables.table import Columns

ALPHA = 0.01  # of one look over the whole table


@dataclass(frozen=True)
class Row:
    """The largest change of one place, whether it rang or not."""

    where: str
    alarm: str
    effect: float
    low: float


@dataclass(frozen=True)
class Report:
    """What a look found. ``alarms`` are in order of severity; ``changes`` the largest change of
    every place; ``questions`` were asked at a false-alarm rate of ``alpha`` together."""

    rows: int
    trained: int
    refused: int
    alpha: float
    questions: int
    alarms: tuple[Alarm, ...]
    changes: tuple[Row, ...]
    labeled: Labeled | None = None
    source: str = ""
    bundle: str = ""
    periods: tuple[Mapping[str, Any], ...] = field(default=())
    fitted: int = 0  # rows that the model was fitted on

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst alarm."""
        found = [s for s in SEVERITIES if any(a.severity == s for a in self.alarms)]
        return found[-1] if found else None

    def fails(self, fail_on: str | None) -> bool:
        """Whether an alarm of this severity or worse rang."""
        if fail_on is None or self.worst is None:
            return False
        return SEVERITIES.index(self.worst) >= SEVERITIES.index(severity_named(fail_on))

    def require(self, fail_on: str | None) -> None:
        """Raise H701 where ``fails`` says so."""
        if not self.fails(fail_on):
            return
        first = self.alarms[0]
        raise HeldoutError(
            "H701",
            f"{self.source or 'the new data'} no longer looks like training",
            seen=f"{plural(len(self.alarms), 'alarm')}, the worst: {first.what}",
            why=f"--fail-on {fail_on} was given",
            do=[first.advice] if first.advice else [],
            wrote="",
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        labeled = self.labeled
        score = None
        if labeled is not None:
            score = {
                **labeled.score.as_dict(),
                "sealed": labeled.sealed,
                "baseline": labeled.baseline,
            }
        return {
            "source": self.source,
            "bundle": self.bundle,
            "rows": self.rows,
            "refused": self.refused,
            "trained": self.trained,
            "seen_in_training": self.fitted,
            "false_alarm_rate": self.alpha,
            "questions": self.questions,
            "worst": self.worst,
            "alarms": [a.as_dict() for a in self.alarms],
            "changes": [vars(r) for r in self.changes],
            "score": score,
            "periods": [dict(p) for p in self.periods],
        }


def severity_named(name: str) -> Severity:
    """One of note, warn, block; H102 otherwise."""
    for known in SEVERITIES:
        if name == known:
            return known
    raise HeldoutError(
        "H102",
        f'there is no severity "{name}"',
        seen="known: note, warn, block",
        why="the severity decides when a pipeline stops",
    )


def compare(
    reference: Mapping[str, Any],
    schema: Schema,
    columns: Columns,
    predictions: Doubles | None = None,
    *,
    names: Sequence[str] | None = None,
    labeled: Labeled | None = None,
    alpha: float = ALPHA,
    unimportant: Collection[str] = (),
) -> Report:
    """A whole window at once: typed arrays (rows,) and predictions (rows, outputs).

    ``names`` are the columns of the source, to find missing and extra ones. For windows that
    come in chunks use ``Window`` and ``look``.
    """
    window = Window(reference, schema)
    if names is not None:
        window.header(names)
    window.add(columns, predictions)
    return look(window.seen(labeled=labeled), alpha=alpha, unimportant=unimportant)


def look(
    seen: Seen,
    *,
    alpha: float = ALPHA,
    unimportant: Collection[str] = (),
    source: str = "",
    bundle: str = "",
    periods: Sequence[Mapping[str, Any]] = (),
    fitted: int = 0,
) -> Report:
    """Ask every alarm. ``unimportant`` columns give notes only: the model does not listen to
    them. Raises H702 where there is no row to look at."""
    if seen.rows == 0 and not seen.missing:
        raise HeldoutError(
            "H702",
            f"{source or 'the window'} has no row to look at",
            seen="0 rows",
            why="nothing can be compared with training",
            do=["give a file with rows, or a log in which predictions were written"],
        )
    asked = [(card, list(card.trials(seen))) for card in ALARMS.all()]
    tested = [len([t for t in trials if t.certain is None]) for _, trials in asked]
    families = max(1, sum(n > 0 for n in tested))
    alarms: list[Alarm] = []
    changes: dict[str, Row] = {}
    for (card, trials), n in zip(asked, tested, strict=True):
        level = 1 - alpha / families / max(1, n)
        for trial in trials:
            alarm, row = _judged(card, trial, level, trial.where in unimportant)
            if alarm is not None:
                alarms.append(alarm)
            known = changes.get(row.where)
            if trial.certain is None and (known is None or _key(row) > _key(known)):
                changes[row.where] = row
    alarms.sort(key=lambda a: (-SEVERITIES.index(a.severity), -a.low, a.where))
    ordered = sorted(changes.values(), key=lambda r: (-r.low, -r.effect, r.where))
    return Report(
        seen.rows,
        seen.trained,
        seen.refused,
        alpha,
        sum(tested),
        tuple(alarms),
        tuple(ordered),
        seen.labeled,
        source,
        bundle,
        tuple(periods),
        fitted,
    )


def _judged(
    card: AlarmCard, trial: Trial, level: float, unimportant: bool
) -> tuple[Alarm | None, Row]:
    judged = trial.judge(level)
    row = Row(trial.where, card.name, judged.effect, judged.low)
    how_bad = trial.certain or severity(judged.low, card.floors)
    if how_bad is None:
        return None, row
    if unimportant and card.about == "columns":
        how_bad = "note"
    return (
        Alarm(
            card.name,
            trial.where,
            how_bad,
            trial.told(judged),
            card.advice,
            judged.effect,
            judged.low,
            judged.numbers,
        ),
        row,
    )


def _key(row: Row) -> tuple[float, float]:
    return row.low, row.effect


def headline(report: Report) -> str:
    """One sentence: what the look says."""
    if not report.alarms:
        return f"Calm: {count(report.rows)} rows look like the {count(report.trained)} of training."
    worst = {"note": "small changes", "warn": "clear changes", "block": "large changes"}
    kinds = worst[report.worst or "note"]
    return f"{plural(len(report.alarms), 'alarm')}: {kinds} against training."
