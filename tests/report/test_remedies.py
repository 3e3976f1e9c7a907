"""The section on networks that did not train well follows from the journal."""

from __future__ import annotations

import pytest
import records

from heldout.report import page
from heldout.report.remedies import remedies

ENTRY = {
    "candidate": "dense_net",
    "code": "N102",
    "check": "rate_too_high",
    "what": "the training loss rose from 0.7 to 3.1",
    "why": "each step overshoots",
    "evidence": {"learning_rate": 3.0, "roughness": 0.21},
    "learn": "docs/diagnosis.md#n102",
    "remedy": {"learning_rate": [3.0, 0.01]},
    "outcome": "kept",
    "reason": "better than dense_net by 4.2 standard errors",
    "z": 4.2,
}


@pytest.mark.requirement("DIAG-14")
def test_symptom_evidence_remedy_and_outcome_stand_in_the_report() -> None:
    record = records.record({**records.telco(), "remedy": ENTRY})
    (row,) = remedies(record)
    assert row["evidence"] == "learning_rate 3, roughness 0.21"
    assert row["remedy"] == "learning_rate 3 to 0.01"
    html = page.render(record)
    assert "What was wrong with networks, and what helped" in html
    assert "the training loss rose from 0.7 to 3.1" in html and "kept" in html
    assert "What was wrong with networks" not in page.render(records.record(records.telco()))
