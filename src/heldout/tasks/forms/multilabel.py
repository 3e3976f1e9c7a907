"""Several yes-or-no questions about the same row: labels that do not exclude each other."""

from __future__ import annotations

from heldout.tasks.table import card

CARD = card("multilabel")
