"""One primitive a file, each with its CARD."""
