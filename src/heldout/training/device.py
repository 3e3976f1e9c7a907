"""Where the arithmetic happens: a CPU or an accelerator, and what it can do (JAX)."""

from __future__ import annotations

import os
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from heldout.training.data import Data, each

CPU_MEMORY, DEVICE_MEMORY = 4 << 30, 16 << 30  # bytes of data held at once, unless told


def on_cpu() -> bool:
    """Whether JAX computes on a CPU."""
    return bool(jax.default_backend() == "cpu")


def threads() -> int:
    """Cores that this process may use: ``OMP_NUM_THREADS`` where a person set it (a worker of a
    search has one)."""
    told = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if told.isdigit() and int(told) > 0:
        return int(told)
    able = getattr(os, "sched_getaffinity", None)
    return len(able(0)) if able is not None else os.cpu_count() or 1


def most_bytes(limit: int | None) -> int:
    """Bytes of data that may lie on the device at once."""
    if limit is not None:
        return limit
    return CPU_MEMORY if on_cpu() else DEVICE_MEMORY


def put(data: Data) -> Any:
    """The arrays on the device: (x, y, weights)."""
    return each(jnp.asarray, (data.x, data.y, data.weights))


def put_arrays(arrays: Any) -> Any:
    """A copy of a state on the device."""
    return jax.tree.map(jnp.array, arrays)


def get(arrays: Any) -> Any:
    """A copy of a state on the host."""
    return jax.tree.map(np.array, arrays)


def wait(arrays: Any) -> None:
    """Until they are computed."""
    for part in jax.tree.leaves(arrays):
        part.block_until_ready()
