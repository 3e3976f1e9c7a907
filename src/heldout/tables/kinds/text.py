"""Free text: many words, rarely the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heldout.core.names import count
from heldout.tables.kind import Guess, KindCard
from heldout.tables.kinds import category
from heldout.tables.schema import NULL
from heldout.tables.words import standard

if TYPE_CHECKING:
    from heldout.tables.look import Look

FEWEST_DIFFERENT, FEWEST_WORDS = 0.5, 2.0
LONG_DIFFERENT, LONG_WORDS = 0.2, 6.0


def detect(look: Look) -> Guess | None:
    """Mostly different texts of two and more words, or long ones that repeat now and then."""
    if look.filled < 5 or look.filled > 2 * sum(look.strange.values()):
        return None
    distinct = look.texts.n_unique() - bool(look.texts.null_count())
    if distinct < LONG_DIFFERENT * look.filled:
        return None
    some = look.texts.drop_nulls().head(20_000)
    words = float(some.str.count_matches(r"\S+").mean() or 0)  # type: ignore[arg-type]
    share = distinct / look.filled
    if (share >= FEWEST_DIFFERENT and words >= FEWEST_WORDS) or words >= LONG_WORDS:
        reason = f"free text: {words:.0f} words on average, {count(distinct)} different"
        return Guess(20, reason)
    return None


CARD = KindCard(
    name="text",
    about="Sentences: a model reads their words, without case and signs.",
    example=(
        "the quick brown fox jumps", "over the lazy dog again", "", "nothing here repeats at all",
        "a fourth sentence of words", "and a fifth one to end", "six is a good number too",
    ),
    detect=detect,
    reader=category.reader,
    expected=category.expected,
    missing=NULL,
    dtype="object",
    standard=standard,
)  # fmt: skip
