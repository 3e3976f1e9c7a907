"""Loss and measure side by side."""

from __future__ import annotations

import pytest

from heldout.workflow.stand_in import agreement
from small_runs import Made, entries


@pytest.mark.requirement("LOSS-13")
def test_agreement_counts_pairs() -> None:
    assert agreement([1.0, 2.0], [0.9, 0.8], greater=True) == 1.0
    assert agreement([1.0, 2.0], [0.9, 0.8], greater=False) == 0.0
    assert agreement([1.0, 1.0], [0.9, 0.8], greater=True) == 0.5


@pytest.mark.requirement("LOSS-13")
def test_a_run_tells_both_for_every_candidate(telco: Made) -> None:
    """Log loss beside ROC AUC, on the same rows out of fold."""
    (told,) = entries(telco.folder, "stand_in")
    numbers = told["numbers"]
    assert (numbers["loss"], numbers["measure"]) == ("log_loss", "roc_auc")
    assert len(numbers["rows"]) >= 2
    for row in numbers["rows"]:
        assert 0.3 < row["loss"] < 0.6 and 0.75 < row["measure"] < 0.9
    assert 0 <= numbers["agreement"] <= 1
    assert ("fair" in told["decision"]) == (numbers["agreement"] >= 0.7)
