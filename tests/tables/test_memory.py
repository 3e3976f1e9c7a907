"""What does not fit is sampled or refused, the same every time, in bounded memory."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.core.errors import HeldoutError
from heldout.tables import memory
from heldout.tables.read import read

ROWS = 60_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 60,000 rows in several formats."""
    folder = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            **{f"x{i}": rng.normal(size=ROWS).round(3) for i in range(6)},
            "word": ["a", "b, c"] * (ROWS // 2),
        }
    )
    frame.write_csv(folder / "t.csv")
    frame.write_parquet(folder / "t.parquet")
    frame.write_ndjson(folder / "t.jsonl")
    frame.write_ipc(folder / "t.arrow")
    (folder / "t.csv.gz").write_bytes(gzip.compress((folder / "t.csv").read_bytes(), 1))
    (folder / "t.json").write_text(json.dumps(frame.head(20_000).to_dicts()))
    return folder


@pytest.mark.requirement("DATA-12")
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.jsonl", "t.arrow"])
def test_a_sample_is_drawn_by_content_and_said(
    name: str, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELDOUT_MEMORY", "12MB")
    table = read(large / name)
    assert 500 < table.rows < ROWS
    assert f"All {ROWS:,} rows would take about" in table.notes[0]
    assert table.guesses["rows"] == str(ROWS)
    assert table.frame.equals(read(large / name).frame)
    share = table.rows / ROWS
    assert float(table.guesses["sampled"]) == pytest.approx(share, rel=1e-4)
    assert table.frame["x0"].mean() == pytest.approx(0, abs=5 / table.rows**0.5)
    monkeypatch.delenv("HELDOUT_MEMORY")
    assert read(large / name).rows == ROWS


def test_the_order_of_rows_does_not_move_the_sample(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELDOUT_MEMORY", "12MB")
    frame = pl.read_csv(large / "t.csv")
    frame.reverse().write_csv(tmp_path / "t.csv")
    here, there = read(large / "t.csv").frame, read(tmp_path / "t.csv").frame
    assert here.reverse().equals(there)


@pytest.mark.requirement("DATA-12")
def test_what_can_only_be_read_whole_is_refused(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELDOUT_MEMORY", "12MB")
    with pytest.raises(HeldoutError) as caught:
        read(large / "t.json")
    assert caught.value.code == "H804" and caught.value.exit_code == 5
    assert "CSV or Parquet" in caught.value.text() and "HELDOUT_MEMORY" in caught.value.text()


def test_what_memory_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELDOUT_MEMORY", "1.5 GB")
    assert memory.available() == 3 << 29 and memory.allowed() == 3 << 28
    monkeypatch.setenv("HELDOUT_MEMORY", "much")
    with pytest.raises(HeldoutError) as caught:
        memory.available()
    assert caught.value.code == "H102"
    monkeypatch.delenv("HELDOUT_MEMORY")
    assert memory.available() > 1 << 26


PEAK = """
import sys
from heldout.tables.read import read
import polars, heldout.tables.limited
def high():  # of this program alone: getrusage begins with what the parent held
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
before = high()
try: print(read(sys.argv[1]).rows)
except Exception as error: print(getattr(error, "code", error))
print((high() - before) / 1024)
"""


def peak(path: Path, **more: str) -> tuple[str, float]:
    """What came of it, and how many MB the process grew by."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)],
        capture_output=True, text=True, check=True, env={**os.environ, "POLARS_MAX_THREADS": "2", **more},
    )  # fmt: skip
    first, grew = done.stdout.split()
    return first, float(grew)


@pytest.mark.skipif(sys.platform != "linux", reason="measured by the system's own counter")
@pytest.mark.requirement("DATA-12")
def test_a_bomb_of_zeros_stays_small(tmp_path: Path) -> None:
    """300 MB of zeros, and of one endless line, packed into less than 1 MB."""
    for byte in (b"\0", b"7"):
        with gzip.open(tmp_path / "b.csv.gz", "wb", compresslevel=1) as file:
            for _ in range(300):
                file.write(byte * (1 << 20))
        code, grew = peak(tmp_path / "b.csv.gz")
        assert code in ("H203", "H208", "H219")
        assert grew < 150


@pytest.mark.skipif(sys.platform != "linux", reason="measured by the system's own counter")
def test_the_peak_is_within_what_was_allowed(tmp_path: Path, large: Path) -> None:
    """A sample takes less than the whole, blocks of some megabytes included."""
    body = (large / "t.csv").read_bytes()
    (tmp_path / "t.csv").write_bytes(body + body.split(b"\n", 1)[1] * 7)
    whole, free = peak(tmp_path / "t.csv")
    rows, bounded = peak(tmp_path / "t.csv", HELDOUT_MEMORY="30MB")
    assert int(whole) == 8 * ROWS and 0 < int(rows) < 8 * ROWS / 2
    assert bounded < 0.8 * free, (bounded, free)
