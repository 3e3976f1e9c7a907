"""Networks as populations."""
