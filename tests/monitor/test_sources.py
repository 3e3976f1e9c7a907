"""Tables and prediction logs against a bundle on disk."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.bundle import Bundle, load
from heldout.bundle.write import write
from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.monitor import page, told
from heldout.monitor.log import is_log, watch_log
from heldout.monitor.table import watch_table
from heldout.serve.log import Entry, PredictionLog
from heldout.tables.schema import NULL, NULL_DATE
from small_bundles import BINARY, SCHEMA, content, table

VERDICT = {"metric": "roc_auc", "value": 0.75, "low": 0.7, "high": 0.8, "level": 0.95, "n": 400}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A binary bundle with a verdict and a baseline."""
    path = tmp_path_factory.mktemp("watched") / "churn.heldout"
    write(path, content(BINARY, verdict=VERDICT, baseline={"name": "prior", "value": 0.5}))
    return load(path)


def frame(rows: int = 400) -> pl.DataFrame:
    """The training rows as a person would deliver them."""
    c = table(rows)
    return pl.DataFrame(
        {
            "age": [None if np.isnan(v) else float(v) for v in c["age"]],
            "plan": [None if v == NULL else str(v) for v in c["plan"]],
            "member": ["yes" if v else "no" for v in c["member"]],
            "since": [
                None if v == NULL_DATE else str(np.datetime64(int(v), "us").astype("datetime64[D]"))
                for v in c["since"]
            ],
            "customer": [f"c{i}" for i in range(rows)],
        }
    )


def truth(bundle: Bundle, rows: int = 400) -> list[str]:
    """Answers drawn with the probabilities that the model gives."""
    p = bundle.run(table(rows))["probability"][:, 1]
    return ["yes" if u < q else "no" for u, q in zip(Seed(5).rng().random(rows), p, strict=True)]


def test_the_training_rows_are_calm(bundle: Bundle, tmp_path: Path) -> None:
    """Neither the target nor an ignored column is called new."""
    report = watch_table(bundle, frame().with_columns(left=pl.Series(truth(bundle))))
    assert report.alarms == ()
    assert (report.rows, report.trained, report.refused) == (400, 400, 0)
    assert report.labeled is not None
    assert report.labeled.score.samples == 400
    html = page.write(report, tmp_path / "watch.html")
    assert "Calm" in html.read_text(encoding="utf-8")
    assert json.loads((tmp_path / "watch.json").read_text(encoding="utf-8"))["worst"] is None


def test_what_is_wrong_in_a_table_is_named(bundle: Bundle, tmp_path: Path) -> None:
    """Refused cells, a new column, a new level; from a file, in chunks."""
    path = tmp_path / "march.csv"
    changed = frame().with_columns(
        age=pl.when(pl.int_range(400) % 5 == 0)
        .then(pl.lit("old"))
        .otherwise(pl.col("age").cast(pl.String)),
        plan=pl.when(pl.int_range(400) % 4 == 1).then(pl.lit("platinum")).otherwise("plan"),
        campaign=pl.lit("spring"),
    )
    changed.write_csv(path)
    report = watch_table(bundle, path)
    found = {(a.where, a.alarm): a.severity for a in report.alarms}
    assert found["age", "refused"] == "block"
    assert found["plan", "unseen"] == "block"
    assert found["campaign", "extra_column"] == "note"
    assert report.refused == 80
    text = told.text(report)
    assert "march.csv" not in text or text.isascii()
    assert max(map(len, text.split("\n"))) <= 79


def test_a_missing_column_is_an_alarm_and_the_others_are_compared(bundle: Bundle) -> None:
    """Without it the model cannot answer; the watch still looks."""
    report = watch_table(bundle, frame().drop("plan"))
    assert [(a.where, a.alarm, a.severity) for a in report.alarms] == [
        ("plan", "missing_column", "block")
    ]
    assert {c.where for c in report.changes} >= {"age", "member", "since"}
    with pytest.raises(HeldoutError) as caught:
        watch_table(bundle, pl.DataFrame({"x": [1, 2]}))
    assert caught.value.code == "H310"


def test_rows_that_were_fitted_on_are_not_scored(bundle: Bundle) -> None:
    """Their columns are compared; a score on them would say nothing about new rows."""
    labeled = frame().with_columns(left=pl.Series(truth(bundle)))
    report = watch_table(bundle, labeled, trained=lambda c: np.arange(len(c["age"])) < 300)
    assert report.fitted == 300
    assert report.labeled is not None
    assert report.labeled.score.samples == 100
    assert "300 rows that the model was fitted on" in told.text(report)
    assert "fitted on" in page.render(report)


