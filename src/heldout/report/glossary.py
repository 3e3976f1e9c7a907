"""The words of the page, each with a number of this run, in the section that uses it (contract 16)."""

from __future__ import annotations

from heldout.core.names import count
from heldout.report import answer, words
from heldout.report.figures import percent
from heldout.report.record import RunRecord, as_float

Terms = list[tuple[str, str]]


def by_section(record: RunRecord) -> dict[str, Terms]:
    """Section to its words; a word stands where the page first uses it, and only there."""
    found = {
        "first": [*_score(record), *_protocol(record)],
        "choices": _choices(record),
        "drives": _drives(record),
        "fails": _fails(record),
        "tried": _tried(record),
    }
    return {section: sorted(terms, key=lambda t: t[0].lower()) for section, terms in found.items()}


def _score(record: RunRecord) -> Terms:
    headline = record.headline
    if headline is None:
        return []
    shown = words.digits(headline)
    told = [(words.title(headline.metric), words.meaning(record, headline))]
    if headline.baseline is not None:
        told.append(
            (
                "baseline",
                "What an answer reaches that learns nothing from the columns; here "
                f"{shown(headline.baseline)}. A model must beat it beyond noise.",
            )
        )
    if headline.low is not None and headline.high is not None:
        told.append(
            (
                "interval",
                f"Where the true score lies, 19 times in 20; here {shown(headline.low)} to "
                f"{shown(headline.high)}. Four times the {record.units} would halve its width.",
            )
        )
    if record.operating is not None and record.signal:
        told.append(
            (
                "threshold",
                f"From which probability on a {record.unit} is flagged; here "
                f"{record.operating.threshold:.2f}. With costs it is alarm / (alarm + miss).",
            )
        )
    return told


def _protocol(record: RunRecord) -> Terms:
    plan = record.numbers("plan")
    told = [
        (
            "leak",
            "A column that already contains the answer, because it was written after the outcome or "
            "is made from it.",
        )
    ]
    if plan:
        told.append(("fold", _fold(record, int(plan.get("folds") or 0))))
    if record.sealed:
        told.append(
            (
                "seal",
                f"{count(int(plan['sealed']))} {record.units} set aside before anything looked at the "
                "target; they are scored once, by the finished bundle.",
            )
        )
    cross, naive = (as_float(record.numbers("crossval").get(k)) for k in ("value", "naive"))
    headline = record.headline
    if cross is not None and naive is not None and headline is not None:
        shown = words.digits(headline)
        told.append(
            (
                "cross-validated",
                f"Scored fold by fold. The best of several looks a little too good: {shown(naive)} "
                f"before that was paid for, {shown(cross)} after.",
            )
        )
    return told


def _fold(record: RunRecord, folds: int) -> str:
    unit, units = record.unit, record.units
    seen = f"Such a prediction is out of fold: no model had seen that {unit}."
    if folds == 1:
        return (
            f"The part of the open {units} that is predicted by models fitted on the rest. {seen}"
        )
    parts = f"{folds} parts" if folds else "parts"
    on = "what came before it" if record.numbers("plan").get("unit") == "time" else "the others"
    return f"One of the {parts} of the open {units}; each is predicted by models that were fitted on {on}. {seen}"


def _choices(record: RunRecord) -> Terms:
    curves, point = record.numbers("curves"), record.operating
    if not curves or record.positive is None or record.signal is False or point is None:
        return []
    pos = record.positive
    right, missed = point.right, point.missed
    told = [
        (
            "recall",
            f"The share of {pos} that is found; here {percent(right / max(1, right + missed))}.",
        ),
        (
            "precision",
            f"The share of the flagged that are {pos}; here {percent(right / max(1, point.flagged))}.",
        ),
    ]
    false = point.flagged - right
    negatives = point.samples - point.positives
    if negatives > 0:
        told.append(
            (
                "false positive rate",
                f"The share of {record.negative} that is flagged all the same; here "
                f"{percent(false / negatives)}.",
            )
        )
    return told


def _drives(record: RunRecord) -> Terms:
    told = []
    if record.signal is False:
        return []
    if record.numbers("importance"):
        told.append(
            (
                "importance",
                "How much the score falls when a column is shuffled, so that it tells nothing. Columns "
                "that say the same share it, and each may look unimportant alone.",
            )
        )
    if record.numbers("partial_dependence"):
        told.append(
            (
                "partial dependence",
                "The mean answer over all rows when one column is set to the same value everywhere. It "
                "says what the model does, also for values that never occur together.",
            )
        )
    return told


def _fails(record: RunRecord) -> Terms:
    told = []
    kind = record.numbers("calibrate").get("kind")
    if record.numbers("reliability") or record.numbers("calibrate"):
        done = (
            f" Here: {kind}."
            if kind
            else " Here it was not needed."
            if record.entry("calibrate")
            else ""
        )
        told.append(
            (
                "calibration",
                "Bringing probabilities to what they say: of all that are given 0.30, about 30 in 100 "
                f"should turn out so.{done}",
            )
        )
    if record.numbers("residuals"):
        sd = as_float(record.numbers("residuals").get("sd"))
        spread = f"; here they spread by {sd:,.3g} (standard deviation)" if sd is not None else ""
        told.append(("residual", f"Truth minus answer{spread}."))
    slices = record.numbers("slices")
    if slices:
        told.append(
            (
                "slice",
                f"A group of {record.units} that share something. Among "
                f"{count(int(slices.get('looked_at') or 0))} such groups some look bad by chance; only "
                "those beyond that are shown.",
            )
        )
    return told


def _tried(record: RunRecord) -> Terms:
    told: Terms = []
    if len(record.members) > 1:
        told.append(
            (
                "ensemble",
                f"{len(record.members)} models that answer together, each with its weight.",
            )
        )
    tried = answer.tried_words(record)
    if tried:
        told.append(
            ("candidate", f"A learner with its settings and its preparation; here {tried}.")
        )
    return told
