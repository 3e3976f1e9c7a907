"""Learners: one file with its card each, and the pieces of graph that they leave."""
