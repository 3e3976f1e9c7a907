"""The shelf of calibrators."""
