"""Importing the room first settles Keras' backend."""

from __future__ import annotations

import heldout.training  # noqa: F401
