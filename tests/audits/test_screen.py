"""Very many columns: the telling ones are found by one pass, and the looks keep their time."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.out_of_fold import predicted
from heldout.audits.review import not_run, review
from heldout.audits.screen import promising
from heldout.audits.singles import singles
from heldout.audits.watch import OutOfTime
from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.primitives.block import Block
from heldout.stats.standard import of_sorted
from heldout.tables.schema import Column

RNG = np.random.default_rng(0)


def wide(columns: int = 400, rows: int = 300) -> dict[str, Array]:
    return {f"x{i}": RNG.normal(size=rows) for i in range(columns)}


@pytest.mark.parametrize("shape", ["line", "hump", "gap", "level"])
def test_a_column_that_tells_the_target_is_kept_whatever_its_shape(shape: str) -> None:
    cells = wide()
    y = (RNG.random(300) < 0.3) * 1.0
    noise = RNG.normal(size=300)
    cells["x7"] = {
        "line": y + 0.5 * noise,
        "hump": np.where(y == 1, 0.3 * noise, 3 * np.sign(noise)),
        "gap": np.where(y == 1, noise, np.nan),
        "level": np.where(y == 1, "late", "on time").astype(object),
    }[shape]
    columns = [Column(n, "category" if v.dtype == object else "number") for n, v in cells.items()]
    kept = promising(columns, cells.__getitem__, y, 20, classes=True)
    assert len(kept) == 20
    assert "x7" in {c.name for c in kept}
    assert [c.name for c in kept] == [c.name for c in columns if c in kept]


def test_the_screen_reads_numbers_and_several_targets() -> None:
    cells = wide()
    columns = [Column(n, "number") for n in cells]
    y = cells["x3"] ** 2 + 0.1 * RNG.normal(size=300)
    assert "x3" in {c.name for c in promising(columns, cells.__getitem__, y, 5)}
    both = np.stack([y, cells["x9"] * 2], axis=1)
    assert {"x3", "x9"} <= {c.name for c in promising(columns, cells.__getitem__, both, 5)}


def test_a_leak_among_many_columns_is_asked_about_and_the_rest_is_told() -> None:
    cells = wide(600)
    y = (RNG.random(300) < 0.4) * 1.0
    cells["x500"] = y + 0.01 * RNG.normal(size=300)
    look = examples.look(cells, y)
    found = review(look, "target")
    assert any(f.question and f.where == ("x500",) for f in found)
    assert len(singles(look)) == 200
    told = next(f.what for f in found if f.code == "A530")
    assert "200 most promising of 600 columns" in told
    assert not not_run(found)


def test_a_fit_of_thousands_of_columns_is_not_begun_where_it_cannot_end() -> None:
    cells = wide(3_000, 60)
    y = (RNG.random(60) < 0.4) * 1.0
    cells["x5"] = y + 0.1 * RNG.normal(size=60)
    asked: list[int] = []

    def learn(block: Block, y: Doubles, test: Block, seed: Seed) -> Doubles:
        asked.append(len(y))
        return examples.nearest(block, y, test, seed)

    look = examples.look(cells, y, learner=learn)
    short = dataclasses.replace(look, deadline=Deadline.after(0.9))
    with pytest.raises(OutOfTime):
        predicted(short, look.table.schema)
    assert not asked


def test_quantiles_of_sorted_values_are_those_of_numpy_to_the_last_bit() -> None:
    for n in (1, 2, 7, 300, 1_001):
        values = np.sort(RNG.normal(size=n))
        shares = np.r_[0.0, 1.0, RNG.random(50)]
        assert np.array_equal(of_sorted(values, shares), np.quantile(values, shares))
