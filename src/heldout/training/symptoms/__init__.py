"""What can be wrong with a training: a symptom a file, with its ``CARD``."""
