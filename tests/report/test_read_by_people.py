"""What reading real reports brought to light: each sentence that was wrong, clumsy or missing."""

from __future__ import annotations

import re

import pytest
import records

from heldout.core.journal import Entry
from heldout.report import answer, card, page, screen, sections, tried
from heldout.report.record import RunRecord


def plain(text: str) -> str:
    """The page's words."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("</style>")[1]).split())


def test_a_long_word_for_a_row_never_reads_as_part_of_the_baseline() -> None:
    """Two blanks at least stand between the parts of the score."""
    steps = records.telco()
    steps["define"]["task"]["unit"] = "customer"
    said = screen.last_screen(records.record(steps)).splitlines()[1]
    assert said == "Score     0.845  95 % interval 0.822 to 0.866  baseline 0.500  customers 1,409"
    assert len(said) <= 79
    steps["define"]["task"]["unit"] = "encounter of a patient"
    said = screen.last_screen(records.record(steps)).splitlines()
    assert said[2].split() == ["encounter", "of", "a", "patients", "1,409"]


@pytest.mark.requirement("DEPLOY-02")
def test_several_classes_are_told_in_the_words_of_the_business() -> None:
    """How many of 1,000 are right, beside always saying the commonest; not a bare log loss."""
    steps = records.classes()
    steps["operating"] = {
        "confusion": [[60, 0, 0], [10, 20, 0], [0, 0, 10]], "classes": ["a", "b", "c"], "samples": 100,
        "sealed": True,
    }  # fmt: skip
    told = answer.business(records.record(steps))
    assert told == (
        "Of every 1,000 plants like these, the model says the right species for 900 (90 %, interval "
        "83 to 94 %); always saying a, the commonest, would be right for 600. It finds b least: "
        "67 % of them."
    )
    steps["plan"]["unit"] = "group"  # plants of one group are alike: Wilson's interval would lie
    assert "interval" not in answer.business(records.record(steps))
    steps["operating"]["confusion"] = [[60, 0, 0], [0, 30, 0], [0, 0, 10]]
    assert "least" not in answer.business(records.record(steps))


def test_all_candidates_count_and_a_gain_that_may_be_chance_says_so() -> None:
    """Twenty were tried, though nine had every fold; a gain whose interval holds 0 is no gain."""
    steps = records.telco()
    steps["leaderboard"]["rows"] += [
        {"rank": 4 + i, "name": f"draw_{i}", "model": "logistic", "score": 0.8, "complete": False}
        for i in range(17)
    ]
    steps["ensemble"] |= {"tried": 9, "gain_low": -0.002}
    told = answer.model_line(records.record(steps))
    assert "out of 20 candidates, 9 of them on all folds" in told
    assert told.endswith(
        "(-0.002 to 0.007) on open rows, that is, those not sealed, which may be chance."
    )


def test_a_member_that_came_back_is_named() -> None:
    """It left, nothing else could be refitted, so it was chosen again: the model has a name."""
    record = records.record(records.telco())
    chosen = {"members": [{"name": "logistic_1", "weight": 1.0}], "tried": 1}
    again = (
        Entry("refit", "logistic_1 leaves the ensemble", "did not end at its deadline", {}),
        Entry("ensemble", "logistic_1", "the only one that could be refitted in time", chosen),
    )
    assert "Logistic regression" not in answer.model_line(
        RunRecord((*record.entries, again[0]), record.folder)
    )
    told = RunRecord((*record.entries, *again), record.folder)
    assert answer.model_line(told).startswith("Logistic regression, out of")
    assert not told.lost


def test_time_that_was_found_counts_as_time() -> None:
    """Nobody named it, yet the latest rows are scored: the page must not say otherwise."""
    steps = records.prices()
    steps["plan"]["unit"] = "time"
    record = records.record(steps)
    told = " ".join(sections.not_shown(record))
    assert "Scored on the latest rows" in told
    assert "no dates" not in told
    assert "fitted on what came before it" in page.render(record)


def test_one_split_is_no_fold_of_one_part() -> None:
    """`One of the 1 parts` was nonsense."""
    steps = records.telco()
    steps["plan"]["folds"] = 1
    assert "1 parts" not in page.render(records.record(steps))


def test_cells_are_shown_as_people_wrote_them() -> None:
    """Booleans in their column's words, dates without a midnight, gaps as missing."""
    steps = records.telco()
    steps["read"]["columns"] += [
        records.column("Partner", "boolean") | {"levels": ["No", "Yes"]},
        records.column("since", "date"),
    ]
    record = records.record(steps)
    assert [record.cell("Partner", v) for v in (0, 1.0, "1", True, None)] == [
        "No", "Yes", "Yes", "Yes", "missing",
    ]  # fmt: skip
    assert record.cell("since", "2012-03-23 00:00:00") == "2012-03-23"
    assert record.cell("since", "2012-03-23 07:30:00") == "2012-03-23 07:30:00"
    assert record.cell("unknown", 1234.5) == "1,234.5"


