"""How fast populations train: heldout beside loops over ``keras.Model.fit``, PyTorch, skorch.

One process for each way, the same rows, model, batches and epochs; imports are left out, compiling
is counted; heldout twice, so that the second finds what the first has compiled. Run::

    python bench/training.py                       # the small dense net
    python bench/training.py --net wide            # 2 x 256
    python bench/training.py --net convnet         # or lstm, realmlp
    python bench/training.py --gpu                 # how much 100 members cost beside one

Wall and CPU seconds and how much longer the plain loop took are printed. ``TORCH_PYTHON`` names a
Python that has PyTorch and Keras, and skorch where that is wanted; the ways that are not installed
are left out and named. ``--ways`` chooses some ("heldout; Keras loop").
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
JAX = (
    "heldout",
    "heldout, compiled before",
    "one core",
    "together",
    "one Keras model",
    "Keras loop",
)
TORCH = ("one Keras model, torch", "Keras loop, torch", "torch by hand", "torch loader", "skorch")
SHAPES = {
    "dense": (20_000, 50),
    "wide": (20_000, 50),
    "convnet": (2_000, 28, 28, 1),
    "lstm": (2_000, 40, 8),
    "realmlp": (4_000, 20),
}
TIMES = {
    "convnet": (5, 5, 64),
    "lstm": (5, 10, 64),
    "realmlp": (5, 10, 256),
}  # folds, epochs, batch


def data(net: str):
    import numpy as np

    x = np.random.default_rng(0).normal(size=SHAPES[net]).astype(np.float32)
    flat = x.reshape(len(x), -1)
    return x, (flat[:, 0] * flat[:, 1] + flat[:, 2] > 0).astype(np.float32)


def build(net: str):
    import keras

    layers = keras.layers
    if net == "realmlp":
        from heldout.models.nets import realmlp
        from heldout.models.nets.dense import Layout

        model = realmlp.build(Layout(20, (), (), (), ()), (256,) * 3, "selu", 0.15, True, 1)
        model.compile(keras.optimizers.Adam(4e-3), keras.losses.BinaryCrossentropy(True))
        return model
    parts = [keras.Input(SHAPES[net][1:])]
    if net in ("dense", "wide"):
        parts += [layers.Dense(256 if net == "wide" else 64, "relu") for _ in range(2)]
    elif net == "lstm":
        parts += [layers.LSTM(32)]
    else:
        parts += [layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()]
        parts += [layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D()]
        parts += [layers.Flatten(), layers.Dense(64, "relu")]
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
    side = {"together": "together", "one core": "in turn"}.get(a.way, "auto")
    regime = Regime(epochs=a.epochs, batch=a.batch, padded=True, side=side)
    population = Population(lambda: build(a.net), Data.of(x, y), members, regime)
    made = population.run()
    print("; ".join(population.notes), file=sys.stderr)
    return [m.curve("val_loss")[-1] for m in made]


def by_keras(a) -> list[float]:
    import keras
    import numpy as np

    x, y = data(a.net)
    once = a.way.startswith("one")
    model = build(a.net)
    model.optimizer.build(model.trainable_variables)
    start = [keras.ops.convert_to_numpy(v).copy() for v in model.optimizer.variables]
    found = []
    for i, (train, held) in enumerate(folds(len(x), a.folds)):
        keras.utils.set_random_seed(i)
        fresh = build(a.net)
        if once:
            model.set_weights(fresh.get_weights())
            for own, value in zip(model.optimizer.variables, start, strict=True):
                own.assign(np.asarray(value))
        else:
            model = fresh
        made = model.fit(
            x[train], y[train], batch_size=a.batch, epochs=a.epochs, verbose=0,
            validation_data=(x[held], y[held]),
        )  # fmt: skip
        found.append(made.history["val_loss"][-1])
    return found


def module(net: str):
    import torch
    from torch import nn

    if net in ("dense", "wide"):
        u = 256 if net == "wide" else 64
        parts = [nn.Linear(50, u), nn.ReLU(), nn.Linear(u, u), nn.ReLU(), nn.Linear(u, 1)]
        return nn.Sequential(*parts, nn.Flatten(0))
    if net == "convnet":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(1_600, 64), nn.ReLU(), nn.Linear(64, 1), nn.Flatten(0),
        )  # fmt: skip

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.last = nn.LSTM(8, 32, batch_first=True), nn.Linear(32, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(self.lstm(x)[0][:, -1])[:, 0]

    return Recurrent()


def by_torch(a) -> list[float]:
    """``torch loader``: the loop of the tutorials; by hand: one permutation, fused Adam."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    torch.set_num_threads(a.threads)
    x, y = data(a.net)
    if a.net == "convnet":
        x = x.transpose(0, 3, 1, 2).copy()
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    if a.net == "convnet":
        x = x.to(memory_format=torch.channels_last)
    by_hand = a.way == "torch by hand"
    found = []
    for i, (train, held) in enumerate(folds(len(x), a.folds)):
        torch.manual_seed(i)
        net, loss = module(a.net), nn.BCEWithLogitsLoss()
        if a.net == "convnet":
            net = net.to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(net.parameters(), 1e-3, fused=True if by_hand else None)
        xt, yt = x[train], y[train]
        loader = DataLoader(TensorDataset(xt, yt), a.batch, shuffle=True)
        for _ in range(a.epochs):
            parts = loader
            if by_hand:
                parts = ((xt[rows], yt[rows]) for rows in torch.randperm(len(xt)).split(a.batch))
            for xb, yb in parts:
                optimizer.zero_grad()
                loss(net(xb), yb).backward()
                optimizer.step()
            with torch.no_grad():
                last = float(loss(net(x[held]), y[held]))
        found.append(last)
    return found


