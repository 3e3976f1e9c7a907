"""Protocols and the seal: row numbers only."""