def test_decisions_speak_as_the_rest_of_the_page() -> None:
    """Names of null models in words, the gain with its interval, parity with its rows."""
    record = records.record(records.telco())
    told = {d["label"]: (d["decision"], d["reason"]) for d in tried.tried(record)["decisions"]}
    assert (
        told["Baseline"][0] == "Always answering with the rates of the classes: 0.500, on open rows"
    )
    assert "gain over the baseline 0.346, 95 % interval 0.335 to 0.357" in told["Signal or not"][1]
    assert "compared with training on 15,634 rows" in told["Same numbers anywhere"][1]


@pytest.mark.requirement("EVAL-12")
def test_looks_are_paid_in_the_digits_of_the_score() -> None:
    """What choosing cost is the correction that was taken off, not the luck of one repeat."""
    steps = records.decided()
    steps["crossval"] |= {"naive": 0.8474, "correction": -0.0014, "resamples": 200}
    told = answer.looks_words(records.record(steps))
    assert told == (
        "Choosing the best by these looks has flattered it by about 0.001, measured by choosing again "
        "on 200 resamples; the cross-validated score has paid for it. The sealed customers, which no "
        "choice saw, gave 0.845."
    )
    steps["crossval"]["correction"] = 0.0
    assert "flattered it by less than 0.001" in answer.looks_words(records.record(steps))


def test_without_a_signal_no_model_is_praised() -> None:
    """The bundle answers with the baseline: card and page name no model in use."""
    record = records.record(records.nothing())
    assert "None kept: the bundle answers with the baseline." in card.text(record)
    assert "blended" not in card.text(record)
    told = plain(page.render(record))
    assert "words used here: importance" not in told
    assert "No model was kept, so nothing drives it." in told
    steps = records.nothing()
    steps["start"]["source"] = "frame"
    said = screen.last_screen(records.record(steps))
    assert said.endswith("heldout.inspect(frame, target='Churn')")


def test_a_question_has_the_reason_of_the_check_that_asks() -> None:
    """Why it counts differs: an order in time is no value written after the outcome."""
    steps = records.telco()
    steps["audit"]["findings"].append(
        {
            "code": "A501", "check": "time_found", "severity": "warn", "where": ["day"],
            "what": "rows are in order of `day`", "why": "neighbors share more than their columns say",
            "did": "", "advice": "name it: --time day", "overrule": "", "evidence": {},
            "question": "Will you predict for later rows?",
        }
    )  # fmt: skip
    facts = {
        f.text: f.more for f in sections.believe(records.record(steps)) if f.label == "asks you"
    }
    assert facts["Will you predict for later rows?"].startswith(
        "Rows are in order of `day`. Neighbors"
    )
    assert "written" in facts["Would you know `tenure`, with this value, when you predict?"]


def test_the_score_of_the_page_has_its_baseline_beside_it() -> None:
    """Rule 1 of the screens: value, interval, baseline, rows."""
    told = plain(page.render(records.record(records.telco())))
    assert "0.845 ROC AUC interval 0.822 to 0.866 baseline 0.500 1,409 rows" in told


def test_what_is_planned_or_unknown_is_not_called_an_assumption() -> None:
    """Three kinds of sentences, three words."""
    steps = records.decided()
    steps["assumptions"]["assumptions"] = [
        {"question": "a", "text": "The future behaves like the past."},
        {"question": "b", "text": "How far two people would agree is not known."},
        {"question": "rhythm", "text": "Collect and label new rows each quarter."},
    ]
    told = sections.limits(records.record(steps))
    assert "Assumed: The future behaves like the past." in told
    assert "Not said: How far two people would agree is not known." in told
    assert "Planned: Collect and label new rows each quarter." in told


def foretold(series: int = 1) -> records.Steps:
    """A forecast of six months."""
    steps = records.prices()
    steps["define"]["task"] |= {"kind": "forecast", "target": "Passengers", "horizon": 6}
    months = [-315619200000000.0 + i * 2678400000000.0 for i in range(6)]
    steps["forecast"] = {
        "truth": [[417.0, 391.0, 419.0, 461.0, None, 535.0]] * series,
        "predicted": [[423.0, 402.0, 468.0, 454.0, 479.0, 533.0]] * series,
        "low": [[407.0, 368.0, 428.0, 402.0, 424.0, 472.0]] * series,
        "high": [[440.0, 435.0, 507.0, 507.0, 534.0, 594.0]] * series,
        "times": [months] * series, "series": [f"s{i}" for i in range(series)], "mase": 0.45,
    }  # fmt: skip
    for row in steps["leaderboard"]["rows"]:
        del row["rank"]
    for gone in ("importance", "failures"):
        del steps[gone]
    return steps


