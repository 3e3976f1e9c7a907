"""What a look says on a terminal: alarms by severity, what was asked, what to do."""

from __future__ import annotations

import textwrap

from heldout.core.names import count, plural
from heldout.metrics.digits import digits
from heldout.monitor.compare import Report, headline
from heldout.monitor.seen import Labeled

WIDTH, LABEL = 79, 10
MOST = 12


def text(report: Report, page: str | None = None) -> str:
    """The screen, 79 columns, ASCII."""
    lines = _entry("Answer", headline(report))
    if report.labeled is not None:
        lines += _entry("Score", score_line(report.labeled))
    for alarm in report.alarms[:MOST]:
        lines += _entry(alarm.severity.capitalize(), f"{alarm.what}.")
    if len(report.alarms) > MOST:
        lines += _entry("", f"and {count(len(report.alarms) - MOST)} more, on the page.")
    if report.refused:
        lines += _entry("Refused", f"{plural(report.refused, 'row')} of {count(report.rows)}")
    if report.fitted:
        lines += _entry("Left out", left_out(report))
    lines += _entry("Asked", promise(report))
    advice = list(dict.fromkeys(a.advice for a in report.alarms if a.severity != "note"))
    for i, words in enumerate(advice[:3]):
        lines += _entry("Next" if i == 0 else "", words)
    if page is not None:
        lines += _entry("Report", page)
    return "\n".join(lines).encode("ascii", "backslashreplace").decode("ascii")


def promise(report: Report) -> str:
    """How often a calm window would have rung."""
    return (
        f"{plural(report.questions, 'question')} about {count(report.rows)} rows. If nothing had "
        f"changed and the rows are independent, one look in {count(1 / report.alpha)} or fewer "
        "would ring at all."
    )


def left_out(report: Report) -> str:
    """Rows whose answers say nothing."""
    return (
        f"{plural(report.fitted, 'row')} that the model was fitted on: their columns were "
        "compared, their answers were not."
    )


def score_line(labeled: Labeled) -> str:
    """The score on rows with known answers beside the delivered one."""
    score = labeled.score
    shown = digits(score.metric, score.value, score.low, score.high)
    ends = "no interval"
    if score.low is not None and score.high is not None:
        ends = f"{100 * score.level:.0f} % interval {shown(score.low)} to {shown(score.high)}"
    base = "" if labeled.baseline is None else f"   baseline {shown(labeled.baseline)}"
    return (
        f"{shown(score.value)}   {ends}{base}   rows {count(score.samples)}; {score.metric}, "
        f"delivered with {shown(labeled.sealed)}"
    )


def _entry(label: str, words: str) -> list[str]:
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in words)
    return textwrap.wrap(
        shown,
        WIDTH,
        initial_indent=f"{label:<{LABEL}}",
        subsequent_indent=" " * LABEL,
        break_on_hyphens=False,
    ) or [label]
