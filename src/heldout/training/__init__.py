"""Networks as populations. Importing this package settles which backend Keras gets.

Nothing else sets ``KERAS_BACKEND``; a person's own choice is left alone. XLA's thread pool stays
off: two workers with one thread each beat one worker with two (measured).
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