def by_skorch(a) -> list[float]:
    import torch
    from skorch import NeuralNetBinaryClassifier
    from skorch.dataset import Dataset
    from skorch.helper import predefined_split

    torch.set_num_threads(a.threads)
    x, y = data(a.net)
    if a.net == "convnet":
        x = x.transpose(0, 3, 1, 2).copy()
    found = []
    for i, (train, held) in enumerate(folds(len(x), a.folds)):
        torch.manual_seed(i)
        net = NeuralNetBinaryClassifier(
            module(a.net), max_epochs=a.epochs, lr=1e-3, batch_size=a.batch, verbose=0,
            optimizer=torch.optim.Adam, iterator_train__shuffle=True,
            train_split=predefined_split(Dataset(x[held], y[held])),
        )  # fmt: skip
        found.append(net.fit(x[train], y[train]).history[-1, "valid_loss"])
    return found


def one(a) -> None:
    """One way in this process; imports first, then the clock."""
    if a.way == "skorch":
        import skorch  # noqa: F401
    if a.way.startswith("torch") or a.way == "skorch":
        import torch  # noqa: F401
    elif "Keras" in a.way:
        import keras  # noqa: F401
    if a.way in JAX[:4] or a.net == "realmlp":
        import heldout.training
        import heldout.training.population  # noqa: F401
    wall, cpu = time.perf_counter(), time.process_time()
    ways = {"torch by hand": by_torch, "torch loader": by_torch, "skorch": by_skorch}
    losses = ways.get(a.way, by_keras if "Keras" in a.way else by_heldout)(a)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "loss": sum(losses) / len(losses)}))


