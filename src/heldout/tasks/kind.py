"""Which task does a target suggest? Chosen, said and, where it could be otherwise, asked.

Discrete labels are classes, continuous ones numbers (TASK-03). Whole numbers with few values can
be either: codes of classes, or an order with distances. What speaks for each is written here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.tables.schema import Column
from heldout.tasks.labels import Target

MOST_CLASSES = 200
FEW_VALUES = 20
CODE_WORDS = re.compile(
    r"(?:^|[^a-z])(class|classes|label|type|kind|category|group|cluster|species|code|target_?class"
    r"|segment|variety|cultivar)(?:es|s)?(?:$|[^a-z])",
    re.IGNORECASE,
)
SCALE_WORDS = re.compile(
    r"(?:^|[^a-z])(rating|score|stars?|quality|grade|count|number|level|severity|stage|age|years)"
    r"(?:$|[^a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Guess:
    """The form of the task, why, and what to ask."""

    kind: str
    reason: str
    questions: tuple[str, ...] = ()


def guess(column: Column, found: Target, named: str | None = None) -> Guess:
    """The task that the target suggests, or ``named`` if the target allows it.

    Raises H254 (too many classes), H257 (the named task does not fit the target).
    """
    if named is not None:
        return _named(column, found, named)
    k, name = len(found.classes), column.name
    if k == 2:
        return Guess("binary", f"`{name}` has two values, {' and '.join(found.classes)}")
    if not found.numeric:
        _few_enough(column, found)
        return Guess("multiclass", f"`{name}` has {k} different words")
    if not column.whole or k > FEW_VALUES:
        return Guess("regression", f"`{name}` is a number with {count(k)} different values")
    return _whole_numbers(column, found)


def _whole_numbers(column: Column, found: Target) -> Guess:
    """Whole numbers with 3 to 20 values: classes or an order?"""
    k, name = len(found.classes), column.name
    numbers = np.array([float(c) for c in found.classes])
    shown = f"{found.classes[0]} to {found.classes[-1]}"
    even = bool(np.all(np.diff(numbers) == numbers[1] - numbers[0]))
    signs = _signs_of_codes(column, found, even)
    flip = f"Are the {k} values of `{name}` ({shown}) {{}}? If so: --task {{}} --target {name}"
    if signs:
        reason = f"`{name}` has {k} whole numbers ({shown}) that look like codes: {signs}"
        ask = flip.format("amounts, so that being off by one is a small error", "regression")
        return Guess("multiclass", reason, (ask,))
    reason = f"`{name}` has {k} evenly spaced whole numbers ({shown}): taken as a scale"
    return Guess(
        "regression", reason, (flip.format("names of classes without order", "multiclass"),)
    )


def _signs_of_codes(column: Column, found: Target, even: bool) -> str:
    """What makes whole numbers look like codes of classes; empty for a scale.

    A rating or a count piles up around one value and thins out to both sides (or to one);
    codes are given without regard to frequency.
    """
    if CODE_WORDS.search(column.name):
        return f"its name speaks of a {_word(column.name)}"
    if not even:
        return "they are not evenly spaced"
    if SCALE_WORDS.search(column.name):
        return ""
    counts = np.array(found.counts, dtype=np.float64)
    if len(counts) < 4:
        return "there are so few of them"
    top = int(np.argmax(counts))
    steps = np.diff(counts)
    # two counts differ by chance by about the root of their sum
    noise = 2 * np.sqrt(counts[1:] + counts[:-1])
    wrong = np.where(np.arange(len(steps)) < top, steps < -noise, steps > noise)
    even_counts = float(counts.max()) < 1.5 * float(counts.min())
    if wrong.any() or even_counts:
        return "their frequencies do not rise to one value and fall from it"
    return ""


def _word(name: str) -> str:
    found = CODE_WORDS.search(name)
    return found.group(1).lower() if found else "class"


def _few_enough(column: Column, found: Target) -> None:
    k, known = len(found.classes), sum(found.counts)
    if k <= MOST_CLASSES and k <= known / 2:
        return
    raise HeldoutError(
        "H254",
        f'"{column.name}" has {count(k)} classes in {count(known)} rows',
        seen=f'the first are "{found.classes[0]}", "{found.classes[1]}", "{found.classes[2]}"',
        why="a class is learned from several rows each; so many look like names or free text",
        do=[f"merge classes to at most {MOST_CLASSES}, or name another column with --target"],
    )


def _named(column: Column, found: Target, named: str) -> Guess:
    """The user's own word, if the target can bear it."""
    k, name = len(found.classes), column.name
    reason = f"{named}: you said so"
    if named in ("regression", "forecast"):
        if column.kind in ("number", "boolean"):
            return Guess(named, reason)
        _does_not_fit(column, named, f'it holds words such as "{found.classes[0]}"')
    if named == "binary" and k != 2:
        _does_not_fit(column, named, f"it has {count(k)} different values")
    if named == "multiclass" and k == 2:
        return Guess("binary", f"`{name}` has two values: several classes are two here")
    if k > MOST_CLASSES:
        _few_enough(column, found)
    return Guess(named, reason)


def _does_not_fit(column: Column, named: str, seen: str) -> None:
    raise HeldoutError(
        "H257",
        f'"{column.name}" cannot be the target of a {named} task',
        seen=seen,
        why="the form of the task decides loss, metric and baseline",
        do=["leave --task out, and the form is found from the values"],
    )