def test_a_forecast_is_drawn_beside_the_truth() -> None:
    """Truth, forecast and band, dated; a gap in the truth is a gap; candidates have a place."""
    record = records.record(foretold())
    told = plain(page.render(record))
    assert "The sealed stretch: s0" in told
    assert "forecast, with band, 1960-01-01" in told
    assert "407 to 440" in told
    assert "None." not in told
    assert "contains rows from your data" in told
    steps = foretold()
    steps["forecast"]["truth"] = []  # --no-rows
    told = plain(page.render(records.record(steps)))
    assert "contains rows from your data" not in told
    assert "truth," not in told
    assert "there is no column to shuffle" in told
    assert "Foretells the next 6 values of Passengers" in card.text(record)
    assert len(re.findall("The sealed stretch: s", page.render(records.record(foretold(9))))) >= 4


def test_rows_of_production_are_a_fact_of_the_first_screen() -> None:
    """What differs, or that nothing does; nothing is said where none were given."""
    steps = records.telco()
    assert not sections.in_use(records.record(steps))
    steps["start"]["command"] += " --production march.csv"
    (fact,) = sections.in_use(records.record(steps))
    assert fact.text == "The rows of --production look like these."
    steps["audit"]["findings"].append(
        {"code": "A602", "check": "production_drift", "severity": "warn", "where": ["Contract"],
         "what": "unlike production: `Contract` by 12%", "why": "a score is a promise", "did": "",
         "advice": "gather rows", "overrule": "", "evidence": {}, "question": ""}
    )  # fmt: skip
    (fact,) = sections.in_use(records.record(steps))
    assert fact.text == "unlike production: `Contract` by 12 %"


@pytest.mark.requirement("EVAL-12", "EVAL-14")
def test_the_card_has_every_section_that_the_run_can_fill() -> None:
    """Score, use, looks, causes, groups, fairness, probabilities, findings, limits; no row."""
    steps = records.decided()
    steps["crossval"] |= {"naive": 0.8474, "correction": -0.0014, "resamples": 200}
    steps["causes"] = {"words": "The rows differ: ROC AUC 0.71."}
    steps["conformal"] = {
        "level": 0.9, "size": 1.3, "single": 0.7,
        "coverage": {"value": 0.903, "low": 0.887, "high": 0.918, "samples": 1409, "sealed": True},
    }  # fmt: skip
    steps["fairness"] = {
        "columns": [
            {"column": "senior", "groups": [{"group": "0.0"}, {"group": "1.0"}],
             "words": ["Flagged: 49 % of 0.0, 77 % of 1.0"]},
            {"column": "gender", "groups": [], "words": []},
        ],
        "words": "people decide which should be equal",
    }  # fmt: skip
    steps["hypotheses"] = {
        "hypotheses": [
            {
                "name": "predictable",
                "text": "it can be predicted",
                "state": "held",
                "reason": "by 0.3",
            }
        ]
    }
    text = card.text(records.record(steps))
    heads = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert heads == [
        "Score", "Intended use", "In use", "Model", "How it was evaluated", "What drives it",
        "Where it fails", "Groups that were named", "Do the probabilities hold",
        "Limits and assumptions", "Made by",
    ]  # fmt: skip
    for words in (
        "flattered it by about 0.001", "why worse: The rows differ", "held: it can be predicted",
        "senior: Flagged: 49 % of 0, 77 % of 1", "gender: No difference between these groups is certain",
        "a set of labels that holds the true one 90 % of the time", "If a miss costs 5",
        "groups were compared with the rest by log loss", "With 400 customers a day",
    ):  # fmt: skip
        assert words in text, words
    assert "4711" not in text
    assert "7,001" not in text


def test_terminal_page_and_card_tell_the_same_numbers() -> None:
    """Value, ends, baseline and counts are the same words in all three."""
    for name in ("telco", "small", "prices", "classes"):
        record: RunRecord = records.record(records.ALL[name]())
        headline = record.headline
        assert headline is not None
        from heldout.report import words

        shown = words.digits(headline)
        for told in (screen.last_screen(record), plain(page.render(record)), card.text(record)):
            for value in (headline.value, headline.low, headline.high, headline.baseline):
                assert shown(value) in told, name
