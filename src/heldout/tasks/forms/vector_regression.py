"""Several numbers of the same row."""

from __future__ import annotations

from heldout.tasks.table import card

CARD = card("vector_regression")
