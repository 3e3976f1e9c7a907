"""Formats that a table can be read from: one file each, with its ``CARD``."""
