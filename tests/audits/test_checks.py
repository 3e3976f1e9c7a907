"""Every check of the shelf, by the conformance suite; plus what only ours must hold."""

from __future__ import annotations

import pytest

from heldout.audits.finding import CHECKS
from heldout.testing.audits import check_check


@pytest.mark.requirement("DATA-07", "DATA-08")
@pytest.mark.parametrize("name", CHECKS.names())
def test_every_check_keeps_the_rules_of_the_shelf(name: str) -> None:
    """It finds its example and is silent on clean data."""
    check_check(CHECKS.get(name))


def test_codes_are_different() -> None:
    """A code names one check."""
    codes = [card.code for card in CHECKS.all()]
    assert len(set(codes)) == len(codes)
