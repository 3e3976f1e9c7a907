"""How often a planted fault is found, and how often healthy training is called ill.

    python bench/diagnosis.py              rates, and what watching costs
    python bench/diagnosis.py --only NAME  one case, each finding shown
    python bench/diagnosis.py --page       docs/diagnosis.md

Tiny networks on 400 made rows; every case with several seeds. A fault counts as found if one of
the codes that name it is among the findings; a healthy training counts as false if anything above
a note is said.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

from heldout.core.clock import now
from heldout.core.seed import Seed
from heldout.training.data import Data
from heldout.training.diagnosis.examination import design_of, gather, told
from heldout.training.diagnosis.finding import SYMPTOMS, Diagnosis
from heldout.training.diagnosis.watch import Watch
from heldout.training.engine import train_members
from heldout.training.member import EarlyStopping, Member, Regime
from heldout.training.population import Structure

ROWS, HELD, COLUMNS = 400, 200, 8
SEEDS = 8
L = keras.layers


def score(x: Any) -> Any:
    """What the target is made of: a product, a bend, a line."""
    return x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + x[:, 3]


def table(rng: Any, kind: str, noise: float = 0.3, rows: int = ROWS) -> tuple[Data, Data]:
    """Training and validation rows of one population."""
    x = rng.normal(size=(rows + HELD, COLUMNS)).astype(np.float32)
    s = score(x) + noise * rng.normal(size=len(x))
    if kind == "binary":
        y: Any = (s > 0).astype(np.float32)
    elif kind == "classes":
        y = np.digitize(s, (-1.2, 0.0, 1.2)).astype(np.int32)
    else:
        y = (s / 1.6).astype(np.float32)[:, None]
    return Data.of(x[:rows], y[:rows]), Data.of(x[rows:], y[rows:])


def net(
    kind: str = "binary",
    units: tuple[int, ...] = (16, 16),
    activation: str = "relu",
    optimizer: Any = None,
    dropout: float = 0.0,
    **dense: Any,
) -> Any:
    """A compiled dense net."""
    parts: list[Any] = [keras.Input((COLUMNS,))]
    for width in units:
        parts.append(L.Dense(width, activation=activation, **dense))
        if dropout:
            parts.append(L.Dropout(dropout))
    last = {"binary": (1, "sigmoid"), "classes": (4, "softmax"), "numbers": (1, None)}[kind]
    loss = {
        "binary": "binary_crossentropy",
        "classes": "sparse_categorical_crossentropy",
        "numbers": "mean_squared_error",
    }[kind]
    model = keras.Sequential([*parts, L.Dense(last[0], activation=last[1])])
    model.compile(optimizer or keras.optimizers.Adam(3e-3), loss)
    return model


@dataclass(frozen=True)
class Case:
    """``codes`` are the names of the fault, none: healthy. ``spoil`` changes the data."""

    name: str
    codes: tuple[str, ...]
    build: Callable[[], Any] = net
    kind: str = "binary"
    spoil: Callable[[Any, Data, Data], tuple[Data, Data]] | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 25
    batch: int = 32
    patience: int = 0
    noise: float = 0.3
    rows: int = ROWS


def shuffled(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
    """Labels that belong to other rows."""
    return Data.of(train.x, rng.permutation(train.y)), Data.of(held.x, rng.permutation(held.y))


def times(factor: float) -> Any:
    """Two columns in other units."""

    def change(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
        size = np.ones(COLUMNS, np.float32)
        size[rng.permutation(COLUMNS)[:2]] = factor
        return Data.of(train.x * size, train.y), Data.of(held.x * size, held.y)

    return change


def rare(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
    """A class of 4 % that the inputs hint at."""

    def one(part: Data) -> Data:
        s = part.x[:, 3] * 0.4 + rng.normal(size=len(part))
        return Data.of(part.x, (s > np.quantile(s, 0.96)).astype(np.float32))

    return one(train), one(held)


def copied(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
    """A fifth of the validation rows are training rows."""
    own = rng.choice(len(train), len(held) // 5, replace=False)
    rest = held.take(np.arange(len(held) // 5, len(held)))
    x = np.concatenate([train.x[own], rest.x])
    return train, Data.of(x, np.concatenate([train.y[own], rest.y]))


def easy(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
    """Validation rows far from the border between the classes."""
    x = rng.normal(size=(20 * HELD, COLUMNS)).astype(np.float32)
    s = score(x)
    far = np.argsort(-np.abs(s))[rng.permutation(6 * HELD)[: len(held)]]
    return train, Data.of(x[far], (s[far] > 0).astype(np.float32))


def unclear(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
    """Few different inputs, several answers each."""
    bits = (train.x[:, :3] > 0).astype(np.float32)
    x = np.zeros_like(train.x)
    x[:, :3] = bits
    y = (rng.random(len(x)) < 0.3 + 0.4 * bits[:, 0]).astype(np.float32)
    return Data.of(x, y), held


def thousand(rng: Any, train: Data, held: Data) -> tuple[Data, Data]:
    """Prices instead of units."""
    return Data.of(train.x, train.y * 5_000 + 20_000), Data.of(held.x, held.y * 5_000 + 20_000)


def wide() -> Any:
    """Far more weights than rows."""
    return net(units=(256, 256), optimizer=keras.optimizers.Adam(3e-3))


def deep_sigmoid() -> Any:
    """Ten sigmoids in a row."""
    return net(units=(12,) * 10, activation="sigmoid")


def growing() -> Any:
    """Initial weights of deviation 1.5, eight layers."""
    return net(units=(12,) * 8, kernel_initializer=keras.initializers.RandomNormal(stddev=1.5))


def dead() -> Any:
    """Biases of -10 (X-064)."""
    return net(bias_initializer=keras.initializers.Constant(-10.0))


def stuffed() -> Any:
    """tanh with initial weights of deviation 5."""
    return net(activation="tanh", kernel_initializer=keras.initializers.RandomNormal(stddev=5.0))


def small() -> Any:
    """One unit cannot make a product."""
    return net(units=(1,), optimizer=keras.optimizers.Adam(3e-2), activation="tanh")


def dropped() -> Any:
    """Dropout far above one half."""
    return net(dropout=0.85)


def leaky() -> Any:
    """Plain gradient descent, units that cannot die."""
    return net("numbers", activation="leaky_relu", optimizer=keras.optimizers.SGD(0.01))


def plain_numbers() -> Any:
    """Plain gradient descent on a mean squared error."""
    return net("numbers", optimizer=keras.optimizers.SGD(0.01))


def numbers() -> Any:
    """Adam on a mean squared error."""
    return net("numbers", optimizer=keras.optimizers.Adam(3e-3))


def classes() -> Any:
    """Four classes."""
    return net("classes")


def light_dropout() -> Any:
    """Dropout as it is advised."""
    return net(units=(32, 32), dropout=0.2)


def tanh() -> Any:
    """tanh units."""
    return net(activation="tanh")


def deep() -> Any:
    """Six ReLU layers, He initial weights."""
    return net(units=(16,) * 6, kernel_initializer="he_normal")


PLANTED = [
    Case("rate far too high", ("N102", "N101"), settings={"learning_rate": 3.0}),
    Case("rate too high", ("N102",), settings={"learning_rate": 0.3}),
    Case(
        "rate too high, numbers", ("N102", "N101"), numbers, "numbers", None, {"learning_rate": 0.5}
    ),
    Case("rate far too low", ("N103",), settings={"learning_rate": 1e-6}),
    Case("overflow", ("N101",), leaky, "numbers", thousand, {"learning_rate": 0.5}),
    Case("vanishing", ("N105",), deep_sigmoid),
    Case("exploding", ("N104", "N101"), growing),
    Case("dead units", ("N106",), dead),
    Case("saturated", ("N107",), stuffed),
    Case("unscaled inputs", ("N108",), spoil=times(1_000.0)),
    Case("unscaled target", ("N109",), numbers, "numbers", thousand),
    Case("overfit", ("N110", "N111"), wide, noise=1.0, rows=120, epochs=40),
    Case("too large", ("N111",), wide, noise=1.5, rows=120, epochs=40),
    Case("shuffled labels", ("N112",), wide, spoil=shuffled, epochs=30),
    Case("underfit", ("N113",), small, epochs=40),
    Case(
        "rare class never predicted",
        ("N115",),
        spoil=rare,
        settings={"learning_rate": 1e-3},
        epochs=12,
    ),
    Case("validation easier", ("N116",), spoil=easy, noise=0.8),
    Case("dropout too high", ("N126",), dropped),
    Case("shared rows", ("N117",), spoil=copied),
    Case("ended early", ("N118",), settings={"learning_rate": 1e-3}, epochs=8),
    Case("batch of one", ("N119", "N102"), settings={"learning_rate": 0.02}, batch=1, epochs=10),
    Case("one batch an epoch", ("N120",), batch=400, settings={"learning_rate": 1e-3}),
    Case("conflicting labels", ("N121",), spoil=unclear),
]
HEALTHY = [
    Case("binary", (), patience=6, epochs=60),
    Case("binary, little noise", (), patience=8, epochs=60, noise=0.05),
    Case("binary, much noise", (), patience=6, epochs=60, noise=0.8),
    Case("binary, slower", (), patience=10, epochs=120, settings={"learning_rate": 1e-3}),
    Case("classes", (), classes, "classes", patience=6, epochs=60),
    Case("numbers", (), numbers, "numbers", patience=6, epochs=60),
    Case("numbers, much noise", (), numbers, "numbers", patience=6, epochs=60, noise=0.8),
    Case("numbers, plain descent", (), plain_numbers, "numbers", patience=8, epochs=150, settings={"learning_rate": 0.1}),
    Case("dropout 0.2", (), light_dropout, patience=8, epochs=60),
    Case("tanh", (), tanh, patience=6, epochs=150),
    Case("six layers", (), deep, patience=6, epochs=60),
    Case("batch of 8", (), patience=6, epochs=40, batch=8, settings={"learning_rate": 1e-3}),
    Case("units of 5", (), patience=6, epochs=60, spoil=times(5.0)),
]  # fmt: skip


def diagnoses(case: Case, seeds: int, draw: int) -> list[Diagnosis]:
    """One structure, a member a seed."""
    parts = []
    for i in range(seeds):
        rng = np.random.default_rng([draw, i])
        train, held = table(rng, case.kind, case.noise, case.rows)
        parts.append(case.spoil(rng, train, held) if case.spoil else (train, held))
    watch = Watch()
    stopping = EarlyStopping(patience=case.patience) if case.patience else None
    regime = Regime(epochs=case.epochs, batch=case.batch, stopping=stopping, watch=watch)
    structure = Structure.of(case.build, regime, parts[0][0])
    members = [
        Member(str(i), None, None, Seed(i), case.settings, train, held)
        for i, (train, held) in enumerate(parts)
    ]
    done = train_members(structure, members, None)
    design = design_of(structure.model, case.rows, case.batch, case.settings)
    return [
        told(gather(structure, trained, looks, train, held, design))
        for trained, looks, (train, held) in zip(done, watch.records.values(), parts, strict=True)
    ]


def rates(cases: list[Case], seeds: int, draw: int) -> tuple[int, int]:
    """(trainings that count, all), a line a case."""
    counted = all_ = 0
    for case in cases:
        began = now()
        found = diagnoses(case, seeds, draw)
        said = [[f.code for f in d.findings if f.severity != "note"] for d in found]
        hits = sum(
            bool(set(codes) & set(case.codes)) if case.codes else bool(codes) for codes in said
        )
        counted, all_ = counted + hits, all_ + len(found)
        names = sorted({code for codes in said for code in codes})
        told_codes = ", ".join(f"{n} x {sum(n in codes for codes in said)}" for n in names)
        print(
            f"{case.name:28} {hits:2}/{len(found):2}  {now() - began:5.1f} s  {told_codes}",
            flush=True,
        )
    return counted, all_


def cost(rows: int, units: int, epochs: int = 10, batch: int = 256) -> float:
    """Watched over unwatched CPU seconds of one training, less one (medians of eight in turn),
    programs compiled before."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 50)).astype(np.float32)
    data = Data.of(x, (score(x) > 0).astype(np.float32))
    taken: dict[bool, list[float]] = {True: [], False: []}

    def build() -> Any:
        parts = [L.Dense(units, activation="relu"), L.Dense(units, activation="relu")]
        model = keras.Sequential([keras.Input((50,)), *parts, L.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
        return model

    made = {
        watched: Structure.of(
            build, Regime(epochs=epochs, batch=batch, watch=Watch() if watched else None), data
        )
        for watched in taken
    }
    for i in range(10):  # in turn, so that a busy machine disturbs both
        for watched, structure in made.items():
            began = cpu()
            train_members(structure, [Member(str(i), seed=Seed(i))], data)
            taken[watched].append(cpu() - began)
    return float(np.median(taken[True][2:]) / np.median(taken[False][2:]) - 1)


def cpu() -> float:
    """Seconds of this process: other processes do not count."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


PAGE = """# What is wrong with a training

Made by `python bench/diagnosis.py --page` from the symptoms; do not edit.

`heldout.diagnose(model, (x, y))` trains a compiled Keras model of yours while it is watched, puts its
weights back, and says what is wrong, with its numbers, the cause, and what to try first. The
[tutorial](tutorial-network.md) goes the way once. In `findings`, `note` is worth knowing, `warn`
wants a change, `block` makes everything after it meaningless. `Diagnosis.settings` holds the first
remedies that are numbers (learning rate, batch, epochs, dropout), for a tuner to apply.

- **Verdict**: underfit, at the border, overfit, or not trained; `border` is the epoch at which the
  validation loss was lowest.
- **The range test** (`heldout.training.diagnosis.range_test`) raises the learning rate batch by batch
  and tells where the loss falls and where it breaks. It is made where training does not get on.
- **Learning by heart** (`memorize`, `random_labels`): a sound network learns 16 rows by heart, and a
  large one labels that mean nothing. Equal inputs with different labels set a ceiling (two equal
  rows with labels 0 and 1: at most one half is right), which is counted first.
- **Pairings** that train without an error and learn nonsense (softmax for several labels a row,
  sigmoid for a number without bounds, one column a class with the sparse loss) are refused with
  the reason; so are shapes that do not fit.

What is watched is gathered between two epochs on at most 256 training rows: the loss as in prediction
after each one; gradients of every layer, dead and saturated units before the first, after the first
four, then ever more rarely, and at the end. The training keeps its bits. What it costs and how often it is right is measured in [the log](../bench/LOG.md). On PyTorch
and TensorFlow only the curves are watched.

## In a run

The networks of `heldout run` are watched too, wherever early stopping has rows of its own. What is found
wrong with the first fit, and what some setting may cure (rate, epochs, dropout, activation, batch), is
tried as a candidate of its own, at most two for a learner: kept if it beats the first by 1.96 paired
standard errors on the validation rows of that fold, else given up. The journal's entries `remedy` hold
symptom, evidence, what was changed from what to what, and the outcome; the report shows them. What was
said with `--set` is left alone, and that is written down.

## Under- and overfitting

| | underfit | overfit |
|---|---|---|
| training loss | high | low |
| validation loss | high, near training | rises while training falls |
| noise in the training rows | ignored, with what is subtle | learned as if it meant something |
| subtle effects | missed: no room for them | drowned by chance patterns |
| what is learned twice from other rows | nearly the same (bias) | differs (variance): estimates cannot be trusted |
| more rows | do not help | help |
| harm | everywhere | only on other rows: training looks perfect |

First scale up until training leaves validation behind: only then is it known where the border is.
Then regularize. Larger networks can generalize again beyond the point where they learn all rows by
heart (Belkin et al. 2019), and too few rows is not the only cause of overfitting: noise, leaks
and size are others.

## Symptoms
"""


def page() -> str:
    """docs/diagnosis.md."""
    parts = [PAGE]
    for card in sorted(SYMPTOMS.all(), key=lambda card: card.code):
        remedies = "".join(f"{i}. {words}\n" for i, words in enumerate(card.remedies, 1))
        source = f" ({card.source})" if card.source else ""
        parts.append(
            f"### {card.code}\n\n**{card.question}** Speaks when: {card.rule}{source}.\n\n"
            f"Why: {card.cause}.\n\n{remedies}"
        )
    return "\n".join(parts)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--page", action="store_true", help="write docs/diagnosis.md")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--draw", type=int, default=11, help="7: the data the rules were made on")
    given = parser.parse_args()
    if given.page:
        path = Path(__file__).resolve().parent.parent / "docs" / "diagnosis.md"
        path.write_text(page(), encoding="utf-8")
        return 0
    if given.only:
        for case in PLANTED + HEALTHY:
            if case.name == given.only:
                for found in diagnoses(case, given.seeds, given.draw):
                    print(found.text(), "\n")
        return 0
    print("planted"), sys.stdout.flush()
    found, planted = rates(PLANTED, given.seeds, given.draw)
    print("healthy")
    false, healthy = rates(HEALTHY, given.seeds, given.draw)
    print(
        f"found {found}/{planted} = {found / planted:.1%}, false {false}/{healthy} = {false / healthy:.1%}"
    )
    for rows, units in ((2_000, 16), (20_000, 64), (20_000, 256)):
        print(
            f"watching costs {cost(rows, units):+.1%} CPU ({rows:,} x 50, 2 x {units}, batch 256)"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
