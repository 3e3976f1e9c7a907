"""Numbers or dates, and words, in one column."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import Levels, levels, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T][0-9:.]+)?")
LEAST, MOST, DISTINCT = 0.01, 0.995, 5


def run(look: Look) -> Iterator[Finding]:
    """Between 1 % and 99.5 % of the filled cells are numbers (or dates) of at least five values."""
    for words in levels(look):
        for kind, pattern in (("number", NUMBER), ("date", DATE)):
            fits = _fits(words, pattern)
            hits = int(words.counts[fits].sum())
            if fits.sum() < DISTINCT or not LEAST <= hits / max(1, words.filled) <= MOST:
                continue
            other = [w for w, fit in zip(words.levels, fits, strict=True) if not fit][:3]
            some = ", ".join(f'"{w[:20]}"' for w in other)
            yield Finding(
                "A420",
                "mixed_types",
                "warn" if hits > 0.5 * words.filled else "note",
                f"`{words.name}`: {share_of(hits, words.filled)} of {of_rows(look)} are {kind}s, "
                f"the others are words such as {some}",
                (words.name,),
                {"fitting": hits, "others": words.filled - hits, "kind": kind},
                f"one strange cell in a hundred makes a {kind} a word, and its order is lost",
                "read as words",
                f"correct the strange cells, or read them as missing: --type {words.name}={kind}",
            )
            break


def _fits(words: Levels, pattern: re.Pattern[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    coded = any(re.fullmatch(r"0[0-9]+", w) for w in words.levels)
    whole = [not coded and bool(pattern.fullmatch(w.strip())) for w in words.levels]
    return np.array(whole, dtype=bool)


def example() -> Look:
    """Prices, and now and then a word."""
    columns = examples.noise(400)
    price = np.array([f"{v:.1f}" for v in 20 + columns["x0"]], dtype=object)
    columns["price"] = np.where(np.arange(400) % 20 == 0, "on request", price)
    return examples.look(columns)


CARD = CheckCard(
    code="A420",
    question="Does a column mix numbers or dates with words?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="1 % to 99.5 % of the filled cells are numbers (or dates) of at least five values; above one half it warns",
    false_alarms=0.0,
    does="read as words",
    applies=applies.kinds("category"),
)
