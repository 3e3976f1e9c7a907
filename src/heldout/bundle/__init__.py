"""Write, read, verify, answer: numpy and onnxruntime, Polars only for files."""
