"""The next numbers of a series."""

from __future__ import annotations

from heldout.tasks.table import card

CARD = card("forecast")
