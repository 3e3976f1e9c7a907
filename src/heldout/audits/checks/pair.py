"""P: columns that give the target only together: parts of a sum, or a crossing of two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples, shallow
from heldout.audits.blocked import block, blocked
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import Goal, goal
from heldout.audits.singles import singles, values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Array, Doubles, Ints

EXACT, ALONE = 0.999, 0.995  # R squared of the sum, and of the best part
ITSELF = 0.99  # skill of one column from which it is the target on another scale (rule R1)
PILE = 0.02  # of the rows with one value of the target: the sum must hold for the others too
MOST_PARTS, LIGHT = 5, 0.02
FEW_VALUES, MOST_COLUMNS = 20, 40
SKILL, ABOVE = 0.8, 0.3


def run(look: Look) -> Iterator[Finding]:
    """Least squares for numbers; crossings of columns with few values for classes."""
    assert look.task is not None
    found = _crossing(look) if look.task.is_classification else _sum(look)
    if found is None:
        return
    names, evidence, told = found
    block(look, names)
    yield Finding(
        "A301",
        "pair",
        "block",
        told,
        names,
        evidence,
        "columns that add up to the target are usually written down together with it",
        "set aside",
        "if they are known before the target, keep them",
        f"--keep {','.join(names)}",
    )


Found = tuple[tuple[str, ...], dict[str, float], str]


def _sum(look: Look) -> Found | None:
    assert look.y is not None
    names = [
        c.name
        for c in look.table.schema.inputs
        if c.kind in ("number", "boolean") and c.name not in blocked(look)
    ]
    if any(s.skill >= ITSELF for n, s in singles(look).items() if n not in blocked(look)):
        return None
    x = [_filled(shallow.as_numbers(values_of(look, n), look.table.schema[n])) for n in names]
    matrix = np.stack(x, axis=1) if x else np.zeros((len(look.y), 0))
    spread = matrix.std(axis=0)
    use = np.flatnonzero(spread > 0)
    if len(use) < 2 or len(look.y) < 30 or look.y.std() == 0:
        return None
    watch(look)
    matrix = (matrix[:, use] - matrix[:, use].mean(axis=0)) / spread[use]
    y = (look.y - look.y.mean()) / look.y.std()
    chosen = _parts(matrix, y)
    if chosen is None or not _apart_from_a_pile(matrix[:, chosen], y):
        return None
    alone = float(max((matrix[:, c] @ y / len(y)) ** 2 for c in chosen))
    share = _explained(matrix[:, chosen], y)
    parts = tuple(names[use[c]] for c in sorted(chosen))
    told = f"{' and '.join(f'`{p}`' for p in parts)} add up to the target (they explain {100 * share:.4g} % of it)"
    return parts, {"r2": share, "best_alone": alone}, told


def _filled(x: Doubles) -> Doubles:
    return np.where(np.isnan(x), np.nanmedian(x) if (~np.isnan(x)).any() else 0.0, x)


def _apart_from_a_pile(x: Array, y: Doubles) -> bool:
    """Whether the sum holds without the commonest target: where a code such as -200 stands for a
    gap in all columns at once, they agree in these rows alone."""
    values, counts = np.unique(y, return_counts=True)
    rows = y != values[np.argmax(counts)]
    if counts.max() < PILE * len(y):
        return True
    if rows.sum() < 30 or y[rows].std() == 0:
        return False
    left, of = x[rows] - x[rows].mean(axis=0), y[rows] - y[rows].mean()
    return _explained(left, of / of.std()) > EXACT


def _explained(x: Array, y: Doubles) -> float:
    weights, *_ = np.linalg.lstsq(x, y, rcond=None)
    return float(1 - ((y - x @ weights) ** 2).mean())


def _parts(x: Array, y: Doubles) -> list[int] | None:
    """The few columns that explain y exactly together; None where one does, or none."""
    best = float(((x.T @ y / len(y)) ** 2).max())
    if best >= ALONE or _explained(x, y) <= EXACT:
        return None
    chosen = _by_weight(x, y) or _greedily(x, y)
    for column in list(chosen):
        fewer = [c for c in chosen if c != column]
        if len(fewer) > 1 and _explained(x[:, fewer], y) > EXACT:
            chosen = fewer
    return chosen if len(chosen) > 1 else None


def _by_weight(x: Array, y: Doubles) -> list[int]:
    """Where the sum is exact all other columns weigh nothing."""
    weights, *_ = np.linalg.lstsq(x, y, rcond=None)
    heavy = np.flatnonzero(np.abs(weights) > LIGHT * np.abs(weights).max())
    if len(heavy) > MOST_PARTS or _explained(x[:, heavy], y) <= EXACT:
        return []
    return [int(c) for c in heavy]


def _greedily(x: Array, y: Doubles) -> list[int]:
    """The column that explains most of what is left, again and again."""
    chosen: list[int] = []
    rest = y
    while len(chosen) < min(MOST_PARTS, x.shape[1]):
        gain = np.abs(x.T @ rest)
        gain[chosen] = -1
        chosen.append(int(np.argmax(gain)))
        weights, *_ = np.linalg.lstsq(x[:, chosen], y, rcond=None)
        rest = y - x[:, chosen] @ weights
        if 1 - (rest**2).mean() > EXACT:
            return chosen
    return []


def _crossing(look: Look) -> Found | None:
    aim = goal(look)
    codes: dict[str, Ints] = {}
    for name in singles(look):
        if name in blocked(look) or len(codes) >= MOST_COLUMNS:
            continue
        if look.table.schema[name].kind == "number" and _fine(values_of(look, name)):
            continue
        of = shallow.as_codes(values_of(look, name).astype(object))
        if 2 <= int(of.max()) + 1 <= FEW_VALUES:
            codes[name] = of
    alone = {name: s.skill for name, s in singles(look).items()}
    names = sorted(codes)
    best: tuple[float, str, str] | None = None
    for i, a in enumerate(names):
        watch(look)
        for b in names[i + 1 :]:
            if max(alone[a], alone[b]) >= 1 - ABOVE:
                continue
            skill = _cross_skill(look, aim, codes[a] * FEW_VALUES + codes[b])
            if skill > SKILL and skill - max(alone[a], alone[b]) > ABOVE:
                best = max(best or (0.0, "", ""), (skill, a, b))
    if best is None:
        return None
    skill, a, b = best
    told = f"`{a}` and `{b}` together explain {skill:.0%} of the target, alone at most {max(alone[a], alone[b], 0.0):.0%}"
    return (a, b), {"skill": skill, "best_alone": max(alone[a], alone[b])}, told


def _fine(values: Array) -> bool:
    """Whether a number has more values than a crossing takes, without a look at each cell."""
    return len(np.unique(values)) > FEW_VALUES


def _cross_skill(look: Look, aim: Goal, cross: Ints) -> float:
    losses = np.zeros(len(aim.y))
    for train, valid in look.folds:
        answers = shallow.level_means(cross[train], aim.y[train], aim.classes, FEW_VALUES**2)
        losses[valid] = aim.loss(answers[cross[valid]], valid)
    return aim.skill(losses)


def example() -> Look:
    """Two parts of a sum."""
    columns = examples.noise(400)
    return examples.look(columns, 3 * columns["x0"] + 2 * columns["x1"] + 5)


CARD = CheckCard(
    code="A301",
    question="Do a few columns together give the target exactly?",
    reads="target",
    run=run,
    example=example,
    severity="block",
    rule="a sum of a few columns with R2 above 0.999, or a crossing of two with skill above 0.8 and 0.3 above each",
    false_alarms=0.001,
    does="set aside; --keep overrules",
)
