"""Rows for people to label: a fair draw, or the hardest; back as labels, they are scored."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from heldout.bundle import Bundle, load
from heldout.bundle.write import write as write_bundle
from heldout.core.errors import HeldoutError
from heldout.monitor.log import watch_log
from heldout.monitor.to_label import audit, hardest, write
from heldout.serve.log import Entry, PredictionLog
from heldout.workflow.watch import queue
from small_bundles import BINARY, content, table

ROWS = 300


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    path = tmp_path_factory.mktemp("queue") / "churn.heldout"
    verdict = {"metric": "roc_auc", "value": 0.75, "low": 0.7, "high": 0.8, "level": 0.95, "n": 400}
    write_bundle(path, content(BINARY, verdict=verdict, baseline={"name": "prior", "value": 0.5}))
    return load(path)


@pytest.fixture(scope="module")
def log(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows answered by two versions; some have a label already."""
    path = tmp_path_factory.mktemp("log") / "log.sqlite"
    p = bundle.run(table(ROWS))["probability"]
    for digest in (bundle.digest, "another version"):
        made = PredictionLog(path, digest)
        entries = []
        for i in range(ROWS):
            told = {"probability": dict(zip(BINARY.classes, p[i].tolist(), strict=True))}
            asked = {"age": 40 + i % 9, "plan": "=cmd()"}
            entries.append(Entry(f"{digest[:3]}{i}", json.dumps(asked), json.dumps(told)))
        made.add(entries)
        made.label([(f"{digest[:3]}{i}", "yes") for i in range(30)])
        assert made.flush()
        made.close()
    return path


def lead(bundle: Bundle, outputs: dict[str, dict[str, float]]) -> float:
    assert bundle.threshold is not None
    return abs(outputs["probability"][bundle.task.positive] - bundle.threshold)


@pytest.mark.requirement("MONITOR-02", "MONITOR-08")
def test_a_fair_draw_of_what_this_version_answered(bundle: Bundle, log: Path) -> None:
    """About the share, without rows that have a label, the same again, and blind to answers."""
    rows = audit(bundle, log, 0.3)
    assert 50 < len(rows) < 115
    assert audit(bundle, log, 0.3) == rows
    assert {r.id for r in audit(bundle, log, 0.1)} < {r.id for r in rows}
    assert len(audit(bundle, log, 1.0)) == ROWS - 30
    assert all(r.id.startswith(bundle.digest[:3]) for r in rows)
    p = [r.outputs["probability"]["yes"] for r in rows]  # type: ignore[index]
    everyone = [r.outputs["probability"]["yes"] for r in audit(bundle, log, 1.0)]  # type: ignore[index]
    assert np.mean(p) == pytest.approx(np.mean(everyone), abs=0.1)


@pytest.mark.requirement("MONITOR-06")
def test_the_hardest_are_those_that_were_decided_by_least(bundle: Bundle, log: Path) -> None:
    rows = hardest(bundle, log, 20)
    leads = [lead(bundle, r.outputs) for r in rows]  # type: ignore[arg-type]
    assert len(rows) == 20 and leads == sorted(leads)
    rest = [lead(bundle, r.outputs) for r in audit(bundle, log, 1.0) if r not in rows]  # type: ignore[arg-type]
    assert max(leads) <= min(rest)


@pytest.mark.requirement("MONITOR-02", "MONITOR-05")
def test_labels_come_back_and_are_scored(bundle: Bundle, log: Path, tmp_path: Path) -> None:
    """The file says what was asked, not what was answered; half filled in is enough."""
    rows = audit(bundle, log, 0.5)
    path = write(bundle, rows, tmp_path / "audit.csv")
    with path.open(newline="", encoding="utf-8") as file:
        made = list(csv.DictReader(file))
    assert [r["id"] for r in made] == [r.id for r in rows]
    assert {r["value"] for r in made} == {""}
    assert made[0]["plan"] == "'=cmd()"
    assert "probability" not in made[0]
    before = watch_log(bundle, log)
    assert before.labeled is not None and before.labeled.score.samples == 30
    with path.open("w", newline="", encoding="utf-8") as file:
        table_ = csv.writer(file)
        table_.writerow(["id", "value"])
        table_.writerows([r.id, "no" if i % 2 else ""] for i, r in enumerate(rows))
    after = watch_log(bundle, log, labels=path)
    assert after.labeled is not None
    assert after.labeled.score.samples == 30 + len(rows) // 2


def test_one_of_both_and_only_from_a_log(bundle: Bundle, log: Path, tmp_path: Path) -> None:
    name = str(bundle.path)
    told = queue(name, str(log), audit=None, hardest=5, out=str(tmp_path / "h.csv"))
    assert told.values["rows"] == 5 and "no fair sample" in told.text
    for arguments in ({"audit": 0.1, "hardest": 5}, {"audit": None, "hardest": None}):
        with pytest.raises(HeldoutError) as caught:
            queue(name, str(log), out=None, **arguments)  # type: ignore[arg-type]
        assert caught.value.code == "H101"
    with pytest.raises(HeldoutError):
        queue(name, str(tmp_path / "table.csv"), audit=0.1, hardest=None, out=None)
