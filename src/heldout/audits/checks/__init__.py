"""The shelf of checks."""
