"""Another backend: the same call, the same losses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve()
CALL = """
import json, sys
sys.path[:0] = sys.argv[1:]
from heldout import training
from training.small_models import dense, rows
import numpy as np
x, y = rows()
model, rng = dense(l2=1e-3), np.random.default_rng(5)
model.set_weights([rng.normal(size=w.shape).astype("float32") * 0.3 for w in model.get_weights()])
made = training.train(model, (x[:300], y[:300]), validation=(x[300:], y[300:]), epochs=3,
    settings={"l2": 0.01}, steps=14)
print(json.dumps([made.curve("loss"), made.curve("val_loss"), made.steps, made.stopped]))
"""


def losses(python: str, backend: str) -> list[list[float]]:
    """Of the same training in a process of its own."""
    paths = [str(HERE.parents[2] / "src"), str(HERE.parents[1])]
    done = subprocess.run(
        [python, "-c", CALL, *paths],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    )
    made: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return made


@pytest.mark.slow
@pytest.mark.requirement("PLATFORM-08")
def test_pytorch_gives_the_same_losses() -> None:
    """Within 1e-3 with equal weights and batches; a penalty and a budget in steps as well."""
    python = os.environ.get("TORCH_PYTHON", "")
    if not python:
        pytest.skip("set TORCH_PYTHON to a Python that has Keras and PyTorch")
    theirs, ours = losses(python, "torch"), losses(sys.executable, "jax")
    assert theirs[2:] == ours[2:] == [14, "steps"]
    for a, b in zip(theirs[:2], ours[:2], strict=True):
        assert a == pytest.approx(b, abs=1e-3)
