"""The words of the page, each with a number of this run (contract 16)."""

from __future__ import annotations

from heldout.core.names import count
from heldout.report import words
from heldout.report.record import RunRecord


def terms(record: RunRecord) -> list[tuple[str, str]]:
    """Word and explanation, in order of the alphabet; only words that the page uses."""
    found = {
        "fold": _fold(record),
        "leak": "A column that already contains the answer, because it was written after the "
        "outcome or is made from it.",
        "out of fold": f"Predicted by a model that had not seen that {record.unit} in training.",
    }
    headline = record.headline
    if headline is not None:
        shown = words.digits(headline)
        found["baseline"] = (
            "What an answer reaches that learns nothing from the columns; here "
            f"{shown(headline.baseline)}. A model must beat it beyond noise."
        )
        if headline.low is not None and headline.high is not None:
            found["interval"] = (
                f"Where the true score lies, 19 times in 20; here {shown(headline.low)} to "
                f"{shown(headline.high)}. Four times the {record.units} would halve its width."
            )
        found[words.title(headline.metric)] = words.meaning(record, headline)
    if record.sealed:
        sealed = count(int(record.numbers("plan")["sealed"]))
        found["seal"] = (
            f"{sealed} {record.units} set aside before anything looked at the target; they are "
            "scored once, by the finished bundle."
        )
    if record.operating is not None:
        found["threshold"] = (
            f"From which probability on a {record.unit} is flagged; here "
            f"{record.operating.threshold:.2f}. With costs it is alarm / (alarm + miss)."
        )
    if record.numbers("calibrate"):
        found["calibration"] = (
            "Bringing probabilities to what they say: of all that are given 0.30, about 30 in 100 "
            "should turn out so."
        )
    if record.numbers("importance"):
        found["importance"] = (
            "How much the score falls when a column is shuffled, so that it tells nothing. Columns "
            "that say the same share it, and each may look unimportant alone."
        )
    members = record.members
    if len(members) > 1:
        found["ensemble"] = f"{len(members)} models that answer together, each with its weight."
    return sorted(found.items(), key=lambda pair: pair[0].lower())


def _fold(record: RunRecord) -> str:
    folds = record.numbers("plan").get("folds")
    parts = f"{folds} parts" if folds else "parts"
    return (
        f"One of the {parts} of the open {record.units}; each is predicted by models that were "
        "fitted on the others."
    )
