"""The graph, run by onnxruntime from bytes: typed columns in, named arrays out."""

from __future__ import annotations

from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.graph.inputs import input_name
from heldout.tables.schema import Schema
from heldout.tables.table import Columns

ROWS_AT_ONCE = 16_384
_DTYPES = {
    "tensor(double)": np.float64,
    "tensor(float)": np.float32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
    "tensor(uint8)": np.uint8,
    "tensor(string)": object,
}


class Session:
    """One loaded graph. Safe to call from several threads.

    One thread by default: more only add jitter to single rows and re-order sums.
    """

    def __init__(self, model: bytes, schema: Schema, threads: int = 1) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.runtime = f"onnxruntime {ort.__version__}"
        self._session: Any = ort.InferenceSession(
            model, sess_options=options, providers=["CPUExecutionProvider"]
        )
        by_input = {input_name(c.name): c.name for c in schema.inputs}
        self.inputs = [
            (i.name, by_input.get(i.name, i.name), _DTYPES[i.type])
            for i in self._session.get_inputs()
        ]
        self.outputs: list[str] = [o.name for o in self._session.get_outputs()]

    def run(self, columns: Columns) -> dict[str, Array]:
        """Answer typed columns, each (samples,) or (samples, ...); outputs by name.

        Long batches are answered piece by piece, so that memory does not grow with them.
        """
        feeds = {name: _shaped(columns[column], dtype) for name, column, dtype in self.inputs}
        rows = len(next(iter(feeds.values())))
        pieces = [
            self._session.run(
                self.outputs, {name: a[at : at + ROWS_AT_ONCE] for name, a in feeds.items()}
            )
            for at in range(0, max(rows, 1), ROWS_AT_ONCE)
        ]
        joined = (
            pieces[0]
            if len(pieces) == 1
            else [np.concatenate(p) for p in zip(*pieces, strict=True)]
        )
        return dict(zip(self.outputs, joined, strict=True))


def _shaped(values: Array, dtype: Any) -> Array:
    array = np.asarray(values, dtype=dtype)
    return array.reshape(-1, 1) if array.ndim == 1 else array
