"""A convnet's training step on a CPU: ways to write it for JAX side by side, and heldout's engine.

28 x 28, 32 and 64 kernels of 3 x 3, a pooling after each, 64 units, Adam, batches of 64. One process,
the ways in turn again and again, CPU and wall milliseconds a step, the best of the turns each.
Every hand-written way computes the same losses (asserted). Run::

    python bench/convolutions.py                # --turns 5 --steps 8 --only "in a loop;heldout"
"""

from __future__ import annotations

import argparse
import os
import time
from functools import partial

import numpy as np

BATCH, SIDE = 64, 28


def kernels(rng):
    """Weights as Keras draws them, near enough."""
    import jax.numpy as jnp

    def draw(*shape):
        wide = np.sqrt(6 / (np.prod(shape[:-1]) + shape[-1]))
        return jnp.asarray(rng.uniform(-wide, wide, shape).astype(np.float32))

    made = [draw(3, 3, 1, 32), draw(3, 3, 32, 64), draw(1600, 64), draw(64, 10)]
    return [p for k in made for p in (k, jnp.zeros(k.shape[-1]))]


# convolutions: x (n, h, w, c), k (3, 3, c, f), "valid"


def native(x, k):
    from jax import lax

    return lax.conv_general_dilated(
        x, k, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def native_nchw(x, k):
    from jax import lax

    return lax.conv_general_dilated(
        x, k, (1, 1), "VALID", dimension_numbers=("NCHW", "HWIO", "NCHW")
    )


def by_slices(x, k):
    from heldout.training.unfold import convolve

    return convolve(x, k, (1, 1))


def by_patches(x, k):
    from jax import lax

    n, h, w, c = x.shape
    rows = lax.conv_general_dilated_patches(
        x, (3, 3), (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    k = k.transpose(2, 0, 1, 3).reshape(9 * c, -1)
    return (rows.reshape(-1, 9 * c) @ k).reshape(n, h - 2, w - 2, -1)


def by_places(x, k):
    n, h, w, c = x.shape
    parts = [(x[:, i : h - 2 + i, j : w - 2 + j], k[i, j]) for i in range(3) for j in range(3)]
    made = sum((p.reshape(-1, c) @ q) for p, q in parts)
    return made.reshape(n, h - 2, w - 2, -1)


def by_gather(x, k):
    """The nine shifted pictures through one index array."""
    import jax.numpy as jnp

    n, h, w, c = x.shape
    at = np.arange(h - 2)[:, None] + np.arange(3)
    rows = x[:, at][:, :, :, at]  # n, h', 3, w', 3, c
    rows = jnp.transpose(rows, (0, 1, 3, 2, 4, 5)).reshape(-1, 9 * c)
    return (rows @ k.reshape(9 * c, -1)).reshape(n, h - 2, w - 2, -1)


def own_gradient():
    """Slices and one product; the gradient for the input is such a convolution too."""
    import jax
    import jax.numpy as jnp

    from heldout.training.unfold import convolve

    @jax.custom_vjp
    def f(x, k):
        return convolve(x, k, (1, 1))

    def rows_of(x):
        _, h, w, c = x.shape
        parts = [x[:, i : h - 2 + i, j : w - 2 + j] for i in range(3) for j in range(3)]
        return jnp.concatenate(parts, -1).reshape(-1, 9 * c)

    def forward(x, k):
        return f(x, k), (x, k)

    def backward(kept, g):
        x, k = kept
        flipped = k[::-1, ::-1].transpose(0, 1, 3, 2)
        dx = convolve(jnp.pad(g, ((0, 0), (2, 2), (2, 2), (0, 0))), flipped, (1, 1))
        dk = (rows_of(x).T @ g.reshape(-1, g.shape[-1])).reshape(k.shape)
        return dx, dk

    f.defvjp(forward, backward)
    return f


# poolings: 2 x 2


def window(x, axes=(1, 2)):
    import jax.numpy as jnp
    from jax import lax

    size = tuple(2 if i in axes else 1 for i in range(4))
    return lax.reduce_window(x, -jnp.inf, lax.max, size, size, "VALID")


def by_comparing(x):
    from heldout.training.unfold import largest

    return largest(x, (2, 2))


def by_reshaping(x, axes=(1, 2)):
    x = x[tuple(slice(0, s // 2 * 2) if i in axes else slice(None) for i, s in enumerate(x.shape))]
    n = x.shape
    if axes == (1, 2):
        return x.reshape(n[0], n[1] // 2, 2, n[2] // 2, 2, n[3]).max((2, 4))
    return x.reshape(n[0], n[1], n[2] // 2, 2, n[3] // 2, 2).max((3, 5))


def ways():
    """Name: (convolution, pooling, channels first, loop)."""
    first = (2, 3)
    slices = own_gradient()
    return {
        "XLA's convolution and pooling, step": (native, window, False, False),
        "the same, channels first, step": (native_nchw, partial(window, axes=first), True, False),
        "XLA's convolution, pooling by reshaping, step": (native, by_reshaping, False, False),
        "the same, channels first, step ": (
            native_nchw, partial(by_reshaping, axes=first), True, False,
        ),
        "XLA's convolution, pooling by comparing, step": (native, by_comparing, False, False),
        "slices and a product, comparing, step": (by_slices, by_comparing, False, False),
        "slices and a product, comparing, in a loop": (by_slices, by_comparing, False, True),
        "slices and a product, reshaping, in a loop": (by_slices, by_reshaping, False, True),
        "slices, own gradient, comparing, in a loop": (slices, by_comparing, False, True),
        "slices, own gradient, comparing, step": (slices, by_comparing, False, False),
        "patches and a product, comparing, in a loop": (by_patches, by_comparing, False, True),
        "a product a place, comparing, in a loop": (by_places, by_comparing, False, True),
        "a product a place, comparing, step": (by_places, by_comparing, False, False),
        "gathered rows and a product, comparing, in a loop": (by_gather, by_comparing, False, True),
    }  # fmt: skip


def hand_written(conv, pool, first, loop, x, y, order):
    """A function that trains so many steps and returns the last loss."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    def loss(p, xb, yb):
        h = xb.transpose(0, 3, 1, 2) if first else xb
        for i in (0, 2):
            bias = p[i + 1][:, None, None] if first else p[i + 1]
            h = pool(jax.nn.relu(conv(h, p[i]) + bias))
        h = h.transpose(0, 2, 3, 1) if first else h
        h = jax.nn.relu(h.reshape(len(h), -1) @ p[4] + p[5])
        out = jax.nn.log_softmax(h @ p[6] + p[7])
        return -jnp.take_along_axis(out, yb[:, None], 1).mean()

    def step(state, rows):
        p, m, v, t, _ = state
        found, g = jax.value_and_grad(loss)(p, x[rows], y[rows])
        t = t + 1
        m = [0.9 * a + 0.1 * b for a, b in zip(m, g, strict=True)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g, strict=True)]
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        p = [a - rate * b / (jnp.sqrt(c) + 1e-7) for a, b, c in zip(p, m, v, strict=True)]
        return p, m, v, t, found

    def many(state, end):
        return lax.fori_loop(0, end, lambda i, s: step(s, order[i]), state)

    alone, together = jax.jit(step, donate_argnums=0), jax.jit(many, donate_argnums=0)
    p = kernels(np.random.default_rng(0))
    zeros = [jnp.zeros_like(a) for a in p]
    state = [(p, zeros, [jnp.zeros_like(a) for a in p], jnp.float32(0), jnp.float32(0))]

    def run(steps):
        if loop:
            state[0] = together(state[0], np.int32(steps))
        else:
            for i in range(steps):
                state[0] = alone(state[0], order[i])
        return float(state[0][4])

    return run


def engine(x, y, order, driver):
    """heldout's program for the same net, as ``Population`` calls it."""
    import jax
    import keras

    from heldout.core.seed import Seed
    from heldout.training import Data, Member, Regime
    from heldout.training.engine import JaxLine
    from heldout.training.population import Structure

    layers = keras.layers

    def build():
        model = keras.Sequential([
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
            layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(10),
        ])  # fmt: skip
        lossy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(1e-3), lossy)
        return model

    data = Data.of(np.asarray(x), np.asarray(y))
    regime = Regime(epochs=1, batch=BATCH, driver=driver)
    structure = Structure.of(build, regime, data)
    member = Member("0", np.arange(len(x)), None, Seed(0))
    course = JaxLine(structure, [member], data, False).begin(member)
    batches = course.batches()
    values, key = course.values(batches), jax.random.key(0)

    def run(steps):
        course.state = course.source.advance(
            course.program, course.state, batches, values, 0, steps, key, course.driver
        )
        jax.block_until_ready(course.state)
        return float("nan")

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--only", default="", help="parts of names, with ; between them")
    a = parser.parse_args()

    def wanted(name: str) -> bool:
        return any(part in name for part in a.only.split(";"))

    os.environ.setdefault("KERAS_BACKEND", "jax")
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    many = BATCH * a.steps
    x = jnp.asarray(rng.normal(size=(many, SIDE, SIDE, 1)).astype(np.float32))
    y = jnp.asarray(rng.integers(0, 10, many).astype(np.int32))
    order = jnp.arange(many, dtype=jnp.int32).reshape(a.steps, BATCH)
    runs, compiling, losses = {}, {}, {}
    for name, way in ways().items():
        if wanted(name):
            runs[name] = hand_written(*way, x, y, order)
    if wanted("heldout"):
        runs["heldout, as it chooses"] = engine(x, y, order, "auto")
        runs["heldout, step by step"] = engine(x, y, order, "step")
    for name, run in runs.items():
        began = time.process_time()
        losses[name] = run(a.steps)
        compiling[name] = time.process_time() - began
    best = {name: [np.inf, np.inf] for name in runs}
    for _ in range(a.turns):
        for name, run in runs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run(a.steps)
            now = (time.process_time() - cpu, time.perf_counter() - wall)
            best[name] = [min(p, q / a.steps) for p, q in zip(best[name], now, strict=True)]
    print(f"jax {jax.__version__}, {len(os.sched_getaffinity(0))} cores; ms a step of {BATCH}")
    print(f"{'':50} {'CPU':>7} {'wall':>7} {'first s':>8} {'loss':>8}")
    for name, (cpu, wall) in best.items():
        row = f"{1e3 * cpu:7.1f} {1e3 * wall:7.1f} {compiling[name]:8.1f} {losses[name]:8.4f}"
        print(f"{name:50} {row}")
    known = [v for v in losses.values() if not np.isnan(v)]
    assert np.ptp(known) < 1e-3 if known else True, "the ways do not compute the same"


if __name__ == "__main__":
    main()
