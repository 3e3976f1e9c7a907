"""S: a value, or a gap, that all but rules out a class: filled only afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from heldout.audits import examples
from heldout.audits.blocked import ask, block, blocked
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.many import at_most, kept
from heldout.audits.shallow import is_missing
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Array, Bools, Ints
from heldout.core.names import count
from heldout.tables.schema import Column

SIDE = 20  # rows on both sides, at least
EXPECTED = 15  # rows of the class on the side
SHARE = 0.15  # of the base rate that the bound stays under
LEVEL = 0.001
GAP, VALUE, BLOCK = 0.05, 0.1, 0.3  # phi squared: a gap warns, a value warns, both block
LOOSE = 0.25  # of the base rate, where phi squared is above BLOCK: a rare class leaves few rows
PURE = 0.2  # of the rows on a side may be of other classes, where there are many
LEVELS = 8
AFTERWARDS = ". It seems to be written after the outcome"


@dataclass(frozen=True)
class _Hit:
    column: str
    value: str | None  # None: missing
    holds: Bools  # (rows,) the cell is that value
    code: int  # the class that is all but absent
    side: bool  # on the side where the value is (True) or is not
    p: float
    phi2: float
    sure: bool = True  # below SHARE, not only below LOOSE
    pure: bool = False  # the class is all but alone there


def run(look: Look) -> Iterator[Finding]:
    """A class at less than 15 % of its base rate on one side, at 99.9 %, and phi squared.

    Gaps are looked at in every task, values only where the target has two classes or is a
    number: among many classes each is ruled out by many an honest value; there a number must leave
    one class alone, and asks. Values block for two classes only: a number halved at its median
    often hangs on one honest value. Where phi squared is high a quarter of the base rate asks.
    """
    assert look.y is not None
    assert look.task is not None
    classes = look.task.is_classification
    codes = look.y.astype(np.int64) if classes else (look.y > np.median(look.y)).astype(np.int64)
    two_sided = len(look.task.classes) == 2 or not classes
    tests: list[_Hit] = []
    for column in look.table.schema.inputs:
        watch(look)
        if column.name not in blocked(look) and column.kind != "image":
            for value, holds in _values(look, column.name):
                if value is None or two_sided:
                    tests += _tests(column.name, value, holds, codes)
                elif column.kind == "number":
                    tests += _alone(column.name, value, holds, codes)
    smallest: dict[str, float] = {}
    best: dict[str, _Hit] = {}
    for hit in tests:
        smallest[hit.column] = min(hit.p, smallest.get(hit.column, 1.0))
        enough = hit.phi2 > (BLOCK if hit.pure else GAP if hit.value is None else VALUE)
        known = best.get(hit.column)
        better = known is None or (hit.sure, hit.phi2) > (known.sure, known.phi2)
        if hit.p < LEVEL and enough and better:
            best[hit.column] = hit
    stand = dict(zip(smallest, kept(list(smallest.values())), strict=True))
    for hit in best.values():
        if stand[hit.column]:
            yield _finding(look, hit, codes)


def _values(look: Look, name: str) -> list[tuple[str | None, Bools]]:
    """Missing, and the commonest value of a number or the eight commonest levels."""
    column, values = look.table.schema[name], values_of(look, name)
    missing = np.asarray(is_missing(values, column), dtype=bool)
    found: list[tuple[str | None, Bools]] = [(None, missing)]
    known = values[~missing]
    if not len(known):
        return found
    if column.kind in ("category", "text"):
        distinct: list[object] = list(dict.fromkeys(known.tolist()))
        counts = _tally(known, distinct)
        most = np.argsort(-counts, kind="stable")[:LEVELS]
    else:
        unique, counts = np.unique(known, return_counts=True)
        distinct = unique.tolist()
        most = np.argsort(-counts, kind="stable")[:1]
    common = [distinct[place] for place in most]
    return found + [(_word(v, column), np.asarray(values == v, dtype=bool)) for v in common]


def _tally(values: Array, distinct: list[object]) -> Ints:
    place = {v: i for i, v in enumerate(distinct)}
    return np.bincount([place[v] for v in values.tolist()], minlength=len(distinct))


def _word(value: object, column: Column) -> str:
    if column.kind == "boolean" and len(column.levels) == 2:
        return column.levels[int(value == 1.0)]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _tests(column: str, value: str | None, holds: Bools, codes: Ints) -> Iterator[_Hit]:
    n, inside = len(codes), int(holds.sum())
    if min(inside, n - inside) < SIDE:
        return
    totals = np.bincount(codes)
    there = np.bincount(codes[holds], minlength=len(totals))
    for code, total in enumerate(totals):
        base = total / n
        for side in (True, False):
            size = inside if side else n - inside
            hits = int(there[code] if side else total - there[code])
            if size * base < EXPECTED or total == n:
                continue
            p = at_most(hits, size, SHARE * base)
            phi2 = _phi2(int(there[code]), inside, int(total), n)
            loose = at_most(hits, size, LOOSE * base) if phi2 > BLOCK else p
            yield _Hit(column, value, holds, code, side, min(p, loose), phi2, p < LEVEL)


def _alone(column: str, value: str, holds: Bools, codes: Ints) -> Iterator[_Hit]:
    """Whether all but one of many classes are absent where a number is not its usual value."""
    n, inside = len(codes), int(holds.sum())
    totals = np.bincount(codes)
    for side, at in ((True, holds), (False, ~holds)):
        size = int(at.sum())
        if min(size, n - size) < SIDE:
            continue
        code = int(np.argmax(np.bincount(codes[at])))
        hits = int((codes[at] == code).sum())
        phi2 = _phi2(int((codes[holds] == code).sum()), inside, int(totals[code]), n)
        yield _Hit(
            column, value, holds, code, side, at_most(size - hits, size, PURE), phi2, False, True
        )


def _phi2(both: int, inside: int, total: int, n: int) -> float:
    cross = float(both) * n - float(inside) * total
    return cross**2 / (float(inside) * (n - inside) * total * (n - total))


def _finding(look: Look, hit: _Hit, codes: Ints) -> Finding:
    assert look.task is not None
    blocks = hit.sure and hit.phi2 > BLOCK and (len(look.task.classes) == 2 or hit.value is None)
    if blocks:
        block(look, [hit.column])
    else:
        ask(look, hit.column)
    name = hit.column
    return Finding(
        "A304",
        "special_value",
        "block" if blocks else "warn",
        f"`{name}`: {_told(look, hit, codes)}" + (AFTERWARDS if blocks else ""),
        (name,),
        {"value": hit.value, "phi2": float(hit.phi2), "p": hit.p},
        "a value that all but rules out an outcome is often written down after the outcome",
        "set aside" if blocks else "kept",
        "" if blocks else "drop it if it is written afterwards",
        f"--keep {name}" if blocks else f"--drop {name}",
        "" if blocks else f"Would you know `{name}`, with this value, when you predict?",
    )


def _in_words(target: str, label: str) -> str:
    """A class as a sentence can hold it.

    >>> _in_words("survived", "1"), _in_words("Churn", "Yes")
    ('survived=1', 'Yes')
    """
    bare = label.lower() in ("true", "false") or label.lstrip("-").replace(".", "", 1).isdigit()
    return f"{target}={label}" if bare else label


def _told(look: Look, hit: _Hit, codes: Ints) -> str:
    """Counts in words: filled for 477 of the 500 Yes, 9 of the 809 No."""
    assert look.task is not None
    if look.task.is_classification:
        names = [_in_words(look.task.target, c) for c in look.task.classes]
        first = look.task.positive_code if look.task.positive is not None else hit.code
    else:
        names, first = ["lower half", "upper half"], 1
    holds = ~hit.holds if hit.value is None else hit.holds
    said = "filled" if hit.value is None else f'"{hit.value}"'
    sides = [(names[first], codes == first)]
    sides.append((names[1 - first] if len(names) == 2 else "others", codes != first))
    parts = [
        f"{count((holds & is_in).sum())} of the {count(is_in.sum())} {w}" for w, is_in in sides
    ]
    return f"{said} for {', '.join(parts)}"


def example() -> Look:
    """A column that is filled only after a yes."""
    rng = np.random.default_rng(0)
    y = (rng.random(600) < 0.4).astype(np.float64)
    columns = examples.noise(600)
    filled = np.where(rng.random(600) < 0.02, 1 - y, y) == 1
    columns["closed"] = np.where(filled, rng.normal(size=600), np.nan)
    return examples.look(columns, y)


CARD = CheckCard(
    code="A304",
    question="Does a value, or a gap, all but rule out an outcome?",
    reads="target",
    run=run,
    example=example,
    source="Clopper and Pearson 1934 for the bound",
    severity="block",
    rule="a class at less than 15 % of its base rate on one side (99.9 % bound), phi squared above 0.05; above 0.3 it blocks, and from 25 % on it asks; of several classes one is alone, but for 20 %, where a number is not its usual value",
    false_alarms=0.01,
    does="set aside, or a question; --keep overrules",
)
