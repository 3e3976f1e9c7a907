"""The shelf of null models, one a file."""

from heldout.tasks.null import NULLS, NullCard, predict

__all__ = ["NULLS", "NullCard", "predict"]
