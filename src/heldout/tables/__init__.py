"""Sources to typed columns. Importing the package alone loads neither Polars nor NumPy."""
