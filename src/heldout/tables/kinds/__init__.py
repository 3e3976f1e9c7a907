"""The kinds that a column can be of, one file each."""
