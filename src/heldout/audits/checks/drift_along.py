"""Columns that change from the head of the file to its end: batches, or time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import array, of_rows, rows_of, sampled
from heldout.audits.checks.sorted_rows import rises
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.many import kept
from heldout.audits.shallow import as_codes, as_numbers
from heldout.audits.watch import watch
from heldout.core.arrays import Array
from heldout.tables.schema import Column

EFFECT, RATE, FEWEST, SHOWN, LEVELS, AT_ONCE = 0.2, 0.001, 150, 4, 50, 20_000


def run(look: Look) -> Iterator[Finding]:
    """The first third against the last: Kolmogorov's distance above 0.2, false discoveries 0.1 %."""
    rows = rows_of(look)
    if rows < FEWEST:
        return
    step = max(1, rows // AT_ONCE)
    names, gaps, p = [], [], []
    for column in look.table.schema.inputs:
        watch(look)
        if column.kind in ("text", "image") or column.distinct < 2:
            continue
        values = array(look, column.name)[::step]
        if rises(values, column):
            continue
        third = len(values) // 3
        gap, chance = distance(values[:third], values[-third:], column)
        names.append(column.name)
        gaps.append(gap)
        p.append(chance)
    stand = kept(p, RATE)
    found = {n: g for n, g, s in zip(names, gaps, stand, strict=True) if s and g > EFFECT}
    if found:
        ranked = sorted(found, key=lambda n: -found[n])
        told = ", ".join(f"`{n}` ({found[n]:.0%})" for n in ranked[:SHOWN])
        more = f" and {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else ""
        yield Finding(
            "A440",
            "drift_along",
            "note",
            f"{told}{more}: the first and the last third of {of_rows(look)} differ by that much",
            tuple(ranked),
            {"distance": found, "rows": sampled(look).rows},
            "rows that were gathered at other times or places make a random split too easy",
            "nothing: the protocol is chosen by --time, --group and the order of the target",
            "if the file is in order of time, say so: --time row",
        )


def distance(first: Array, second: Array, column: Column) -> tuple[float, float]:
    """The largest gap between two distributions (0 to 1; missing is a value) and the p-value of
    none: Kolmogorov and Smirnov for what has an order, chi-squared for words."""
    from scipy.special import chdtrc, kolmogorov

    both = np.r_[first, second]
    n, m = len(first), len(second)
    if column.kind == "category":
        codes = as_codes(both)
        tops = np.argsort(-np.bincount(codes), kind="stable")[:LEVELS]
        place = np.full(int(codes.max()) + 1, len(tops))
        place[tops] = np.arange(len(tops))
        a, b = (np.bincount(place[c], minlength=len(tops) + 1) for c in (codes[:n], codes[n:]))
        seen = (a + b) > 0
        expected = (a + b)[seen] * n / (n + m)
        statistic = ((a[seen] - expected) ** 2 / (expected * m / (n + m))).sum()
        gap = 0.5 * float(np.abs(a / n - b / m).sum())
        noise = float(np.sqrt(max(0, seen.sum() - 1) * (1 / n + 1 / m))) / 2
        return max(0.0, gap - noise), float(chdtrc(max(1, int(seen.sum()) - 1), statistic))
    x = np.nan_to_num(as_numbers(both, column), nan=-np.inf)
    order = np.sort(x)
    below, under = (
        np.searchsorted(np.sort(s), order, side="right") / len(s) for s in (x[:n], x[n:])
    )
    gap = float(np.abs(below - under).max())
    return gap, float(kolmogorov(gap * np.sqrt(n * m / (n + m))))


def example() -> Look:
    """A sensor that was exchanged half-way."""
    columns = examples.noise(600)
    columns["sensor"] = columns["x0"] + (np.arange(600) > 300) * 2.0
    return examples.look(columns)


CARD = CheckCard(
    code="A440",
    question="Do columns change along the file?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="first and last third of the rows differ by more than 0.2 (largest gap between the distributions), at a false discovery rate of 0.1 %",
    false_alarms=0.005,
    does="a note; --time row orders the rows",
    source="Kolmogorov 1933, Smirnov 1939",
)
