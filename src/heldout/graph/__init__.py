"""The one room that imports onnx."""
