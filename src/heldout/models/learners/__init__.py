"""The shelf of learners."""
