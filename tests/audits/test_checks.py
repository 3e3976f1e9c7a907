"""Every check of the shelf, by the conformance suite; plus what only ours must hold."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.finding import CHECKS, CheckCard, Finding
from heldout.audits.review import review
from heldout.audits.tidy import tidy
from heldout.testing.audits import LARGE, check_check


@pytest.mark.requirement("DATA-07", "DATA-08")
@pytest.mark.parametrize("name", CHECKS.names())
def test_every_check_keeps_the_rules_of_the_shelf(name: str) -> None:
    """It finds its example and is silent on clean data."""
    check_check(CHECKS.get(name))


@pytest.mark.requirement("DATA-06", "DATA-07", "DATA-14")
def test_half_a_million_rows_cost_little_and_raise_nothing() -> None:
    """Every check of the structure on a clean table of 500,000 rows, in bounded time."""
    look = examples.without_target(examples.mixed(LARGE))
    started = process_time()
    found = review(look, "structure")
    assert [f for f in found if f.check != "review" and not card_of(f).informs] == []
    assert process_time() - started < 20


def card_of(finding: Finding) -> CheckCard:
    """The card of the check that made a finding."""
    return CHECKS.get(finding.check)


def test_what_does_not_apply_is_said_with_its_reason() -> None:
    """No date, no production: named, not left out without a word."""
    found = review(examples.without_target(examples.clean(300)), "structure")
    (said,) = [f for f in found if f.code == "A001"]
    assert said.evidence["checks"]["placeholder_dates"] == "no date column"
    assert "constant" in said.evidence["silent"]


def test_one_finding_for_many_columns() -> None:
    """Three skewed columns are one line; questions and blocks stay alone."""
    rng = np.random.default_rng(0)
    look = examples.look({f"x{i}": np.exp(2 * rng.normal(size=400)) for i in range(5)})
    (found,) = [f for f in tidy(review(look, "structure")) if f.code == "A402"]
    assert found.where == ("x0", "x1", "x2", "x3", "x4")
    assert "2 columns more" in found.what


def test_there_is_a_shelf_of_questions() -> None:
    """At least 45 of them."""
    assert len(CHECKS.names()) >= 45


def test_codes_are_different() -> None:
    """A code names one check."""
    codes = [card.code for card in CHECKS.all()]
    assert len(set(codes)) == len(codes)
