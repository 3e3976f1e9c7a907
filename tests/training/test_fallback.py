"""Another backend: the same call, the same losses."""

from __future__ import annotations

import importlib.util
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
start = model.get_weights()
made = training.train(model, (x[:300], y[:300]), validation=(x[300:], y[300:]), epochs=3,
    settings={"l2": 0.01}, steps=14)
def draw():
    while True:
        for i in range(0, 300, 50):
            yield x[i:i + 50], y[i:i + 50]
other = dense(l2=1e-3)
other.set_weights(start)
drawn = training.train(other, training.Endless.by(draw, 6), epochs=2)
print(json.dumps([made.curve("loss"), made.curve("val_loss"), drawn.curve("loss"), made.steps,
    made.stopped, drawn.steps]))
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


def python_with(module: str, variable: str) -> str:
    """A Python that has the backend: the one that runs, or the one that the variable names."""
    if importlib.util.find_spec(module) is not None:
        return sys.executable
    found = os.environ.get(variable, "")
    if not found:
        pytest.skip(f"{module} is not installed: set {variable} to a Python that has it and Keras")
    return found


@pytest.mark.slow
@pytest.mark.requirement("PLATFORM-08", "TRAIN-17")
@pytest.mark.parametrize(
    ("backend", "variable"), [("torch", "TORCH_PYTHON"), ("tensorflow", "TENSORFLOW_PYTHON")]
)
def test_another_backend_gives_the_same_losses(backend: str, variable: str) -> None:
    """Within 1e-3 with equal weights and batches; a penalty, a budget in steps, a generator."""
    theirs = losses(python_with(backend, variable), backend)
    ours = losses(sys.executable, "jax")
    assert theirs[3:] == ours[3:] == [14, "steps", 12]
    for a, b in zip(theirs[:3], ours[:3], strict=True):
        assert a == pytest.approx(b, abs=1e-3)
