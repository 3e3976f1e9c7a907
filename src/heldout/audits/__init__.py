"""Questions about data: one file, one code each."""