def told(way: str, a, state: str) -> tuple[dict | None, str]:
    """What a process of its own found, or why there is nothing."""
    python = sys.executable
    own = {**os.environ, "HELDOUT_STATE": state, "TF_CPP_MIN_LOG_LEVEL": "2"}
    if way in TORCH:
        python = os.environ.get("TORCH_PYTHON", "")
        if not python or a.net == "realmlp":
            return None, "no PyTorch for it" if not python else "only written in Keras"
        own["KERAS_BACKEND"] = "torch"
    elif "Keras" in way:
        own |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    best, why = None, ""
    for threads in (1, 2) if way in TORCH[2:] else (1,):
        call = [python, str(HERE), "--net", a.net, "--way", way, "--threads", str(threads)]
        call += ["--folds", str(a.folds), "--epochs", str(a.epochs), "--batch", str(a.batch)]
        try:
            done = subprocess.run(
                call, capture_output=True, text=True, env=own, check=False, timeout=a.most
            )
        except subprocess.TimeoutExpired:
            why = f"cut off after {a.most:.0f} s"
            continue
        if done.returncode:
            return None, (done.stderr.strip().splitlines() or ["?"])[-1]
        made = json.loads(done.stdout.splitlines()[-1])
        if best is None or made["wall"] < best["wall"]:
            best = made
    return best, why


def gpu(a) -> None:
    """One member, then 10 folds x 10 seeds as one program; the share of the peak for a large net."""
    import jax

    from heldout.core.seed import Seed
    from heldout.training import Data, Member, Population, Regime

    device = jax.devices()[0]
    x, y = data("dense")
    found = {}
    for many in (1, 100):
        members = [
            Member(f"{i}.{s}", train, held, Seed(s))
            for i, (train, held) in enumerate(folds(len(x), 10))
            for s in range(10)
        ][:many]
        regime = Regime(epochs=a.epochs, batch=a.batch, padded=True)
        for turn in ("compiling", "again"):
            begin = time.perf_counter()
            Population(lambda: build("dense"), Data.of(x, y), members, regime).run()
            found[many, turn] = time.perf_counter() - begin
    ratio = found[100, "again"] / found[1, "again"]
    print(f"{device.platform} {device.device_kind}, {a.epochs} epochs, batch {a.batch}")
    for (many, turn), seconds in found.items():
        print(f"{many:4} members, {turn:10} {seconds:8.2f} s")
    print(f"100 members cost {ratio:.1f} times one (to reach: at most 5)")


def table(a) -> None:
    found, missing = {}, []
    wanted = [w.strip() for w in a.ways.split(";")] if a.ways else [*JAX, *TORCH]
    with tempfile.TemporaryDirectory() as state:
        for way in (*JAX, *TORCH):
            if way in wanted:
                own = state if way.startswith("heldout") else tempfile.mkdtemp(dir=state)
                made, why = told(way, a, own)
                if made is None:
                    missing.append(f"{way}: {why}")
                else:
                    found[way] = made
    nothing = {"wall": float("nan"), "cpu": float("nan")}
    plain = found.get("Keras loop", nothing)
    print(f"{a.net}, {a.folds} folds x {a.epochs} epochs, batch {a.batch}")
    print(f"{'':26} {'wall s':>7} {'CPU s':>7} {'loop/wall':>10} {'loop/CPU':>9} {'val loss':>9}")
    for way, f in found.items():
        ratio = plain["wall"] / f["wall"], plain["cpu"] / f["cpu"]
        print(
            f"{way:26} {f['wall']:7.2f} {f['cpu']:7.2f} {ratio[0]:10.2f} {ratio[1]:9.2f}"
            f" {f['loss']:9.4f}"
        )
    for line in missing:
        print(f"left out: {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", choices=tuple(SHAPES), default="dense")
    parser.add_argument("--folds", type=int)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--most", type=float, default=170.0, help="seconds a way may take")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ways", default="")
    parser.add_argument("--way")
    parser.add_argument("--gpu", action="store_true")
    a = parser.parse_args()
    usual = TIMES.get(a.net, (10, 10, 256))
    a.folds, a.epochs, a.batch = a.folds or usual[0], a.epochs or usual[1], a.batch or usual[2]
    if a.gpu:
        gpu(a)
    elif a.way:
        one(a)
    else:
        table(a)


if __name__ == "__main__":
    main()
