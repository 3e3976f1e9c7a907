"""A training that is killed and begun again ends with the bits of one that was never disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.training import Data, EarlyStopping, Member, Plateau, Population, Regime
from training.small_models import dense, difference, rows

EPOCHS = 12
CHILD = """
import sys, time
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from training.test_kill import train
train(Path(sys.argv[1]), lambda *_: time.sleep(0.3))
"""


def build() -> Any:
    return dense(8, dropout=0.3, l2=1e-3)


def train(folder: Path | None, slow: Any = None) -> list[Any]:
    """Dropout, Adam, early stopping, a plateau, an average of weights; two members."""
    x, y = rows(200)
    members = [Member(str(i), np.arange(150), np.arange(150, 200), Seed(i)) for i in range(2)]
    regime = Regime(
        epochs=EPOCHS,
        batch=40,
        stopping=EarlyStopping(patience=EPOCHS),
        plateau=Plateau(patience=1),
        average=0.5,
        folder=folder,
        on_epoch=slow,
    )
    return Population(build, Data.of(x, y), members, regime).run()


@pytest.mark.slow
@pytest.mark.requirement("TRAIN-08", "X-055", "PLATFORM-09")
def test_kill_minus_nine_and_again_is_bit_for_bit_the_undisturbed_training(tmp_path: Path) -> None:
    """The process dies without a chance to clean up, in the second member; weights, curves and
    counts are those of a run that nobody disturbed."""
    paths = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parents[1])]  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path), *paths], env={**os.environ}
    )
    try:
        while len(list(tmp_path.glob("*.npz"))) < 2:
            assert child.poll() is None, "the child ended by itself"
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    kept = {path.name: path.read_bytes() for path in tmp_path.glob("*.npz")}
    assert len(kept) == 2
    again, whole = train(tmp_path), train(None)
    for a, b in zip(again, whole, strict=True):
        assert difference(a.weights, b.weights) == 0.0
        assert a.history == b.history
        assert (a.best, a.steps, a.samples) == (b.best, b.steps, b.samples)
    second = next(p for p in tmp_path.glob("1-*.npz"))
    assert second.read_bytes() != kept[second.name]
