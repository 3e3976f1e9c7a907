"""Fitted steps, each in NumPy and in the graph, bit for bit the same."""
