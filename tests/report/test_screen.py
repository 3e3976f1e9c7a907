"""The last screen of `run` is word for word the standard where its numbers are given."""

from __future__ import annotations

import pytest
import records

from heldout.core.journal import Entry
from heldout.report import page
from heldout.report.record import RunRecord
from heldout.report.screen import last_screen

TELCO = """\
Answer    Signal: Churn can be predicted from this table, beyond chance.
Score     0.845   95 % interval 0.822 to 0.866   baseline 0.500   rows 1,409
          ROC AUC: take one Yes row and one No row; this is how often the model
          ranks the Yes higher. Chance gives 0.500 (the baseline), the best
          single column, tenure, 0.741. Measured once, on rows sealed (unseen)
          until the end. 19 times in 20 the true score is inside the interval.

In use    374 of the 1,409 sealed rows are Yes. Flagging from probability 0.50:
            flagged  301, of them 199 Yes   66 %, interval 61 to 71 %
            missed   175 of the 374 Yes     47 %, interval 42 to 52 %
            301 rows flagged by chance would hold about 80 Yes
          You gave no costs, so 0.50 is a default: --cost miss=5,alarm=1

Leaks     None found (a leak is a column that already contains the answer).
Ignored   customerID: an identifier, different in every row.
Repaired  TotalCharges: 11 blanks read as missing, the rest as numbers.
Question  Would you know `tenure`, with this value, when you predict?
Model     Gradient boosting (LightGBM) blended with logistic regression, out of
          15 candidates; 0.004 better than the best single one (0.001 to 0.007)
          on open rows, that is, those not sealed.

Report    runs/telco_churn/report.html
Bundle    runs/telco_churn/telco_churn.heldout   1.9 MB; compared with training
          on 15,634 rows: the same answers to 15 digits
Time      58.4 s of 60 s.   Seed 0.   Seal opened: once.
Next      heldout serve runs/telco_churn"""


def block(steps: records.Steps, label: str) -> str:
    """One labelled paragraph of the screen."""
    lines, on = [], False
    for line in last_screen(records.record(steps)).split("\n"):
        if line[:10].strip():
            on = line.startswith(label)
        if on:
            lines.append(line)
    return "\n".join(lines).strip()


def test_the_whole_screen_of_a_sealed_binary_run() -> None:
    """Only the models' titles are those of the cards."""
    assert last_screen(records.record(records.telco())) == TELCO


def test_too_few_rows_to_seal() -> None:
    """The number says that it is cross-validated and corrected for choosing."""
    assert block(records.small(), "Score") == (
        "Score     0.831   95 % interval 0.783 to 0.872   baseline 0.500   rows 690\n"
        "          ROC AUC: take one Yes row and one No row; this is how often the model\n"
        "          ranks the Yes higher. Chance gives 0.500 (the baseline), the best\n"
        "          single column, tenure, 0.741. Cross-validated, not sealed: 690 rows\n"
        "          are too few to set some aside. Already lowered for having picked the\n"
        "          best of 12 candidates."
    )
    assert "Seal opened" not in block(records.small(), "Time")


def test_a_number_as_target() -> None:
    """Money has no decimals, and the baseline is told in its unit."""
    shown = block(records.prices(), "Score")
    assert shown.startswith(
        "Score     412   95 % interval 398 to 427   baseline 938   rows 4,000\n"
    )
    assert "Mean absolute error: how far off an answer is, on average. Always\n" in shown
    assert "answering the median would be off by 938" in shown


def test_three_classes_and_the_users_word_for_a_row() -> None:
    """`row` becomes the user's word once the specification names it (rule 6)."""
    first = block(records.classes(), "Score").split("\n")[0]
    assert first.endswith("baseline 1.098   plants 1,409")


def test_a_leak_that_was_set_aside() -> None:
    """Evidence, both scores, and the option that overrules it."""
    assert block(records.leak(), "Leaks") == (
        "Leaks     SET ASIDE `boat`: filled for 477 of the 500 Yes, 9 of the 809 No. It\n"
        "          seems to be written after the outcome. Score on open rows: 0.991 with\n"
        "          it, 0.859 without. If you know it beforehand: --keep boat"
    )


