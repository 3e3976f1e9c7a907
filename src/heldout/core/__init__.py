"""What every room may use: errors, Seed, Deadline, Journal, Shelf, ranges. Standard library only."""