@pytest.mark.requirement("MONITOR-05")
def test_a_score_that_fell_is_seen_in_a_labeled_table(bundle: Bundle) -> None:
    """Answers that no longer follow the columns, and a class that nobody knows."""
    flipped = ["no" if v == "yes" else "yes" for v in truth(bundle)]
    flipped[:3] = ["perhaps"] * 3
    report = watch_table(bundle, frame().with_columns(left=pl.Series(flipped)))
    found = {(a.where, a.alarm): a.severity for a in report.alarms}
    assert found["score", "score"] == "block"
    assert found["labels", "new_label"] == "warn"


def written(bundle: Bundle, path: Path, *, log_inputs: bool = True) -> Path:
    """The log that a service would leave after answering the training rows."""
    log = PredictionLog(path, bundle.digest, log_inputs=log_inputs)
    rows = frame().to_dicts()
    entries = []
    for i, row in enumerate(rows):
        answer = bundle.predict_row({k: v for k, v in row.items() if k != "customer"})
        entries.append(
            Entry(f"id{i}", json.dumps(row), json.dumps(answer), str(answer.get("refused", "")))
        )
    for start in range(0, 400, 100):
        log.add(entries[start : start + 100])
    log.label([(f"id{i}", value) for i, value in enumerate(truth(bundle)) if i % 2])
    assert log.flush()
    log.close()
    return path


def test_the_log_of_the_service_is_read(bundle: Bundle, tmp_path: Path) -> None:
    """Inputs, answers and labels, joined by id; more labels from a file."""
    path = written(bundle, tmp_path / "log.sqlite")
    assert is_log(path)
    report = watch_log(bundle, path)
    assert report.alarms == ()
    assert report.rows == 400
    assert report.labeled is not None
    assert report.labeled.score.samples == 200
    labels = tmp_path / "labels.csv"
    with labels.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("id", "value"), *((f"id{i}", v) for i, v in enumerate(truth(bundle)))]
        )
    report = watch_log(bundle, path, labels=labels)
    assert report.labeled is not None
    assert report.labeled.score.samples == 400
    assert len(report.periods) == 4
    assert "The score over time" in page.render(report)


def test_a_log_without_inputs_still_tells_about_the_answers(bundle: Bundle, tmp_path: Path) -> None:
    """--log-inputs no: private data stay out, predictions are compared."""
    report = watch_log(bundle, written(bundle, tmp_path / "log.sqlite", log_inputs=False))
    assert report.rows == 400
    assert {c.where for c in report.changes if c.effect} <= {"probability of yes", "score"}


def test_logs_that_cannot_be_used_are_named(bundle: Bundle, tmp_path: Path) -> None:
    """No file, no log, another model's log, labels that are none."""
    with pytest.raises(HeldoutError) as caught:
        watch_log(bundle, tmp_path / "none.sqlite")
    assert caught.value.code == "H201"
    text = tmp_path / "text.sqlite"
    text.write_text("not a database, but long enough to be looked at\n" * 9, encoding="utf-8")
    assert not is_log(text)
    with pytest.raises(HeldoutError) as caught:
        watch_log(bundle, text)
    assert caught.value.code == "H703"
    with pytest.raises(HeldoutError) as caught:
        watch_log(bundle, _empty(tmp_path / "empty.sqlite"))
    assert caught.value.code == "H703"
    path = written(bundle, tmp_path / "log.sqlite")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE predictions SET model_digest = 'other'")
    with pytest.raises(HeldoutError) as caught:
        watch_log(bundle, path)
    assert caught.value.code == "H704"
    labels = tmp_path / "labels.csv"
    labels.write_text("only one column\n", encoding="utf-8")
    with pytest.raises(HeldoutError) as caught:
        watch_log(bundle, path, labels=labels)
    assert caught.value.code == "H705"


def _empty(path: Path) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (a)")
    return path


def test_the_reference_names_the_columns_that_are_no_inputs() -> None:
    """So that an identifier is not called new."""
    assert content().reference["ignored"] == [c.name for c in SCHEMA if c.role != "input"]
