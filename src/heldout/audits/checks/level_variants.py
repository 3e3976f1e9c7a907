"""Levels of a category that differ only in case, blanks or Unicode form."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.tables.schema import NULL

SHOWN, MOST_LEVELS = 3, 5_000


def run(look: Look) -> Iterator[Finding]:
    """One finding for each category column with such levels."""
    for column in look.table.schema.inputs:
        if column.kind != "category" or column.distinct > MOST_LEVELS:
            continue
        watch(look)
        pairs = variants(set(values_of(look, column.name).tolist()) - {NULL})
        if pairs:
            yield Finding(
                "A107",
                "level_variants",
                "warn",
                f"`{column.name}`: {told(pairs)}",
                (column.name,),
                {"variants": [list(p) for p in pairs]},
                "one thing under two names looks like two things to every model",
                "kept apart",
                "make the spelling one in the file, if they mean the same",
            )


def folded(text: str) -> str:
    """What is left of a text without case, outer and doubled blanks, and Unicode form.

    >>> folded("  New  YORK")
    'new york'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def variants(levels: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of levels that fold to the same text.

    >>> variants(["yes", "Yes", "no"])
    [('Yes', 'yes')]
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for level in sorted(levels):
        groups[folded(level)].append(level)
    return [tuple(sorted(g)) for g in groups.values() if len(g) > 1]


def told(groups: list[tuple[str, ...]]) -> str:
    """A few of the groups in words."""
    shown = "; ".join(" and ".join(f'"{v}"' for v in g) for g in groups[:SHOWN])
    more = f"; {len(groups) - SHOWN} more" if len(groups) > SHOWN else ""
    return f"{shown} differ only in spelling{more}"


def example() -> Look:
    """Two spellings of one town."""
    rng = np.random.default_rng(0)
    town = rng.choice(np.array(["Oslo", "oslo ", "Rome"], dtype=object), 300)
    return examples.look({**examples.noise(300), "town": town})


CARD = CheckCard(
    code="A107",
    question="Are there two spellings of one level?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="equal after Unicode form, case and blanks are made one",
    false_alarms=0.0,
    does="kept apart",
)
