"""The shelf of alarms: one question about a new window per file."""