def test_no_signal_says_what_would_have_been_found() -> None:
    """The smallest gain that these rows would have shown, and where to look next."""
    steps = records.nothing()
    assert block(steps, "Answer") == (
        "Answer    No signal: no model beat the baseline by more than chance."
    )
    assert block(steps, "Score").endswith(
        "A true gain of 0.026 would have been found 4 times in 5."
    )
    assert "heldout inspect telco_churn.csv" in block(steps, "Next")
    assert not block(steps, "In use")


def test_every_opening_of_the_seal_is_said() -> None:
    """Each look makes the number a little too good."""
    assert block(records.again(), "Time") == (
        "Time      58.4 s of 60 s.   Seed 0.   Seal opened: 3 times, before by churn and\n"
        "          churn-2. Each look makes this number a little too good."
    )


def test_an_interrupted_run_keeps_the_seal_shut() -> None:
    """The cross-validated score, and the command that goes on."""
    steps = records.interrupted()
    assert "the seal\n          is shut" in block(steps, "Score")
    assert block(steps, "Next").endswith("heldout run telco_churn.csv --target Churn --budget 60s")


@pytest.mark.parametrize("name", records.ALL)
def test_ascii_79_columns_and_no_praise(name: str) -> None:
    """Rules 4 and 8."""
    text = last_screen(records.record(records.ALL[name]()))
    assert text.isascii()
    assert max(map(len, text.split("\n"))) <= 79
    assert "!" not in text
    assert "None " not in text.replace("None found", "").replace("None kept", "")


@pytest.mark.parametrize("name", records.ALL)
def test_any_prefix_of_a_journal_has_a_screen(name: str) -> None:
    """Any step may be missing."""
    steps = records.ALL[name]()
    for n in range(len(steps) + 1):
        record = records.record(dict(list(steps.items())[:n]))
        assert last_screen(record).startswith("Answer")


def test_names_cannot_command_a_terminal() -> None:
    """Control characters in a column's name are shown, not sent."""
    steps = records.telco()
    steps["define"]["task"]["target"] = "a\x1b[2Jb"
    assert "\x1b" not in last_screen(RunRecord(records.record(steps).entries), ascii_only=False)


def test_names_with_blanks_are_quoted_in_commands() -> None:
    """A printed command works when pasted (rule 5)."""
    steps = records.leak()
    steps["audit"]["set_aside"][0] |= {"column": "life boat", "reason": ""}
    assert block(steps, "Leaks").endswith("--keep 'life boat'")
    text = last_screen(records.record(steps, "my runs/a"))
    assert text.endswith("Next      heldout serve 'my runs/a'")


def test_costs_that_were_given_are_named() -> None:
    """Without costs the threshold is a default and says so."""
    steps = records.telco()
    steps["define"]["task"]["cost"] = {"miss": 5.0, "alarm": 1.0}
    steps["operating"]["threshold"] = 1 / 6
    assert block(steps, "In use").endswith(
        "0.17 is the cheapest threshold for --cost miss=5,alarm=1."
    )


def test_a_member_that_left_is_not_named_in_use() -> None:
    """Chosen, but not in the bundle: the page says why, the screen does not boast of it."""
    made = records.record(records.telco())
    left = Entry("refit", "logistic_1 leaves the ensemble", "it could not be refitted in time")
    made = RunRecord((*made.entries, left), made.folder)
    assert "logistic" not in last_screen(made)
    assert "logistic_1 was chosen, but left" in page.render(made)


def test_columns_that_leak_together_are_told_together() -> None:
    """Their names stand once."""
    steps = records.leak()
    steps["audit"]["set_aside"] = [
        {
            "column": name, "code": "P", "score_with": 0.991, "score_without": 0.859,
            "reason": "`a` and `b` add up to the target",
        }
        for name in ("a", "b")
    ]  # fmt: skip
    text = block(steps, "Leaks").replace("\n          ", " ")
    assert text.startswith("Leaks     SET ASIDE `a` and `b`: add up to the target. Score on")
    assert text.endswith("0.991 with them, 0.859 without. If you know them beforehand: --keep a,b")


def test_a_class_called_1_is_told_with_its_column() -> None:
    """ "take one 1 row" says nothing."""
    steps = records.telco()
    steps["define"]["task"] |= {"classes": ["0", "1"], "positive": "1", "target": "left"}
    shown = last_screen(records.record(steps))
    assert "take one left=1 row and one left=0" in shown
    assert "374 of the 1,409 sealed rows are left=1." in shown
