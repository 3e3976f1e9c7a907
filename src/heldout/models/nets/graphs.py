"""The layers of ``layers`` on a tape, from the arrays of a fitted model; float32."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

State = Mapping[str, Array]


def scale(tape: Tape, x: str, state: State, name: str) -> str:
    """``Scale``."""
    return tape.op("Mul", x, tape.const(state[f"{name}.factor"]))


def ntk_dense(tape: Tape, x: str, state: State, name: str) -> str:
    """``NtkDense``: the root goes into the kernel."""
    kernel = state[f"{name}.kernel"]
    by = np.float32(1.0 / np.sqrt(kernel.shape[0]))
    return tape.op("Gemm", x, tape.const(kernel * by), tape.const(state[f"{name}.bias"]))


def bend(tape: Tape, x: str, state: State, name: str, function: str) -> str:
    """``Bend``; mish is x tanh(log(1 + e^x))."""
    if function == "selu":
        bent = tape.op("Selu", x)
    else:
        bent = tape.op("Mul", x, tape.op("Tanh", tape.op("Softplus", x)))
    share = tape.const(state[f"{name}.share"])
    return tape.op("Add", x, tape.op("Mul", share, tape.op("Sub", bent, x)))


def periodic(tape: Tape, x: str, state: State, name: str) -> str:
    """``Periodic``."""
    mix = state[f"{name}.mix"]
    number = _raised(tape, x)
    turned = tape.op("Mul", number, tape.const(state[f"{name}.rate"]))
    turned = tape.op("Add", turned, tape.const(state[f"{name}.phase"]))
    waves = tape.op("Cos", tape.op("Mul", turned, tape.const(np.float32(2 * np.pi))))
    made = tape.op("Add", _each(tape, waves, mix), tape.const(state[f"{name}.shift"]))
    return _flat(tape, tape.concat([number, made], axis=2), mix.shape[0] * (1 + mix.shape[2]))


def piecewise(tape: Tape, x: str, state: State, name: str) -> str:
    """``Piecewise``."""
    mix = state[f"{name}.mix"]
    number = _raised(tape, x)
    part = tape.op("Sub", number, tape.const(state[f"{name}.left"]))
    part = tape.op("Mul", part, tape.const(state[f"{name}.slope"]))
    part = tape.op("Max", part, tape.const(state[f"{name}.low"]))
    part = tape.op("Min", part, tape.const(state[f"{name}.high"]))
    line = tape.op("Mul", number, tape.const(state[f"{name}.line"]))
    made = tape.op("Add", _each(tape, part, mix), line)
    made = tape.op("Add", made, tape.const(state[f"{name}.shift"]))
    return _flat(tape, made, mix.shape[0] * mix.shape[2])


def members(tape: Tape, x: str, state: State, name: str) -> str:
    """``Members``: (n, d) to (n, k, d)."""
    raised = tape.op("Unsqueeze", x, tape.const(np.array([1], np.int64)))
    return tape.op("Mul", raised, tape.const(state[f"{name}.factor"]))


def member_dense(tape: Tape, x: str, state: State, name: str) -> str:
    """``MemberDense``."""
    own = f"{name}.before" in state
    if own:
        x = tape.op("Mul", x, tape.const(state[f"{name}.before"]))
    x = tape.op("MatMul", x, tape.const(state[f"{name}.kernel"]))
    if own:
        x = tape.op("Mul", x, tape.const(state[f"{name}.after"]))
    return tape.op("Add", x, tape.const(state[f"{name}.bias"]))


def member_heads(tape: Tape, x: str, state: State, name: str) -> str:
    """``MemberHeads``."""
    made = _each(tape, x, state[f"{name}.kernel"])
    return tape.op("Add", made, tape.const(state[f"{name}.bias"]))


def table(tape: Tape, codes: str, state: State, name: str) -> str:
    """``Table``; ``codes`` int32 (n, c)."""
    rows = tape.op("Gather", tape.const(state[f"{name}.table"]), codes, axis=0)
    return tape.op("ReduceSum", rows, tape.const(np.array([1], np.int64)), keepdims=0)


def embeddings(tape: Tape, codes: str | None, state: State, columns: tuple[int, ...]) -> list[str]:
    """``Embedding`` layers of these columns of the codes."""
    made = []
    for j, column in enumerate(columns):
        assert codes is not None
        code = tape.op("Gather", codes, tape.const(np.array(column, np.int64)), axis=1)
        made.append(tape.op("Gather", tape.const(state[f"embedding_{j}"]), code, axis=0))
    return made


def _raised(tape: Tape, x: str) -> str:
    """(n, d) to (n, d, 1)."""
    return tape.op("Unsqueeze", x, tape.const(np.array([2], np.int64)))


def _each(tape: Tape, x: str, kernels: Array) -> str:
    """(n, d, k) with a matrix (k, o) for each of the d: (n, d, o)."""
    turned = tape.op("Transpose", x, perm=[1, 0, 2])
    made = tape.op("MatMul", turned, tape.const(kernels))
    return tape.op("Transpose", made, perm=[1, 0, 2])


def _flat(tape: Tape, x: str, width: int) -> str:
    return tape.op("Reshape", x, tape.const(np.array([-1, width], np.int64)))
