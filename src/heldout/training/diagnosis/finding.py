"""Finding, SymptomCard and Diagnosis: what is wrong with a training, why, and what to do first.

The fields are those of an audit's finding (``heldout.audits.finding``), with remedies in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from heldout.core.shelf import Shelf

if TYPE_CHECKING:
    from heldout.training.diagnosis.evidence import Evidence

Severity = Literal["note", "warn", "block"]
ORDER: Mapping[str, int] = {"block": 0, "warn": 1, "note": 2}


@dataclass(frozen=True)
class Remedy:
    """``words`` for people; ``settings`` for a tuner: values of ``Member.settings``, or "batch"
    and "epochs" of ``Regime``. Empty settings: another architecture or other data is needed."""

    words: str
    settings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What a symptom's rule saw. ``where`` are layers, columns or nothing; ``remedies`` stand
    before those of the card, which hold without numbers."""

    what: str
    where: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "warn"
    cause: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Finding:
    """``what`` is the symptom in words, ``evidence`` its numbers, ``why`` the cause; ``remedies``
    in the order in which to try them; ``check`` the symptom's file, ``learn`` its section in
    docs/diagnosis.md."""

    code: str
    check: str
    severity: Severity
    what: str
    where: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    did: str = ""
    remedies: tuple[Remedy, ...] = ()
    learn: str = ""

    @property
    def advice(self) -> str:
        """The remedies as one text, in order."""
        return "; ".join(remedy.words for remedy in self.remedies)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {**asdict(self), "advice": self.advice}

    def text(self) -> str:
        """Several lines: symptom, cause, numbers, remedies."""
        shown = ", ".join(f"{k} {_short(v)}" for k, v in self.evidence.items())
        lines = [f"{self.severity:5} {self.code}  {self.what}"]
        lines += [f"      why   {self.why}"] if self.why else []
        lines += [f"      seen  {shown}"] if shown else []
        lines += [f"      done  {self.did}"] if self.did else []
        for i, remedy in enumerate(self.remedies, 1):
            lines.append(f"      {'do  ' if i == 1 else '    '}  {i}. {remedy.words}")
        lines.append(f"      more  {self.learn}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """In a notebook."""
        from html import escape

        items = "".join(f"<li>{escape(remedy.words)}</li>" for remedy in self.remedies)
        shown = ", ".join(f"{k} {_short(v)}" for k, v in self.evidence.items())
        return (
            f"<p><strong>{self.code} {self.severity}</strong> {escape(self.what)}"
            f"<br>{escape(self.why)}<br><small>{escape(shown)}</small></p><ol>{items}</ol>"
        )


@dataclass(frozen=True)
class SymptomCard:
    """One thing that goes wrong. ``rule`` are its thresholds in words; ``cause`` and ``remedies``
    are what is said when ``run`` sees it; ``source`` where the rule is from."""

    code: str
    question: str
    rule: str
    cause: str
    remedies: tuple[str, ...]
    run: Callable[[Evidence], Iterable[Seen]]
    source: str = ""


SYMPTOMS: Shelf[SymptomCard] = Shelf("heldout.training.symptoms", SymptomCard, "symptom")


def judge(evidence: Evidence) -> tuple[Finding, ...]:
    """Every symptom's rule on this evidence; the gravest first, then by code."""
    found = []
    for name in SYMPTOMS.names():
        card = SYMPTOMS.get(name)
        found += [_finding(name, card, seen) for seen in card.run(evidence)]
    return tuple(sorted(found, key=lambda f: (ORDER[f.severity], f.code)))


def _finding(name: str, card: SymptomCard, seen: Seen) -> Finding:
    remedies = (*seen.remedies, *(Remedy(words) for words in card.remedies))
    return Finding(
        card.code,
        name,
        seen.severity,
        seen.what,
        seen.where,
        seen.evidence,
        seen.cause or card.cause,
        "",
        remedies,
        f"docs/diagnosis.md#{card.code.lower()}",
    )


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Diagnosis:
    """``findings`` in order; ``verdict`` "underfit", "at the border", "overfit", "not trained" or
    "unknown" (no validation rows); ``border`` the epoch (from 1) at which the validation loss was
    lowest; ``evidence`` all that was gathered."""

    findings: tuple[Finding, ...]
    verdict: str
    border: int
    evidence: Evidence

    @property
    def healthy(self) -> bool:
        """Nothing to warn of."""
        return all(f.severity == "note" for f in self.findings)

    @property
    def settings(self) -> dict[str, float]:
        """What the first remedies with numbers say, the gravest first: for a tuner."""
        made: dict[str, float] = {}
        for finding in self.findings:
            for remedy in finding.remedies:
                made = {**remedy.settings, **made}
        return made

    def text(self) -> str:
        """For a terminal."""
        told = [f"verdict: {self.verdict}{self._border()}"]
        told += [f.text() for f in self.findings] or ["nothing found"]
        return "\n".join(told)

    __str__ = text
    __repr__ = text

    def _border(self) -> str:
        return f", validation loss lowest after epoch {self.border}" if self.border else ""

    def _repr_html_(self) -> str:
        """In a notebook: the verdict, the curves, the findings."""
        from html import escape

        parts = "".join(f._repr_html_() for f in self.findings) or "<p>nothing found</p>"
        curves = _curves(self.evidence.fitted, self.evidence.validation, self.border)
        return f"<p>{escape(self.verdict + self._border())}</p>{curves}{parts}"


def _curves(train: list[float], held: list[float], border: int) -> str:
    """Both losses as a small SVG, the border as an upright line."""
    shown = [v for v in (*train, *held) if math.isfinite(v)]
    if len(shown) < 2:
        return ""
    low, high, many = min(shown), max(shown), max(len(train), len(held) + 1, 2)

    def line(values: list[float], first: int, dash: str) -> str:
        points = " ".join(
            f"{5 + 290 * (i + first) / (many - 1):.1f},{95 - 90 * (v - low) / (high - low or 1):.1f}"
            for i, v in enumerate(values)
            if math.isfinite(v)
        )
        return f'<polyline fill="none" stroke="currentColor" stroke-dasharray="{dash}" points="{points}"/>'

    at = 5 + 290 * border / (many - 1)
    mark = f'<line x1="{at:.1f}" x2="{at:.1f}" y1="5" y2="95" stroke="currentColor" opacity=".4"/>'
    return (
        '<svg viewBox="0 0 300 100" width="300" role="img">'
        "<title>training loss (solid) and validation loss (dashed) by epoch</title>"
        f"{line(train, 0, '')}{line(held, 1, '4 3')}{mark if border else ''}</svg>"
    )
