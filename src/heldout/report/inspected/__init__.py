"""The page of `heldout inspect`: findings first, then the data in pictures."""

from heldout.report.inspected.inspection import Examples, Inspection, Spots

__all__ = ["Examples", "Inspection", "Spots"]
