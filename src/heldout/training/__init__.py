"""Networks as populations. Importing this package settles which backend Keras gets.

Nothing else sets ``KERAS_BACKEND``; a person's own choice is left alone. XLA's thread pool stays
off: two workers with one thread each beat one worker with two (measured). Keras itself is
imported when something here is used.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

PLUGINS = (
    "jax_cuda12_plugin",
    "jax_cuda13_plugin",
    "jax_rocm7_plugin",
    "jax_rocm60_plugin",
    "libtpu",
)
"""What installs JAX for an accelerator; where one is there, JAX takes it."""

os.environ.setdefault("KERAS_BACKEND", "jax")
if not any(map(find_spec, PLUGINS)):  # JAX would look for devices that are not there, and warn
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

if TYPE_CHECKING:
    from heldout.training.data import Data
    from heldout.training.endless import Endless
    from heldout.training.estimators import NetClassifier, NetRegressor
    from heldout.training.member import EarlyStopping, Member, Plateau, Regime, Trained
    from heldout.training.population import Population, train

__all__ = [
    "Data",
    "EarlyStopping",
    "Endless",
    "Member",
    "NetClassifier",
    "NetRegressor",
    "Plateau",
    "Population",
    "Regime",
    "Trained",
    "train",
]

_WHERE = {
    "Data": "data",
    "EarlyStopping": "member",
    "Endless": "endless",
    "NetClassifier": "estimators",
    "NetRegressor": "estimators",
    "Member": "member",
    "Plateau": "member",
    "Population": "population",
    "Regime": "member",
    "Trained": "member",
    "train": "population",
}


def __getattr__(name: str) -> Any:
    """The public names, each loaded when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'heldout.training' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"heldout.training.{_WHERE[name]}"), name)
