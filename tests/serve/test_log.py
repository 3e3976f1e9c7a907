"""The prediction log: everything in it when it works, no answer late or lost when it does not."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from heldout.bundle import Bundle
from heldout.serve import log as log_module
from heldout.serve.log import Entry, PredictionLog, forget
from small_services import GOOD, asking


def rows(path: Path, table: str = "predictions") -> list[sqlite3.Row]:
    """All of a table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()


@pytest.mark.requirement("MONITOR-08")
def test_every_answer_is_in_the_log(bundle: Bundle, tmp_path: Path) -> None:
    """By its id, with what was asked and answered, refusals too; labels beside."""
    path = tmp_path / "log.sqlite"
    with asking(bundle, log_path=path) as client:
        one = client.post("/predict", json={**GOOD, "x": 1}).json()
        many = client.post("/predict", json={"rows": [GOOD, {**GOOD, "age": "x"}]}).json()
        label = {"id": one["id"], "value": "yes"}
        assert client.post("/labels", json=label).status_code == 202
        both = {"labels": [{"id": p["id"], "value": None} for p in many["predictions"]]}
        assert client.post("/labels", json=both).json() == {"accepted": 2}
        assert client.post("/labels", json={"id": 3}).status_code == 422
    found = rows(path)
    assert [r["id"] for r in found] == [one["id"], *(p["id"] for p in many["predictions"])]
    assert json.loads(found[0]["inputs"]) == GOOD
    assert json.loads(found[0]["outputs"])["probability"] == one["probability"]
    assert found[0]["model_digest"] == bundle.digest
    assert found[0]["at"].endswith("+00:00")
    assert found[2]["outputs"] is None
    assert "age" in found[2]["refused"]
    assert next((r["id"], r["value"]) for r in rows(path, "labels")) == (one["id"], "yes")
    if os.name != "nt":
        assert path.stat().st_mode & 0o077 == 0


def test_private_inputs_stay_out(bundle: Bundle, tmp_path: Path) -> None:
    """With log_inputs=False neither what was asked nor a refused value is kept."""
    path = tmp_path / "log.sqlite"
    with asking(bundle, log_path=path, log_inputs=False) as client:
        client.post("/predict", json={**GOOD, "plan": "Ada Lovelace"})
        client.post("/predict", json={**GOOD, "age": "Ada Lovelace"})
    assert [r["inputs"] for r in rows(path)] == [None, None]
    assert not any(b"Lovelace" in p.read_bytes() for p in tmp_path.iterdir())


@pytest.mark.parametrize("how", ["folder", "garbage"])
def test_a_dead_log_never_stops_an_answer(bundle: Bundle, tmp_path: Path, how: str) -> None:
    """It is counted instead."""
    path = tmp_path / "log.sqlite"
    if how == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"this is no database, and was never one" * 100)
    with asking(bundle, log_path=path) as client:
        for _ in range(3):
            assert client.post("/predict", json=GOOD).status_code == 200
        for _ in range(100):
            text = client.get("/metrics").text
            if "heldout_log_dropped_total 3" in text:
                break
        assert "heldout_log_dropped_total 3" in text
        assert "heldout_log_errors_total 1" in text


def test_it_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the file is tried again."""
    monkeypatch.setattr(log_module, "RETRY_SECONDS", 0.0)
    path = tmp_path / "log.sqlite"
    path.mkdir()
    log = PredictionLog(path, "d")
    log.add([Entry("1", None, None)])
    assert log.flush()
    path.rmdir()
    log.add([Entry("2", None, None)])
    log.close()
    assert [r["id"] for r in rows(path)] == ["2"]
    assert (log.dropped, log.errors) == (1, 1)


def test_a_full_queue_drops_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(log_module, "QUEUE", 2)
    path = tmp_path / "log.sqlite"
    log = PredictionLog(path, "d")
    log.add([Entry("0", None, None)])
    assert log.flush()
    with closing(sqlite3.connect(path)) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        for i in range(1, 30):
            log.add([Entry(str(i), None, None)])
        assert log.dropped > 20
        blocker.rollback()
    log.close()
    assert len(rows(path)) == 30 - log.dropped


def test_forgetting(tmp_path: Path) -> None:
    """By id, and by age."""
    path = tmp_path / "log.sqlite"
    log = PredictionLog(path, "d")
    log.add([Entry("1", "{}", "{}"), Entry("2", "{}", "{}")])
    log.label([("1", "yes"), ("2", "no")])
    log.close()
    assert forget(path, ["1", "unknown"]) == 1
    assert [r["id"] for r in rows(path)] == ["2"]
    assert [r["id"] for r in rows(path, "labels")] == ["2"]
    log = PredictionLog(path, "d", keep_days=-1)
    log.add([Entry("3", "{}", "{}")])
    log.close()
    assert [r["id"] for r in rows(path)] == ["3"]
    assert rows(path, "labels") == []


def test_no_log_no_labels(bundle: Bundle) -> None:
    """Said, not swallowed."""
    with asking(bundle) as client:
        reply = client.post("/labels", json={"id": "a", "value": "yes"})
        assert (reply.status_code, reply.json()["code"]) == (409, "H609")
