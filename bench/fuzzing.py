"""Arbitrary bytes for every reader: what comes of them, how long it takes, how much memory.

python bench/fuzzing.py [INPUTS] [FORMAT ...]

Each format in a process of its own: small files of the format, damaged (bytes flipped, cut off, put
in, repeated, mixed with another format, or random), then read under HELDOUT_MEMORY=400MB. An input
opens as a table or is told by its code; anything else is a defect. Exit 1 where there is one.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

MEMORY = "400MB"
LONGEST = 20  # seconds: more is a hang
Bytes = bytes
KINDS: dict[str, Callable[[Bytes, Bytes, np.random.Generator], Bytes]] = {}


def kind(make: Callable[[Bytes, Bytes, np.random.Generator], Bytes]) -> Any:
    """Register a way to damage a file."""
    KINDS[make.__name__.strip("_")] = make
    return make


@kind
def _flip(data: Bytes, _other: Bytes, rng: np.random.Generator) -> Bytes:
    made = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(0, len(made), int(rng.integers(1, 9)))
    made[at] = rng.integers(0, 256, len(at))
    return made.tobytes()


@kind
def _cut(data: Bytes, _other: Bytes, rng: np.random.Generator) -> Bytes:
    return data[: int(rng.integers(0, len(data)))]


@kind
def _insert(data: Bytes, _other: Bytes, rng: np.random.Generator) -> Bytes:
    at = int(rng.integers(0, len(data)))
    return data[:at] + rng.bytes(int(rng.integers(1, 40))) + data[at:]


@kind
def _repeat(data: Bytes, _other: Bytes, rng: np.random.Generator) -> Bytes:
    a, b = sorted(rng.integers(0, len(data), 2).tolist())
    return data[:b] + data[a:b] * int(rng.integers(1, 300)) + data[b:]


@kind
def _mixed(data: Bytes, other: Bytes, rng: np.random.Generator) -> Bytes:
    return data[: int(rng.integers(1, len(data)))] + other[int(rng.integers(0, len(other))) :]


@kind
def _numbers(data: Bytes, _other: Bytes, rng: np.random.Generator) -> Bytes:
    """Sizes and offsets made huge."""
    made = bytearray(data)
    at = int(rng.integers(0, max(1, len(made) - 8)))
    made[at : at + 4] = [b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80"][at % 3]
    return bytes(made)


@kind
def _random(data: Bytes, _other: Bytes, rng: np.random.Generator) -> Bytes:
    return data[: int(rng.integers(0, 9))] + rng.bytes(int(rng.integers(1, 5_000)))


def one(name: str, inputs: int) -> dict[str, Any]:
    """Figures of one format, in this process."""
    from heldout.core.errors import HeldoutError
    from heldout.tables.read import read
    from small_files import MAKERS

    class HangError(BaseException):
        """Beyond ``LONGEST``."""

    def alarm(*_: Any) -> None:
        raise HangError

    signal.signal(signal.SIGALRM, alarm)
    outcomes: Counter[str] = Counter()
    slowest, defects = 0.0, []
    with tempfile.TemporaryDirectory() as folder:
        whole = {}
        for maker in MAKERS:
            (Path(folder) / maker).mkdir()
            MAKERS[maker](Path(folder) / maker)
            whole[maker] = next(iter(sorted((Path(folder) / maker).iterdir()))).read_bytes()
        path = Path(folder) / "data.bin"
        path.write_bytes(whole[name])
        read(path)
        base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for seed in range(inputs):
            rng = np.random.default_rng(seed)
            how = list(KINDS)[seed % len(KINDS)]
            other = whole[list(MAKERS)[int(rng.integers(0, len(MAKERS)))]]
            path.write_bytes(KINDS[how](whole[name], other, rng))
            began = time.process_time()
            signal.alarm(LONGEST * 10)  # of wall time, on a busy machine
            try:
                read(path)
                outcomes["opened"] += 1
            except HeldoutError as error:
                outcomes[error.code] += 1
            except HangError:
                defects.append(f"{how} {seed}: hangs")
            except BaseException as error:
                defects.append(f"{how} {seed}: {type(error).__name__}: {str(error)[:80]}")
            signal.alarm(0)
            slowest = max(slowest, time.process_time() - began)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024
    return {"outcomes": dict(outcomes), "slowest": slowest, "peak": peak, "defects": defects}


def main(inputs: int, names: list[str]) -> int:
    """One line a format; the number of defects."""
    from small_files import MAKERS

    print(
        f"{'format':<16}{'inputs':>8}{'opened':>8}{'told':>7}{'defects':>9}{'slowest s':>11}{'peak MB':>9}"
    )
    wrong, codes = 0, Counter()
    for name in names or sorted(MAKERS):
        done = subprocess.run(
            [sys.executable, __file__, "--one", name, str(inputs)], capture_output=True, text=True,
            env={**os.environ, "HELDOUT_MEMORY": MEMORY}, check=False,
        )  # fmt: skip
        if done.returncode:
            print(f"{name:<16} the process ended with {done.returncode}: {done.stderr[-200:]}")
            wrong += 1
            continue
        made = json.loads(done.stdout.splitlines()[-1])
        opened = made["outcomes"].pop("opened", 0)
        codes += Counter(made["outcomes"])
        print(
            f"{name:<16}{inputs:>8}{opened:>8}{sum(made['outcomes'].values()):>7}"
            f"{len(made['defects']):>9}{made['slowest']:>11.2f}{made['peak']:>9.0f}",
            flush=True,
        )
        for defect in made["defects"][:5]:
            print(f"  {defect}")
        wrong += len(made["defects"])
    print("told by:", ", ".join(f"{c} {n}" for c, n in codes.most_common()))
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], int(sys.argv[3]))))
    else:
        said = sys.argv[1:]
        sys.exit(1 if main(int(said[0]) if said else 300, said[1:]) else 0)
