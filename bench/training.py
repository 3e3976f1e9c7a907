"""How fast populations train: heldout beside loops over ``keras.Model.fit`` and PyTorch.

One process for each way, the same rows, model, batches and epochs; imports are left out, compiling
is counted. Run::

    python bench/training.py                 # the small dense net, all ways that are installed
    python bench/training.py --units 256
    python bench/training.py --net lstm      # or convnet

Wall and CPU seconds and their ratio to the plain loop are printed. ``TORCH_PYTHON`` names a Python
that has PyTorch (CPU).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
WAYS = ("heldout, compiled before", "heldout", "one Keras model", "Keras loop", "torch")


def data(net: str):
    import numpy as np

    rng = np.random.default_rng(0)
    shape = {"dense": (20_000, 50), "convnet": (1_000, 28, 28, 1), "lstm": (2_000, 40, 8)}[net]
    x = rng.normal(size=shape).astype(np.float32)
    flat = x.reshape(len(x), -1)
    return x, (flat[:, 0] * flat[:, 1] + flat[:, 2] > 0).astype(np.float32)


def build(net: str, units: int):
    import keras

    layers = keras.layers
    if net == "dense":
        parts = [keras.Input((50,)), *(layers.Dense(units, "relu") for _ in range(2))]
    elif net == "lstm":
        parts = [keras.Input((40, 8)), layers.LSTM(units)]
    else:
        parts = [keras.Input((28, 28, 1)), layers.Conv2D(16, 3, activation="relu")]
        parts += [layers.MaxPooling2D(), layers.Conv2D(32, 3, activation="relu"), layers.Flatten()]
    model = keras.Sequential([*parts, layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
    return model


def folds(n: int, k: int):
    import numpy as np

    order = np.random.default_rng(1).permutation(n)
    for held in np.array_split(order, k):
        yield np.setdiff1d(order, held), held


def by_heldout(a) -> list[float]:
    from heldout.core.seed import Seed
    from heldout.training import Data, Member, Population, Regime

    x, y = data(a.net)
    members = [
        Member(str(i), train, held, Seed(i))
        for i, (train, held) in enumerate(folds(len(x), a.folds))
    ]
    regime = Regime(epochs=a.epochs, batch=a.batch, padded=True)
    made = Population(lambda: build(a.net, a.units), Data.of(x, y), members, regime).run()
    return [m.curve("val_loss")[-1] for m in made]


def by_keras(a, once: bool) -> list[float]:
    import keras
    import numpy as np

    x, y = data(a.net)
    model = build(a.net, a.units)
    model.optimizer.build(model.trainable_variables)
    start = [np.array(v) for v in model.optimizer.variables]
    found = []
    for i, (train, held) in enumerate(folds(len(x), a.folds)):
        keras.utils.set_random_seed(i)
        fresh = build(a.net, a.units)
        if once:
            model.set_weights(fresh.get_weights())
            for own, value in zip(model.optimizer.variables, start, strict=True):
                own.assign(value)
        else:
            model = fresh
        made = model.fit(
            x[train], y[train], batch_size=a.batch, epochs=a.epochs, verbose=0,
            validation_data=(x[held], y[held]),
        )  # fmt: skip
        found.append(made.history["val_loss"][-1])
    return found


def by_torch(a) -> list[float]:
    import torch
    from torch import nn

    if a.net != "dense":
        raise SystemExit("only the dense net is written by hand")
    torch.set_num_threads(1)
    x, y = map(torch.from_numpy, data(a.net))
    found = []
    for i, (train, held) in enumerate(folds(len(x), a.folds)):
        torch.manual_seed(i)
        u = a.units
        net = nn.Sequential(
            nn.Linear(50, u), nn.ReLU(), nn.Linear(u, u), nn.ReLU(), nn.Linear(u, 1), nn.Flatten(0)
        )
        loss = nn.BCEWithLogitsLoss()
        optimizer = torch.optim.Adam(net.parameters(), 1e-3, fused=True)
        xt, yt = x[train], y[train]
        for _ in range(a.epochs):
            order = torch.randperm(len(xt))
            for rows in order.split(a.batch):
                optimizer.zero_grad()
                loss(net(xt[rows]), yt[rows]).backward()
                optimizer.step()
        with torch.no_grad():
            found.append(float(loss(net(x[held]), y[held])))
    return found


def one(a) -> None:
    """One way in this process; imports first, then the clock."""
    if a.way == "torch":
        import torch  # noqa: F401
    else:
        import heldout.training  # noqa: F401, I001
        import keras  # noqa: F401
    wall, cpu = time.perf_counter(), time.process_time()
    losses = {
        "torch": by_torch,
        "Keras loop": lambda a: by_keras(a, once=False),
        "one Keras model": lambda a: by_keras(a, once=True),
    }.get(a.way, by_heldout)(a)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "loss": sum(losses) / len(losses)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", choices=("dense", "convnet", "lstm"), default="dense")
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--way")
    a = parser.parse_args()
    if a.way:
        one(a)
        return
    found = {}
    with tempfile.TemporaryDirectory() as state:
        for way in ("heldout", *WAYS[:1], *WAYS[2:]):
            python = sys.executable
            if way == "torch":
                python = os.environ.get("TORCH_PYTHON", "")
                if not python or a.net != "dense":
                    continue
            own = {**os.environ, "HELDOUT_STATE": state, "OMP_NUM_THREADS": "1"}
            call = [python, str(HERE), *sys.argv[1:], "--way", way]
            done = subprocess.run(call, capture_output=True, text=True, env=own, check=False)
            if done.returncode:
                print(f"{way}: {done.stderr.strip().splitlines()[-1:]}")
                continue
            found[way] = json.loads(done.stdout.splitlines()[-1])
    plain = found.get("Keras loop", {"wall": float("nan"), "cpu": float("nan")})
    print(f"{a.net}, {a.units} units, {a.folds} folds x {a.epochs} epochs, batch {a.batch}")
    print(f"{'':26} {'wall s':>7} {'CPU s':>7} {'loop/wall':>10} {'loop/CPU':>9} {'val loss':>9}")
    for way in WAYS:
        if way in found:
            f = found[way]
            ratio = plain["wall"] / f["wall"], plain["cpu"] / f["cpu"]
            print(
                f"{way:26} {f['wall']:7.2f} {f['cpu']:7.2f} {ratio[0]:10.2f} {ratio[1]:9.2f} {f['loss']:9.4f}"
            )


if __name__ == "__main__":
    main()
