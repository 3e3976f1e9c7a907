"""Every primitive on the shelf, through the suite that strangers run on theirs."""

from __future__ import annotations

import pytest

from heldout.primitives.card import PRIMITIVES
from heldout.testing.primitives import check_primitive


@pytest.mark.requirement("PREP-22")
@pytest.mark.parametrize("name", PRIMITIVES.names())
def test_primitive_conforms(name: str) -> None:
    card = PRIMITIVES.get(name)
    assert card.name == name
    check_primitive(card)
