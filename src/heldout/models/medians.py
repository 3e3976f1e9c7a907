"""Metrics that a median does best on: absolute errors, not squared ones."""

MEDIAN_METRICS = ("mae", "wape")
