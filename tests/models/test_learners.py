"""Every learner on the shelf passes the conformance suite that strangers run on theirs."""

from __future__ import annotations

import pytest

from heldout.models.card import MODELS
from heldout.testing.models import check_model

QUICK = {"random_forest": {"trees": 50}, "extra_trees": {"trees": 50}}
NETS = {n for n in MODELS.names() if MODELS.get(n).family == "net"}


@pytest.mark.requirement("MODEL-03", "MODEL-06", "MODEL-07", "MODEL-08", "MODEL-09", "MODEL-26")
@pytest.mark.parametrize("name", [n for n in MODELS.names() if n not in NETS])
def test_learner_conforms(name: str) -> None:
    check_model(MODELS.get(name), QUICK.get(name))
