"""Words with an order: low, medium, high; 18-25, 26-35."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look

SCALES = tuple(
    scale.split("|")
    for scale in (
        "very low|low|medium low|medium|moderate|average|mid|med|medium high|high|very high|vhigh|med.",
        "xxs|xs|s|m|l|xl|xxl|xxxl", "tiny|small|medium|big|large|very large|huge",
        "never|rarely|seldom|sometimes|occasionally|often|usually|frequently|always",
        "strongly disagree|disagree|neutral|agree|strongly agree",
        "very poor|poor|po|bad|fair|fa|ta|average|good|gd|very good|excellent|ex|ideal|premium",
        "freezing|cold|cool|mild|warm|hot", "none|mild|moderate|severe", "little|moderate|quite rich|rich",
        "january|february|march|april|may|june|july|august|september|october|november|december",
        "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", "1st|2nd|3rd|4th|5th|6th|7th|8th|9th|10th",
        "mon|tue|wed|thu|fri|sat|sun", "first|second|third|fourth|fifth",
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    )
)  # fmt: skip
RANGE = re.compile(r"[<>≤≥]=?\s*[0-9.]+k?|[0-9.]+k?\s*(?:-|–|to|_)\s*[0-9.]+k?|[0-9.]+k?\s*\+")
FEWEST, SHARE = 3, 0.8


def run(look: Look) -> Iterator[Finding]:
    """Three or more levels, all of one known scale, or nearly all of them ranges of numbers."""
    for words in levels(look):
        said = {w.strip().lower() for w in words.levels}
        if len(said) < FEWEST:
            continue
        ranged = sum(bool(RANGE.fullmatch(w)) for w in said)
        if any(said <= set(scale) for scale in SCALES):
            kind = "words with an order"
        elif ranged >= SHARE * len(said) and ranged >= FEWEST:
            kind = "ranges of numbers"
        else:
            continue
        shown = ", ".join(f'"{w}"' for w in words.levels[:4])
        yield Finding(
            "A429",
            "ordered_levels",
            "note",
            f"`{words.name}`: {kind} ({shown})",
            (words.name,),
            {"levels": words.levels[:20], "kind": kind},
            "their order is known to people and lost in words",
            "used as words, without order",
            "numbers in their place (1, 2, 3, or the middle of each range) give the order",
        )


def example() -> Look:
    """Low, medium, high."""
    rng = np.random.default_rng(0)
    word = rng.choice(np.array(["low", "medium", "high"], dtype=object), 200)
    return examples.look({**examples.noise(200), "risk": word})


CARD = CheckCard(
    code="A429",
    question="Do words have an order?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="three or more levels that all belong to one known scale, or 80 % of them ranges of numbers",
    false_alarms=0.0,
    does="used as words, without order",
    applies=applies.kinds("category"),
    source="Stevens 1946, On the theory of scales of measurement",
)
