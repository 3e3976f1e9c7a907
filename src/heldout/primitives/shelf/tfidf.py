"""Words and pairs of words of a text, weighted by how rare they are (TEXT-02, TEXT-03).

Spärck Jones 1972 (inverse document frequency); Salton and Buckley 1988 (the cosine form). All
weights are whole numbers of 1/64, so that the sum of their squares is exact in a double whatever
the order, and NumPy and every runtime of the graph divide by the same length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.tables.schema import NULL

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

STEP = 64.0  # weights are whole numbers of 1 / STEP
MOST = 63  # a word that stands there more often counts no more
SCALE = 8.0  # a word's value is about as large as that of a scaled number
LEAST = 50  # words are kept even where the rows are many
TERMS = np.round(STEP * (1.0 + np.log(np.maximum(np.arange(MOST + 1), 1.0))))
TERMS[0] = 0.0
"""1 + log(count), by count."""


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """The terms that stand in most rows, ``min_count`` at least, and their rarity; of texts with
    many rows fewer terms, so that the matrix has ``max_cells``. The first term says missing."""
    learned = [_terms(values, settings) for values in columns]
    return {"terms": [t for t, _ in learned], "rarity": [r for _, r in learned]}, None


def _terms(values: Array, settings: Settings) -> tuple[list[str], list[float]]:
    counts: Counter[str] = Counter()
    for text in values.tolist():
        counts.update(set(_split(text, settings["pairs"])))
    missing = counts.pop(NULL, 0)
    n = max(len(values) - missing, 1)
    room = min(settings["max_terms"], max(LEAST, settings["max_cells"] // max(len(values), 1)))
    often = [t for t, rows in counts.items() if settings["min_count"] <= rows < n]
    often.sort(key=lambda term: (-counts[term], term))
    kept = sorted(often[:room], key=lambda term: (" " in term, term))
    rarity = [np.log((1.0 + n) / (1.0 + counts[t])) + 1.0 for t in kept]
    return [NULL, *kept], [STEP, *np.round(STEP * np.array(rarity)).tolist()]


def _split(text: str, pairs: bool) -> list[str]:
    """Words between single spaces, then pairs of neighbors joined by a space."""
    words = text.split(" ")
    made = [w for w in words if w]
    if pairs:
        made += [f"{a} {b}" for a, b in pairwise(words) if a and b]
    return made


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, terms]: rows of length ``SCALE``, or 0 without a known word."""
    made = [
        _weighted(terms, np.asarray(rarity, dtype=np.float64), values)
        for terms, rarity, values in zip(state["terms"], state["rarity"], columns, strict=True)
    ]
    return np.concatenate(made, axis=1) if len(made) > 1 else made[0]


def _weighted(terms: Sequence[str], rarity: Doubles, values: Array) -> Array:
    """Only the cells with a known term are worked out: there are few."""
    made = np.zeros((len(values), len(terms)), dtype=np.float32)
    rows, at, times = _counted(terms, values)
    weights = TERMS[times] * rarity[at]
    squares = np.bincount(rows, weights * weights, minlength=len(values))
    made[rows, at] = weights * SCALE / np.sqrt(squares[rows])
    return made


def _counted(terms: Sequence[str], values: Array) -> tuple[Ints, Ints, Ints]:
    """Row, place of the term and how often it stands there, for each term of each row."""
    place = {term: j for j, term in enumerate(terms)}
    pairs = " " in terms[-1]
    sizes: list[int] = []
    at: list[int] = []
    times: list[int] = []
    for text in values.tolist():
        found = Counter(place[t] for t in _split(text, pairs) if t in place)
        sizes.append(len(found))
        at.extend(found.keys())
        times.extend(found.values())
    rows = np.repeat(np.arange(len(values)), sizes)
    return rows, np.array(at, np.int64), np.minimum(np.array(times, np.int64), MOST)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape: the operator for n-grams counts, look-ups weigh."""
    made = []
    for terms, rarity, name in zip(state["terms"], state["rarity"], inputs, strict=True):
        counts = tape.cast(_counts_onnx(terms, tape, name), "int64")
        counts = tape.op("Min", counts, tape.const(np.int64(MOST)))
        values = tape.op("Mul", tape.op("Gather", tape.const(TERMS), counts), tape.const([rarity]))
        squares = tape.op(
            "ReduceSum", tape.op("Mul", values, values), tape.const([1], np.int64), keepdims=1
        )
        none = tape.op("Equal", squares, tape.const(np.float64(0)))
        length = tape.op("Sqrt", tape.op("Where", none, tape.const(np.float64(1)), squares))
        scaled = tape.op("Mul", values, tape.const(np.float64(SCALE)))
        made.append(tape.cast(tape.op("Div", scaled, length), "float"))
    return tape.concat(made)


def _counts_onnx(terms: Sequence[str], tape: Tape, name: str) -> str:
    """Counts of the terms; a blank row and word more, as the operator refuses to have none."""
    split, _ = tape.ops("StringSplit", name, outputs=2, delimiter=" ")
    words = tape.op("Squeeze", split, tape.const([1], np.int64))
    blank, one = tape.const(np.array([[""]], object)), tape.const([1], np.int64)
    rows = tape.op("Shape", name, start=0, end=1)
    words = tape.concat([words, tape.op("Expand", blank, tape.concat([rows, one], axis=0))])
    width = tape.op("Shape", words, start=1, end=2)
    row = tape.op("Expand", blank, tape.concat([one, width], axis=0))
    words = tape.concat([words, row], axis=0)
    single = [t for t in terms if " " not in t]
    double = [t.split(" ") for t in terms if " " in t]
    counts = tape.op(
        "TfIdfVectorizer",
        words,
        mode="TF",
        min_gram_length=1,
        max_gram_length=2 if double else 1,
        max_skip_count=0,
        ngram_counts=[0, len(single)] if double else [0],
        ngram_indexes=list(range(len(terms))),
        pool_strings=[*single, *(word for pair in double for word in pair)],
    )
    zero, last = tape.const([0], np.int64), tape.const([-1], np.int64)
    return tape.op("Slice", counts, zero, last, zero)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """Missing, then one feature a term."""
    return [
        Feature(f'{f.name} has "{term}"' if term != NULL else f"{f.name} missing", f.origin)
        for f, terms in zip(inputs, state["terms"], strict=True)
        for term in terms
    ]


CARD = PrimitiveCard(
    name="tfidf",
    version=1,
    summary="words and pairs of words, the rare ones weighing more (TF-IDF)",
    reads=("text", "category"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"max_terms": 2000, "min_count": 5, "pairs": True, "max_cells": 40_000_000},
    examples=({}, {"max_terms": 2}, {"min_count": 1, "pairs": False}, {"min_count": 1}),
    source="Salton and Buckley 1988, Term-weighting approaches in automatic text retrieval",
)
