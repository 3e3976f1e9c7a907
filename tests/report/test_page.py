"""The page: one file, escaped, readable by everybody, true to the journal."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import records

from heldout.core.journal import Entry
from heldout.report import answer, card, page
from heldout.report.record import Operating, RunRecord

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Tags, attributes and whether they close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every such tag."""
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("name", records.ALL)
def test_a_page_is_whole_and_accessible(name: str) -> None:
    """lang, skip link, headings in order, table heads marked, pictures named, ids once."""
    text = page.render(records.record(records.ALL[name]()))
    read = Reader(text)
    assert not read.open
    assert read.all("html")[0]["lang"] == "en"
    assert read.all("a")[0]["class"] == "skip"
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert all(th.get("scope") in ("row", "col") for th in read.all("th"))
    assert all("role" in svg or svg.get("aria-hidden") for svg in read.all("svg"))
    ids = [str(a["id"]) for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for attrs in (a for _, a in read.tags):
        for target in str(attrs.get("aria-labelledby") or "").split():
            assert target in ids
    assert "None" not in re.sub(r"None found|None kept|None of this", "", text.split("</style>")[1])


@pytest.mark.parametrize("name", records.ALL)
def test_no_request_can_leave_the_page(name: str) -> None:
    """No address in it, and a policy that forbids requests and unknown scripts."""
    text = page.render(records.record(records.ALL[name]()))
    read = Reader(text)
    assert not [a for _, a in read.tags if {"src", "srcset", "data", "action"} & set(a)]
    assert all(str(a["href"]).startswith("#") for a in read.all("a"))
    assert "http" not in text.replace("http-equiv", "")
    assert "url(#" in text or "url(" not in text
    policy = next(
        str(m["content"])
        for m in read.all("meta")
        if "content" in m and "default" in str(m["content"])
    )
    assert policy.startswith("default-src 'none'")


def test_cells_and_names_are_escaped() -> None:
    """A cell is text, whatever it holds (contract 18)."""
    steps = records.leak()
    steps["define"]["task"]["target"] = "<script>alert(1)</script>"
    steps["audit"]["set_aside"][0]["reason"] = "`<img src=x>` is filled"
    text = page.render(records.record(steps))
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;b&gt;7,001&lt;/b&gt;" in text
    assert "<code>&lt;img src=x&gt;</code>" in text
    assert "<script>" not in card.text(records.record(steps))


def test_the_title_is_that_of_the_standard() -> None:
    """Seen in tabs and mail."""
    assert answer.page_title(records.record(records.telco())) == (
        "Churn: 0.845 (0.822 to 0.866), baseline 0.500"
    )


@pytest.mark.requirement("DEPLOY-02")
def test_the_answer_in_the_words_of_the_business() -> None:
    """Counts per 1,000, with what chance would catch, never a bare accuracy."""
    assert answer.business(records.record(records.telco())) == (
        "Of every 1,000 rows like these, about 265 are Yes. The model flags 214 of the 1,000; 141 "
        "of these are Yes (66 %, interval 61 to 71 %). It misses 124. Flagging 214 by chance would "
        "catch about 57."
    )


@pytest.mark.requirement("DEPLOY-02", "X-012")
def test_the_fraud_example_per_day() -> None:
    """280 frauds among 8,280 a day: 466 flagged, 266 caught, 14 missed."""
    point = Operating(0.5, 466, 266, 14, 280, 8280, None, None)
    day = answer.volume(point, 8280)
    assert (day.flagged, day.right, day.missed, day.false, day.rest) == (466, 266, 14, 200, 7800)
    thousand = answer.volume(point)
    assert thousand.size == 1000
    assert thousand.flagged + thousand.missed + thousand.rest == 1000
    assert (thousand.flagged, thousand.right, thousand.missed) == (56, 32, 2)


def test_rare_positives_are_told_per_more_rows() -> None:
    """Of every 1,000 none would be found: the volume grows."""
    point = Operating(0.5, 30, 20, 10, 30, 100_000, None, None)
    assert answer.volume(point).size == 100_000


@pytest.mark.requirement("DEPLOY-01")
def test_failures_are_shown_first_the_most_confident() -> None:
    """Rows of people only where the page says so."""
    text = page.render(records.record(records.telco()))
    assert "contains rows from your data" in text
    assert "row 4,711</strong>: truly Yes; the model gave Yes a probability of 3.0 %." in text


def test_no_rows_leaves_them_out() -> None:
    """--no-rows: no failure is journaled, and the page says why none is shown."""
    steps = records.telco()
    del steps["failures"]
    text = page.render(records.record(steps))
    assert "contains rows from your data" not in text
    assert "Month-to-month" not in text
    assert "--no-rows" in text


def test_a_leak_opens_the_page() -> None:
    """The banner stands before the heading, with both scores and how to overrule."""
    text = page.render(records.record(records.leak()))
    assert text.index("SET ASIDE") < text.index("<h1")
    assert "With it the score on open rows would be 0.991, without it 0.859" in text
    assert "--keep boat" in text


def test_no_signal_does_not_say_impossible() -> None:
    """Not "cannot be predicted": that was not shown."""
    text = page.render(records.record(records.nothing()))
    assert "No signal found for Churn in this table" in text
    assert "A true gain of 0.026" in text


def test_any_prefix_of_a_journal_has_a_page() -> None:
    """An interrupted run still renders with what is there."""
    steps = list(records.telco().items())
    for n in range(len(steps) + 1):
        entries = [Entry(step, "decided", "", numbers) for step, numbers in steps[:n]]
        assert "</html>" in page.render(RunRecord(tuple(entries)))


def test_the_page_is_a_function_of_the_journal(tmp_path: Path) -> None:
    """Written twice it has the same bytes; the card lies beside it (contract 2)."""
    folder = records.write(records.telco(), tmp_path / "runs" / "telco_churn")
    first = page.write(folder).read_bytes()
    assert page.write(folder).read_bytes() == first
    told = (folder / "card.md").read_text(encoding="utf-8")
    assert told.startswith("# Model card: Churn\n")
    assert "ROC AUC: 0.845; 95 % interval 0.822 to 0.866; baseline 0.500; rows 1,409" in told
    assert "4711" not in told
    assert "fits: 3 done" in first.decode().lower()
