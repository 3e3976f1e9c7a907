"""Several classes that exclude each other."""

from __future__ import annotations

from heldout.tasks.table import card

CARD = card("multiclass")
