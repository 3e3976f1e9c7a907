"""The universal workflow: one short file per step."""
