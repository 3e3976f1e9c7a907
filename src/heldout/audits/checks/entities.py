"""G: rows that come from one thing or person, found by an identifier or by repeated values.

What is certain chooses the protocol: whole groups validate and are sealed. What is not is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.applies import every, learner
from heldout.audits.choice import choose, chosen, may
from heldout.audits.dependence import fitted, fitted_if_alike, part, sample_of, serial, within
from heldout.audits.entities import Entity, entities
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import bare, goal
from heldout.audits.shallow import as_numbers
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles, Ints
from heldout.core.names import count

ALIKE, Z = 0.1, 5.0  # correlation inside groups of what the columns leave unexplained
SURE, NEIGHBORS = 0.15, 0.1  # where nothing is lost: alike within, and not with the next value
LOST = 0.03  # skill that a model loses when whole groups are new to it
FEW_ROWS = 10  # of an identifier on average: then it names a thing, not a sort of thing
FINEST, LIKE = (
    1000.0,
    0.2,
)  # as many equal pairs as by chance; correlation of the targets themselves
MOST = 4  # candidates that are fitted


def run(look: Look) -> Iterator[Finding]:
    """An identifier that repeats decides; repeated values must also share what nothing explains,
    and cost skill when whole groups are new."""
    if look.task is None or look.task.group:
        return
    in_time = bool(look.task.time) or "time" in chosen(look)
    fits = 0
    for entity in entities(look.table):
        watch(look)
        if entity.how == "named" and entity.size <= FEW_ROWS:
            yield _found(look, entity, {})
            return
        if fits >= MOST or in_time:  # later rows validate: repeated values tell nothing more
            return
        fits += 1
        evidence = _evidence(look, entity)
        if evidence is None:
            alike = _like_targets(look, entity)
            if alike is not None:
                yield _told(entity, *alike)
            continue
        if entity.how in ("fine", "even", "together"):
            yield _found(look, entity, evidence)
            return
        yield _asked(entity, evidence)


def _evidence(look: Look, entity: Entity) -> dict[str, float] | None:
    """How alike the rows of a group are, if they are; on whole groups of some thousand rows."""
    rows = sample_of(look, entity.of)
    own, of = part(look, rows), entity.of[rows]
    if len(rows) < 100 or len(np.unique(of)) < 10:
        return None
    apart = fitted_if_alike(own, of, "groups", ALIKE)
    if apart is None:
        return None
    rho, z = within(apart.left, of)
    if rho <= ALIKE or z <= Z:
        return None
    mixed = fitted(own, None, "rows")
    lost, z_lost = mixed.skill - apart.skill, _paired(apart.losses - mixed.losses, of)
    if not (lost > LOST and z_lost > Z) and not (
        rho > SURE and _own(look, entity, rows, apart.left)
    ):
        return None
    effect = 1 + (len(of) / len(np.unique(of)) - 1) * rho
    return {
        "alike": rho,
        "z": z,
        "skill_rows": mixed.skill,
        "skill_groups": apart.skill,
        "design_effect": effect,
    }


def _like_targets(look: Look, entity: Entity) -> tuple[float, float] | None:
    """Correlation of the target itself within a fine value, and its z, where it is like nothing
    near: other columns may say what the rows share, but what repeats so finely names something."""
    if entity.how != "fine" or entity.times < FINEST:
        return None
    rows = sample_of(look, entity.of)
    aim = goal(bare(part(look, rows)))
    raw = np.eye(aim.classes)[aim.y.astype(np.int64)] if aim.classes else aim.y[:, None]
    raw = raw - raw.mean(axis=0)
    rho, z = within(raw, entity.of[rows])
    if rho <= LIKE or z <= Z or not _own(look, entity, rows, raw):
        return None
    return rho, z


def _own(look: Look, entity: Entity, rows: Ints, left: Doubles) -> bool:
    """Whether a value is alike within itself and unlike its neighbors: the mark of a name. Rows
    that a smooth column makes alike are like those of the next value too."""
    if entity.how not in ("fine", "even"):
        return False
    values = as_numbers(values_of(look, entity.columns[0]), look.table.schema[entity.columns[0]])
    x = values[rows]
    known = np.flatnonzero(~np.isnan(x))
    _, place, counts = np.unique(x[known], return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(place, c) / counts for c in left[known].T], axis=1)
    means = means[(counts > 1) & (counts <= FEW_ROWS)]
    if len(means) < 50:
        return False
    return serial(means - means.mean(axis=0))[0] < NEIGHBORS


def _paired(gain: Doubles, of: Ints) -> float:
    """z of a mean gain, the sum of a group counting as one draw."""
    sums = np.bincount(np.unique(of, return_inverse=True)[1], gain)
    spread = float(sums.std() * np.sqrt(len(sums)))
    return float(sums.sum()) / spread if spread > 0 else 0.0


def _found(look: Look, entity: Entity, evidence: dict[str, float]) -> Finding:
    acts = may(look, "group")
    if acts:
        choose(look, "group", entity.columns)
    names = _listed(entity.columns)
    told = f"{names}: {count(entity.groups)} different in {count(len(entity.of))} rows"
    if evidence:
        told += (
            f"; rows that share it are alike beyond what the columns say (correlation "
            f"{evidence['alike']:.2f}), and a model explains {evidence['skill_rows']:.0%} where it "
            f"knows others of the group, {evidence['skill_groups']:.0%} where it does not"
        )
    return Finding(
        "A502",
        "entities",
        "warn",
        told,
        entity.columns,
        {"groups": entity.groups, "share": entity.share, "sort": entity.how, **evidence},
        "rows of one thing or person in training and in validation make the score that of a reunion",
        "rows that share it are kept on one side" if acts else "nothing, as was said",
        "if you will predict for the same ones again, say --group none",
        "--group none",
        f"Does {names} name the thing or person that a row comes from, and will you predict for "
        "new ones?",
    )


def _asked(entity: Entity, evidence: dict[str, float]) -> Finding:
    names = _listed(entity.columns)
    return Finding(
        "A502",
        "entities",
        "warn",
        f"{names}: rows that share it are alike (correlation {evidence['alike']:.2f}); a model "
        f"explains {evidence['skill_rows']:.0%}, of values it has not met {evidence['skill_groups']:.0%}",
        entity.columns,
        {"groups": entity.groups, "share": entity.share, "sort": entity.how, **evidence},
        "the score holds for values that were met in training; for new ones it would be lower",
        "nothing: rows are told apart as they are",
        f"if new values will come, --group {','.join(entity.columns)}",
        f"--group {','.join(entity.columns)}",
        f"Will you predict for values of {names} that are not in this table?",
    )


def _told(entity: Entity, rho: float, z: float) -> Finding:
    names = _listed(entity.columns)
    return Finding(
        "A502",
        "entities",
        "note",
        f"{names}: {count(entity.groups)} different in {count(len(entity.of))} rows, too fine to be "
        f"equal by chance, and the targets of equal ones are alike (correlation {rho:.2f})",
        entity.columns,
        {"groups": entity.groups, "share": entity.share, "sort": entity.how, "alike": rho, "z": z},
        "rows of one thing or person in training and in validation make the score that of a reunion",
        "nothing: a model loses nothing where whole groups are new",
        f"if it tells things or persons apart, --group {','.join(entity.columns)}",
        f"--group {','.join(entity.columns)}",
        f"Does {names} name the thing or person that a row comes from?",
    )


def _listed(columns: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{c}`" for c in columns[:4])
    return shown + (f" and {len(columns) - 4} more together" if len(columns) > 4 else "")


def example() -> Look:
    """A hundred and fifty people, six rows each; their height tells them apart."""
    rng = np.random.default_rng(0)
    person = rng.permutation(np.repeat(np.arange(150), 6))
    columns = examples.noise(900, 1)
    for name in ("height", "weight", "waist"):
        columns[name] = rng.normal(size=150)[person]
    own = rng.normal(size=150)[person]
    return examples.look(columns, 3 * own + rng.normal(size=900), learner=examples.nearest)


CARD = CheckCard(
    code="A502",
    question="Do several rows come from one thing or person?",
    reads="protocol",
    run=run,
    example=example,
    severity="warn",
    rule="an identifier by name whose values repeat, ten rows each at most; or values that repeat far "
    "beyond chance, whose rows correlate above 0.1 (z 5) in what a model leaves, and a model "
    "loses more than 0.03 of skill on new groups, or they correlate above 0.15 and not with the "
    "next value",
    false_alarms=0.01,
    does="whole groups validate and are sealed; levels that new rows may lack are asked about, and values "
    "too fine to repeat whose targets are alike",
    applies=every(learner),
)
