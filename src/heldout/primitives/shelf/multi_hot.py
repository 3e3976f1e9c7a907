"""A 0/1 column for each word of a text; order and counts are lost (PREP-10, X-026).

Words are what stands between single spaces: the one rule that NumPy, the graph and every
runtime share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Bools
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.tables.schema import NULL

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """The words that stand in most rows, in ``min_count`` at least; "" stands for missing."""
    words = []
    for values in columns:
        counts: Counter[str] = Counter()
        for text in values.tolist():
            counts.update(set(text.split(" ")))
        for none in ("", NULL):
            counts.pop(none, None)
        often = [word for word, rows in counts.items() if rows >= settings["min_count"]]
        often.sort(key=lambda word: (-counts[word], word))
        words.append([NULL, *sorted(often[: settings["max_words"]])])
    return {"words": words}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, 1 + words]: missing, then whether each word occurs."""
    made = [_occurs(w, v) for w, v in zip(state["words"], columns, strict=True)]
    return np.concatenate(made, axis=1).astype(np.float32)


def _occurs(words: Sequence[str], values: Array) -> Bools:
    place = {word: j for j, word in enumerate(words)}
    found = np.zeros((len(values), len(words)), bool)
    for i, text in enumerate(values.tolist()):
        for word in text.split(" "):
            j = place.get(word)
            if j is not None:
                found[i, j] = True
    return found


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape: words to places, ones scattered there; unknown words go to a last
    column, which is cut off."""
    one, axis = tape.const([1], np.int64), tape.const([1], np.int64)
    made = []
    for words, name in zip(state["words"], inputs, strict=True):
        split, _ = tape.ops("StringSplit", name, outputs=2, delimiter=" ")
        places = tape.ml(
            "LabelEncoder",
            tape.op("Squeeze", split, axis),
            keys_strings=words,
            values_int64s=list(range(len(words))),
            default_int64=len(words),
        )
        rows = tape.op("Shape", name, start=0, end=1)
        width = tape.const([len(words) + 1], np.int64)
        empty = tape.op("Expand", tape.const(np.float32(0)), tape.concat([rows, width], axis=0))
        ones = tape.op("Expand", tape.const(np.float32(1)), tape.op("Shape", places))
        filled = tape.op("ScatterElements", empty, places, ones, axis=1)
        end = tape.const([len(words)], np.int64)
        made.append(tape.op("Slice", filled, tape.const([0], np.int64), end, one))
    return tape.concat(made)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """Missing, then one feature a word."""
    return [
        Feature(f'{f.name} has "{word}"' if word != NULL else f"{f.name} missing", f.origin)
        for f, words in zip(inputs, state["words"], strict=True)
        for word in words
    ]


CARD = PrimitiveCard(
    name="multi_hot",
    version=1,
    summary="a 0/1 column for each of the words that stand in most rows",
    reads=("text", "category"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"max_words": 1000, "min_count": 5},
    examples=({}, {"max_words": 2}, {"min_count": 1}),
)
