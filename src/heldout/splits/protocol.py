"""The plan: who is sealed, who validates whom, and why (contract 1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from heldout.core.arrays import Bools, Doubles, Hashes, Ints
from heldout.core.errors import HeldoutError
from heldout.core.names import plural
from heldout.core.seed import Seed
from heldout.splits import forward
from heldout.splits.assign import first_by_rank, into_folds
from heldout.splits.content import mix, numbers, texts, word
from heldout.splits.plan import Fold, Plan, Samples
from heldout.splits.reason import counted, told
from heldout.splits.sizes import LEAST_OF_RAREST, PURGED, Size, choose, folds_before_counting
from heldout.splits.units import Units, make_units, salted, strata
from heldout.tasks.several import alone
from heldout.tasks.task import Task

INNER = 0.1  # of every training part stops early
FEWEST_DISTINCT = 30  # below, equal inputs are no copies but all there is
FORWARD = "too few of them to set a last stretch aside"
STEPS = 5  # validation stretches where time rules


@dataclass(frozen=True)
class _Ground:
    """What the plan stands on."""

    samples: Samples
    units: Units
    unit: str
    n: int
    rarest: int
    rare: tuple[int, ...]  # class codes that are not scored
    copies: bool  # whether equal inputs are kept together
    seed: Seed
    classes: bool  # whether the target is a class
    gap: int = 0  # moments left out before what is validated or sealed
    embargo: int = 0  # moments left out after what is validated (purged)
    purged: bool = False


def plan(
    samples: Samples,
    y: Doubles,
    task: Task,
    seed: Seed,
    *,
    seal: bool | None = None,
    protocol: str | None = None,
    gap: int = 0,
    embargo: int = 0,
    salt: str = "heldout",
) -> Plan:
    """Seal and folds of these samples; ``y`` (samples,) is codes or values, without NaN, or
    (samples, targets) where there are several: then one value stands for them (``alone``).

    ``seed`` moves the folds and never the seal. ``gap`` and ``embargo`` count moments (different
    times): see ``forward``; protocol "purged" validates stretches by both sides. Raises H263 where there is nothing to part,
    H264 where ``--seal`` cannot be had, H103 for an unknown protocol.
    """
    whole, all_of = task, y
    task, y = alone(task, y)
    ground, spread = _ground(samples, y, task, seed)
    ordered = ground.unit == "time"
    if not ordered and (gap or embargo or protocol == PURGED):
        raise _needs_time()
    ground = replace(ground, gap=gap, embargo=embargo, purged=protocol == PURGED)
    protocol = None if protocol == PURGED else protocol
    size = choose(ground.n, ground.rarest, seal=seal, protocol=protocol)
    size = _fewer_folds(size, ground, spread)
    sealed, left_out = _seal(ground, size, salt)
    open_ = ~sealed & ~left_out
    folds, more = _folds(ground, size, open_)
    unscored = (
        np.isin(strata(y, len(task.classes)), ground.rare)
        if ground.rare and not whole.parts  # a row has other labels too, which are scored
        else np.zeros(len(y), dtype=bool)
    )
    made = Plan(
        protocol=size.protocol,
        folds=folds,
        more=more,
        sealed=np.flatnonzero(sealed),
        open=np.flatnonzero(open_),
        unscored=np.flatnonzero(unscored),
        reason="",
        seed=seed.root,
        fingerprint=fingerprint(samples.content[sealed], all_of[sealed], whole)
        if sealed.any()
        else "",
        unit=ground.unit,
        units=len(np.unique(ground.units.of)) if ground.unit == "group" else len(samples),
        rarest=ground.rarest,
    )
    names = [] if whole.parts else [task.classes[code] for code in ground.rare]
    groups = _scored_groups(ground, sealed, open_)
    facts = counted(made, size, ground.n, names, groups, int(left_out.sum()), ground.copies)
    if ordered and (gap or embargo or ground.purged):
        facts |= {"gap": gap, "embargo": embargo, "purged": ground.purged}
    return replace(made, numbers=facts, reason=told(made, size, facts, whole))


def fingerprint(content: Hashes, y: Doubles, task: Task) -> str:
    """Names these samples with this target in the ledger, whatever their order (64 hex digits)."""
    if task.parts:
        targets = np.zeros(len(y), dtype=np.uint64)
        for part, column in zip(task.parts, y.T, strict=True):
            targets = targets + mix(_target_hash(column, part) ^ word(part.target))
    else:
        targets = _target_hash(y, task)
    pairs = np.sort(mix(content ^ mix(targets)))
    return hashlib.sha256(pairs.astype("<u8").tobytes()).hexdigest()


def _target_hash(y: Doubles, task: Task) -> Hashes:
    if not task.is_classification:
        return numbers(y)
    labels = texts(np.array(task.classes, dtype=object))
    return np.asarray(labels[np.asarray(y, dtype=np.int64)])


def _ground(samples: Samples, y: Doubles, task: Task, seed: Seed) -> tuple[_Ground, Ints]:
    """Units, n, n+ and rare classes; beside it how many units hold each class."""
    layers = strata(y, len(task.classes) if task.is_classification else 0)
    sizes = np.bincount(samples.copy_of, minlength=1)
    distinct = int((sizes > 0).sum())
    copies = not (distinct < min(FEWEST_DISTINCT, len(samples)) or sizes.max() > len(samples) / 2)
    units = make_units(samples, layers, copies=copies)
    if samples.group is not None and 2 * len(units) < len(np.unique(samples.group)):
        copies = False  # copies would tie most groups together
        units = make_units(samples, layers, copies=copies)
    if samples.time is not None and len(np.unique(samples.time)) > 1:
        unit = "time"
    else:
        unit = "row" if samples.group is None else "group"
    if unit != "time" and len(units) < 2:
        raise HeldoutError(
            "H263",
            "there is nothing to part into training and validation",
            seen=f"{plural(len(samples), 'row')} in {plural(len(units), 'group')}",
            why="a model must be scored on rows, and groups, that it has not seen",
            do=["name another column with --group, or none"],
        )
    n = len(units) if unit == "group" else len(samples)
    if not task.is_classification:
        return _Ground(samples, units, unit, n, n, (), copies, seed, False), np.array([len(units)])
    rows = units.counts.sum(axis=0)
    spread = rows if unit == "time" else (units.counts > 0).sum(axis=0)
    per_class = spread if unit == "group" else rows
    needed = min(folds_before_counting(n), int(np.sort(spread)[-2:][0]))
    present = per_class > 0
    rare = tuple(int(c) for c in np.flatnonzero(present & (spread < needed)))
    scored = [c for c in np.flatnonzero(present) if c not in rare]
    rarest = int(per_class[scored].min()) if len(scored) > 1 else 0
    return _Ground(samples, units, unit, n, rarest, rare, copies, seed, True), spread


def _fewer_folds(size: Size, ground: _Ground, spread: Ints) -> Size:
    """Not more folds than units, nor than the second commonest class has units."""
    if size.folds == 1:
        return size
    second = int(np.sort(spread)[-2:][0])
    folds = max(2, min(size.folds, len(ground.units), second))
    if ground.unit == "time":
        words = size.words if size.sealed else FORWARD
        return replace(
            size, protocol="kfold", folds=min(size.folds, STEPS), repeats=1, at_most=1, words=words
        )
    if folds >= len(ground.units):  # leave one out: every repeat would be the same
        return replace(size, folds=folds, repeats=1, at_most=1)
    return replace(size, folds=folds)


def _seal(ground: _Ground, size: Size, salt: str) -> tuple[Bools, Bools]:
    """Masks (samples,) of the sealed and of those that belong to neither side."""
    samples, units = ground.samples, ground.units
    nobody = np.zeros(len(samples), dtype=bool)
    if not size.sealed:
        return nobody, nobody
    if ground.unit != "time":
        order = salted(units.key, salt)
        taken = first_by_rank(
            units,
            order,
            size.sealed,
            by_rows=ground.unit == "row",
            least=size.least if ground.classes else 0,
            among=units.size <= len(samples) / 3,
            leave=1,
        )
        return taken[units.of], nobody
    assert samples.time is not None
    wanted = size.sealed
    while True:
        sealed = forward.last_stretch(samples.time, wanted, leave=2)
        enough = _rarest_inside(ground, sealed) >= size.least or wanted >= 0.3 * len(samples)
        if enough or not sealed.any():
            break
        wanted = round(1.1 * wanted) + 1
    kept, _ = forward.purge(~sealed, sealed, units.of)
    kept = forward.before(kept, sealed, samples.time, ground.gap)
    return sealed, ~sealed & ~kept


def _rarest_inside(ground: _Ground, mask: Bools) -> int:
    """How many of the rarest scored class are inside; all, where the target is a number."""
    if not ground.classes:
        return LEAST_OF_RAREST
    per_class = ground.units.counts[np.unique(ground.units.of[mask])].sum(axis=0)
    scored = [c for c in range(len(per_class)) if c not in ground.rare]
    return int(per_class[scored].min())


def _folds(ground: _Ground, size: Size, open_: Bools) -> tuple[tuple[Fold, ...], tuple[Fold, ...]]:
    if ground.unit == "time":
        return _forward(ground, size, open_), ()
    units = ground.units
    among = np.zeros(len(units), dtype=bool)
    among[units.of[open_]] = True
    first: list[Fold] = []
    more: list[Fold] = []
    for repeat in range(size.at_most):
        order = salted(units.key, ground.seed.child("fold", repeat).digest().hex())
        if size.folds == 1:
            rows = int(units.size[among].sum()) if ground.unit == "row" else int(among.sum())
            wanted = max(1, round(size.validation * rows))
            by_rows = ground.unit == "row"
            valid = first_by_rank(units, order, wanted, by_rows=by_rows, among=among, leave=1)
            if not valid.any():  # each stratum has one unit: the first of all
                own = np.flatnonzero(among)
                valid[own[np.argmin(order[own])]] = True
            fold = np.where(valid, 0, np.where(among, 1, -1))
        else:
            fold = into_folds(units, order, size.folds, among)
        (more if repeat else first).extend(
            _one(ground, fold, number, repeat) for number in range(size.folds)
        )
    return tuple(first), tuple(more)


def _one(ground: _Ground, fold: Ints, number: int, repeat: int) -> Fold:
    units = ground.units
    training = (fold >= 0) & (fold != number)
    order = salted(units.key, ground.seed.child("inner", repeat, number).digest().hex())
    by_rows = ground.unit == "row"
    rows = int((units.size if by_rows else np.ones_like(units.size))[training].sum())
    inner = first_by_rank(
        units, order, max(1, round(INNER * rows)), by_rows=by_rows, among=training, leave=1
    )
    return Fold(
        number,
        repeat,
        train=np.flatnonzero((training & ~inner)[units.of]),
        inner=np.flatnonzero(inner[units.of]),
        valid=np.flatnonzero((fold == number)[units.of]),
    )


def _forward(ground: _Ground, size: Size, open_: Bools) -> tuple[Fold, ...]:
    assert ground.samples.time is not None
    rows = np.flatnonzero(open_)
    time, unit = ground.samples.time[rows], ground.units.of[rows]
    first = 1 - size.validation if size.folds == 1 else forward.FIRST
    made: list[Fold] = []
    if ground.purged:
        parts = forward.blocks(time, max(2, size.folds), ground.gap, ground.embargo)
    else:
        parts = forward.steps(time, size.folds, first)
    for earlier, later in parts:
        training, _ = forward.purge(earlier, later, unit)
        if not ground.purged:
            training = forward.before(training, later, time, ground.gap)
        if not training.any():
            continue
        inner = np.zeros(len(rows), dtype=bool)
        own = np.flatnonzero(training)
        inner[own] = forward.last_stretch(time[own], max(1, round(INNER * len(own))))
        kept, _ = forward.purge(training & ~inner, inner, unit)
        made.append(Fold(len(made), 0, rows[kept], rows[inner], rows[later]))
    if not made:
        raise HeldoutError(
            "H263",
            "there is nothing to train on before what is validated",
            seen=f"{plural(len(np.unique(time)), 'moment')}, --gap {ground.gap}",
            why="a model must be scored on rows that it has not seen",
            do=["a smaller --gap"],
        )
    return tuple(made)


def _needs_time() -> HeldoutError:
    return HeldoutError(
        "H267",
        "--gap, --embargo and --protocol purged need rows in order of time",
        seen="no column orders these rows",
        why="they leave out moments around what is validated",
        do=["name the column with --time, or --time row for the order of the file"],
    )


def _scored_groups(ground: _Ground, sealed: Bools, open_: Bools) -> int | None:
    if ground.samples.group is None:
        return None
    scored = sealed if sealed.any() else open_
    return len(np.unique(ground.samples.group[scored]))
