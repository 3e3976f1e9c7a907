"""Values in production that training never had: new words, and numbers beyond the range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits import production as here
from heldout.audits.cells import share_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.many import at_most
from heldout.audits.shallow import as_numbers, is_missing
from heldout.audits.watch import watch

SHARE, LEVEL, TAIL = 0.01, 0.001, 8.0


def run(look: Look) -> Iterator[Finding]:
    """More than 1 % of the rows, at 99.9 %."""
    for column in here.shared(look):
        watch(look)
        seen, there = here.both(look, column.name)
        seen, there = seen[~is_missing(seen, column)], there[~is_missing(there, column)]
        if not len(seen) or not len(there):
            continue
        if column.kind == "category":
            known = set(seen.tolist())
            new = [v for v in there.tolist() if v not in known]
            least = SHARE
            hits, some = len(new), f'new words such as "{new[0]}"' if new else ""
        elif column.kind == "number":
            x, y = as_numbers(seen, column), as_numbers(there, column)
            low, high = np.nanmin(x), np.nanmax(x)
            hits = int(((y < low) | (y > high)).sum())
            least = SHARE + TAIL / len(x)  # beyond the range of n rows lie about 2 / n anyway
            some = f"beyond {low:g} to {high:g}"
        else:
            continue
        if hits and at_most(len(there) - hits, len(there), 1 - least) < LEVEL:
            yield Finding(
                "A603",
                "production_unseen",
                "warn",
                f"`{column.name}`: {share_of(hits, len(there))} of the rows of production are {some}",
                (column.name,),
                {"rows": hits, "of": len(there)},
                "of what it never saw a model knows nothing",
                "an unseen word is a level of its own; numbers beyond the range are answered as at its end by trees",
                "gather training rows with these values",
            )


def example() -> Look:
    """A new shop."""
    rng = np.random.default_rng(0)
    shop = rng.choice(np.array(["A", "B"], dtype=object), 400)
    columns = {**examples.noise(400), "shop": shop}
    later = {**examples.noise(400, seed=1), "shop": np.where(rng.random(400) < 0.1, "C", shop)}
    return examples.beside(examples.look(columns, columns["x0"]), examples.table(later))


CARD = CheckCard(
    code="A603",
    question="Does production hold values that training never had?",
    reads="production",
    run=run,
    example=example,
    severity="warn",
    rule="unseen words, or numbers beyond the range, in more than 1 % of the rows (99.9 % bound; for numbers plus 8 / n)",
    false_alarms=0.005,
    does="an unseen word is a level of its own",
    applies=here.needed,
    source="Clopper and Pearson 1934",
)
