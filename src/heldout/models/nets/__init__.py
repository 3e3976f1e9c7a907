"""Networks in Keras: layouts, heads by task, fitting, and their ONNX written by hand.

Importing ``heldout.training`` first settles the backend, before Keras is loaded by any file here.
"""

from __future__ import annotations

import heldout.training  # noqa: F401
