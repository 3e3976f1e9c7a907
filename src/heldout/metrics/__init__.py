"""One score a file, each with its influence values. NumPy only."""
