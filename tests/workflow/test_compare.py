"""Two runs: the same question, the same rows, and is the difference real?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import small_runs
from heldout.core.errors import HeldoutError
from heldout.workflow import compare
from heldout.workflow.kept import kept
from heldout.workflow.side_by_side import compare as told

pytestmark = pytest.mark.slow  # three whole runs


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same table run whole, again with another seed, and without its best column."""
    place = tmp_path_factory.mktemp("compare")
    data = small_runs.write(place / "table.csv", small_runs.table())
    state = place / "state"
    made = {}
    for name, more in (("whole", []), ("again", ["--seed", "1"]), ("poor", ["--drop", "a"])):
        made[name] = place / name
        arguments = ["run", data, "--target", "left", "--work", "5", "--out", made[name], *more]
        assert small_runs.call(*arguments, state=state).code == 0
    made["other"] = place / "other"
    arguments = ["run", data, "--target", "town", "--work", "3", "--out", made["other"]]
    small_runs.call(*arguments, state=state)
    return made


@pytest.mark.requirement("EVAL-15")
def test_a_poorer_run_is_told_apart(runs: dict[str, Path]) -> None:
    """Paired on the rows that both answered out of fold; positive where the first is better."""
    found = compare(str(runs["whole"]), str(runs["poor"]))
    assert found.better == "whole"
    assert found.same_data
    assert found.samples == 1200
    assert found.difference is not None
    assert found.difference > 0.05
    turned = compare(str(runs["poor"]), str(runs["whole"]))
    assert turned.difference == pytest.approx(-found.difference)
    assert turned.better == "whole"


@pytest.mark.requirement("EVAL-24")
def test_the_same_recipe_with_another_seed_is_not(runs: dict[str, Path]) -> None:
    """ "Cannot be told apart" is said when so, on screen and page."""
    found = compare(str(runs["whole"]), str(runs["again"]))
    assert found.better is None
    assert "Cannot be told apart" in repr(found)
    assert "Cannot be told apart" in found._repr_html_()


def test_screen_page_and_values(runs: dict[str, Path], tmp_path: Path) -> None:
    """79 columns of ASCII; one page; names of --json."""
    said = told(str(runs["whole"]), str(runs["poor"]), str(tmp_path / "both.html"))
    assert said.text.isascii()
    assert max(map(len, said.text.split("\n")[:-1])) <= 79
    assert "only whole: a" in said.text
    assert "<h1>whole is better</h1>" in (tmp_path / "both.html").read_text("utf-8")
    assert said.values["told_apart"] is True
    assert said.values["scores"][0]["samples"] == 1200


def test_other_questions_are_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    """Another target; a folder that is no run."""
    with pytest.raises(HeldoutError) as caught:
        compare(str(runs["whole"]), str(runs["other"]))
    assert caught.value.code == "H113"
    with pytest.raises(HeldoutError) as caught:
        compare(str(runs["whole"]), str(tmp_path))
    assert caught.value.code == "H114"


def test_what_is_kept_is_out_of_fold(runs: dict[str, Path]) -> None:
    """Every open row once, with a probability that is one; nothing where nothing was kept."""
    found = kept(runs["whole"])
    assert found is not None
    assert len(np.unique(found.rows)) == len(found.rows) == len(found.y)
    assert np.allclose(found.prediction.sum(axis=1), 1)
    assert kept(runs["whole"] / "fits") is None
