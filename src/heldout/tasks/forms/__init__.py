"""The shelf of tasks: one file per form of question."""
