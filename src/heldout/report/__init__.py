"""The journal as one page."""
