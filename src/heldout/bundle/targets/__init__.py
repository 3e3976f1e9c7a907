"""Shelf of export targets: one file each, with its CARD."""
