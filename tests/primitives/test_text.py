"""Words of texts: standard form, counts, weights, the same in the graph."""

from __future__ import annotations

import math

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.primitives.card import PRIMITIVES, Training
from heldout.tables.schema import NULL
from heldout.tables.words import standard


def texts(*values: str) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def fitted(*values: str, **settings: object) -> dict[str, list[list[str]]]:
    card = PRIMITIVES.get("tfidf")
    full = {**card.defaults, "min_count": 1, **settings}
    return dict(card.fit([texts(*values)], Training(seed=Seed(0)), full)[0])


@pytest.mark.requirement("TEXT-01", "PREP-14")
def test_a_text_in_standard_form() -> None:
    assert standard("  The CAT\tsat -- on 2 mats!\n") == "the cat sat on 2 mats"
    assert standard("Straße, ÄÖÜ; 東京") == "straße äöü 東京"
    assert standard(standard("It's 5 o'clock")) == standard("It's 5 o'clock")
    count = PRIMITIVES.get("word_count").transform({}, [texts("the cat sat", "", NULL)])
    assert count.tolist() == [[3], [0], [0]]


@pytest.mark.requirement("TEXT-02")
def test_the_cat_sat_has_two_pairs() -> None:
    terms = fitted("the cat sat", "a dog")["terms"][0]
    assert [t for t in terms if "the" in t or "sat" in t] == ["sat", "the", "cat sat", "the cat"]
    assert not any(" " in t for t in fitted("the cat sat", "a dog", pairs=False)["terms"][0])


@pytest.mark.requirement("TEXT-03")
def test_weights_by_hand() -> None:
    """tf 1 + log(count), idf log((1 + n) / (1 + rows)) + 1, rows of equal length; in 64ths."""
    state = fitted("red red blue", "blue green", "green", pairs=False)
    terms = state["terms"][0]
    assert terms == [NULL, "blue", "green", "red"]
    row = PRIMITIVES.get("tfidf").transform(state, [texts("red red blue")])[0]
    blue, red = math.log(4 / 3) + 1, (math.log(4 / 2) + 1) * (1 + math.log(2))
    assert row[terms.index("red")] / row[terms.index("blue")] == pytest.approx(red / blue, rel=0.02)
    assert np.linalg.norm(row) == pytest.approx(8, rel=1e-6)
    unseen = PRIMITIVES.get("tfidf").transform(state, [texts("yellow", "")])
    assert not unseen.any(), "a word that was never seen says nothing"


@pytest.mark.requirement("TEXT-05")
def test_words_tell_the_class_in_a_whole_run(tmp_path: object) -> None:
    """A bag of words and pairs under logistic regression, through the bundle."""
    import polars as pl

    import heldout

    rng = np.random.default_rng(0)
    bad = rng.random(400) < 0.4
    words = np.array(["we", "met", "at", "the", "office", "for", "lunch", "today", "and", "talked"])
    rows = [
        " ".join(rng.choice(words, 8)) + (" not good" if b else " good, not bad") + f" {i}"
        for i, b in enumerate(bad)
    ]
    frame = pl.DataFrame({"review": rows, "kind": np.where(bad, "bad", "fine")})
    run = heldout.run(frame, target="kind", work=10, models="logistic", out=f"{tmp_path}/run")
    assert run.score > 0.97
    talk = "Today we met, and talked: at the OFFICE for lunch! "
    told = run.load().predict(
        pl.DataFrame({"review": [talk + "NOT good.", talk + "Good, not bad"]})
    )
    assert told.frame["kind"].to_list() == ["bad", "fine"]
