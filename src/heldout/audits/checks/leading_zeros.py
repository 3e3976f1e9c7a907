"""Codes that have lost their leading zeros in some cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels, numbers, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.wording import words as words_of

NAMES = {"zip", "zipcode", "postcode", "postal", "plz", "fips", "ean", "iban", "ssn"}
USUAL, DISTINCT = 0.6, 10


def run(look: Look) -> Iterator[Finding]:
    """Words of digits, some with a zero in front and some a digit short; numbers named as codes."""
    for words in levels(look, ignored=True):
        if len(words.levels) >= DISTINCT and all(w.isdigit() for w in words.levels):
            zero = any(w.startswith("0") for w in words.levels)
            lengths = Counter[int]()
            for word, times in zip(words.levels, words.counts.tolist(), strict=True):
                lengths[len(word)] += times
            found = _short(lengths)
            if zero and found:
                yield _finding(words.name, found, words.filled, look)
    for n in numbers(look, DISTINCT):
        if words_of(n.name) & NAMES and n.column.whole and n.known[0] >= 0:
            digits = np.floor(np.log10(np.maximum(n.known, 1))).astype(np.int64) + 1
            found = _short(Counter(digits.tolist()))
            if found:
                yield _finding(n.name, found, len(n.known), look)


def _short(lengths: Counter[int]) -> int:
    """Cells one or two digits short of the usual length; 0 where no length is usual."""
    usual, times = lengths.most_common(1)[0]
    short = sum(lengths[usual - k] for k in (1, 2))
    longer = sum(n for length, n in lengths.items() if length > usual)
    return short if times >= USUAL * lengths.total() and not longer and usual > 3 else 0


def _finding(name: str, short: int, filled: int, look: Look) -> Finding:
    return Finding(
        "A422",
        "leading_zeros",
        "warn",
        f"`{name}`: {share_of(short, filled)} of {of_rows(look)} are a digit shorter than the rest",
        (name,),
        {"short": short},
        "a spreadsheet drops leading zeros: 02208 and 2208 are one place under two names",
        "kept apart",
        f"fill the zeros in again, and keep the column as words: --type {name}=category",
    )


def example() -> Look:
    """Boston with and without its zero."""
    rng = np.random.default_rng(0)
    place = rng.integers(1_000, 99_999, 300)
    place[:60] = rng.integers(2_100, 2_300, 60)
    codes = np.array([f"{p:05d}" for p in place], dtype=object)
    codes[:20] = [c.lstrip("0") for c in codes[:20]]
    return examples.look({**examples.noise(300), "zip": codes[rng.permutation(300)]})


def clean() -> Look:
    """All of five digits."""
    rng = np.random.default_rng(0)
    codes = np.array([f"{p:05d}" for p in rng.integers(1_000, 1_100, 300)], dtype=object)
    return examples.look({**examples.noise(300), "zip": codes})


CARD = CheckCard(
    code="A422",
    question="Have codes lost their leading zeros?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="warn",
    rule="digits only, 60 % of one length and none longer, some one or two digits short while others begin with a zero (or the name says it is a code)",
    false_alarms=0.0,
    does="kept apart",
    applies=applies.kinds("category", "number"),
)
