"""The cache of compiled programs, kept between runs in the person's own state folder.

Whoever can write there can make this program run their code: the folder is private (mode 0700),
and never part of a project or a bundle.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache
from typing import Any

from heldout.core.files import state_folder


@cache
def remember() -> str | None:
    """Let JAX keep what it compiles; returns the folder. A person's own choice
    (``JAX_COMPILATION_CACHE_DIR``) is left alone; ``HELDOUT_COMPILE_CACHE=no`` keeps nothing."""
    import jax

    if os.environ.get("HELDOUT_COMPILE_CACHE", "").lower() in ("no", "0", "off"):
        return None
    folder = os.environ.get("JAX_COMPILATION_CACHE_DIR")
    if folder is None:
        path = state_folder() / "compiled"
        try:
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)
        except OSError:
            return None
        folder = str(path)
    with contextlib.suppress(AttributeError, ValueError):
        told: dict[str, Any] = {
            "jax_compilation_cache_dir": folder,
            "jax_persistent_cache_min_compile_time_secs": 0.0,
            "jax_persistent_cache_min_entry_size_bytes": -1,
        }
        update: Any = jax.config.update
        for name, value in told.items():
            update(name, value)
    return folder
