"""The section on capacity: what it says follows from the journal alone."""

from __future__ import annotations

from typing import Any

import pytest
import records

from heldout.report import page
from heldout.report.capacity import capacity


def step(words: str, size: int, training: float, validation: float, **more: Any) -> dict[str, Any]:
    return {
        "words": words, "remedy": "", "acts_on": "", "capacity": size, "rounds": 10, "zeros": 0.0,
        "training": training, "validation": validation, "low": validation - 0.02,
        "high": validation + 0.02, "seconds": 0.2, **more,
    }  # fmt: skip


def entry(**more: Any) -> dict[str, Any]:
    """A ladder of three rungs, the second the border, with one remedy that helps."""
    steps = [
        step("5 rounds of 2 leaves", 10, 0.52, 0.53),
        step("40 rounds of 4 leaves", 160, 0.41, 0.42),
        step("160 rounds of 16 leaves", 2560, 0.2, 0.51),
    ]
    stop = step("stops at the best round", 300, 0.39, 0.421, remedy="early stopping",
                acts_on="model", gain=0.089, gain_low=0.04, gain_high=0.14, helps=True)  # fmt: skip
    ladder = {
        "card": "lightgbm", "title": "boosted trees", "unit": "leaves", "ended": "border",
        "null": {"name": "prior", "value": 0.58}, "smallest": 0, "border": 1, "held": 2,
        "steps": steps, "remedies": [stop], "together": None, "untried": ["L2 100"], "equals": 2,
        "kept": steps[1], "best": steps[1], "joins": {"name": "ladder_lightgbm"},
        "decision": "40 rounds of 4 leaves kept (160 leaves)", "reason": "",
    }  # fmt: skip
    return {"loss": "log_loss", "samples": 1127, "folds": 1, "ladders": [ladder | more]}


def told(**more: Any) -> dict[str, Any]:
    made = capacity(records.record({**records.telco(), "ladder": entry(**more)}))
    assert made is not None
    return made


@pytest.mark.requirement("REG-01", "REG-10", "MODEL-22")
def test_each_step_stands_with_its_evidence_and_the_border_is_marked() -> None:
    (one,) = told()["ladders"]
    decided = [s["decided"] for s in one["steps"]]
    assert decided[0] == "the smallest that beats the baseline"
    assert "the border" in decided[1] and "kept" in decided[1]
    assert decided[2] == "memorizes: held back below"
    assert one["says"].startswith("Validation was best at 40 rounds of 4 leaves")
    assert "border" in str(one["picture"]) and "kept" in str(one["picture"])
    assert one["steps"][1]["ends"] == "0.400 to 0.440"
    (stop,) = one["remedies"]
    assert (stop["verdict"], stop["gain"]) == ("helps", "0.089 (0.040 to 0.140)")


def test_without_a_border_the_page_says_why() -> None:
    (one,) = told(border=None, ended="time", remedies=[])["ladders"]
    assert "did not turn" in one["says"] and "time" in one["says"]


def test_a_kept_model_that_had_no_turn_is_said_to_have_had_none() -> None:
    (one,) = told(joins={"name": "ladder_dense_net"})["ladders"]
    assert one["kept"].endswith("but the budget ended before it was fitted on all folds.")


def test_where_nothing_beats_the_baseline_nothing_is_marked_as_kept() -> None:
    (one,) = told(smallest=None, joins=None, decision="no size beats the baseline")["ladders"]
    assert one["kept"] == "no size beats the baseline"
    assert ">kept<" not in str(one["picture"])


def test_the_page_has_the_section_only_where_a_ladder_was_climbed() -> None:
    text = page.render(records.record({**records.telco(), "ladder": entry()}))
    assert 'id="capacity"' in text and 'href="#capacity"' in text
    assert "No time for: L2 100." in text
    assert 'id="capacity"' not in page.render(records.record(records.telco()))
