"""Intervals, tests, distances. NumPy and scipy.special only."""
