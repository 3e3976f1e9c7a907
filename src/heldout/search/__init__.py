"""Whom to try next, under a budget."""
