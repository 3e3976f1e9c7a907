"""Two classes, of which one is looked for."""

from __future__ import annotations

from heldout.tasks.table import card

CARD = card("binary")
