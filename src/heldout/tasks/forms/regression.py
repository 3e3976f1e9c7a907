"""A number."""

from __future__ import annotations

from heldout.tasks.table import card

CARD = card("regression")
