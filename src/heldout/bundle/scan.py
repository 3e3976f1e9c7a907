"""Look through model.onnx before any library parses it (contract 18).

A walk over the protocol buffer with the standard library alone: no external data, no foreign
domain, no functions, no subgraphs, only operators of ``allowed``. Field numbers are those of
onnx.proto (IR 10); a number that we do not know is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from heldout.bundle.allowed import ALLOWED

Field = tuple[int, int, int, int]  # number, wire type, value or start, end

# Attributes hold long unpacked lists: runs of ints (field 8) and floats (field 7) are stepped
# over in one go, else a forest of 300,000 nodes would take a second.
_RUN = re.compile(rb"(?:\x40[\x80-\xff]{0,9}[\x00-\x7f])++|(?:\x3d[\x00-\xff]{4})++")


class ForbiddenError(ValueError):
    """The model holds something that heldout does not write."""


def scan(model: bytes) -> dict[str, int]:
    """Check a serialized ModelProto; returns opset versions by domain. Raises ``ForbiddenError``."""
    domains: dict[str, int] = {}
    graphs = 0
    for number, wire, start, end in _fields(model, 0, len(model)):
        if number == 7:
            _graph(model, *_inside(wire, start, end))
            graphs += 1
        elif number == 8:
            domain, version = _opset(model, *_inside(wire, start, end))
            domains[domain] = version
        elif number in (20, 25):
            raise ForbiddenError("functions or training code")
        elif number not in (1, 2, 3, 4, 5, 6, 14):
            raise ForbiddenError(f"an unknown part of the model (field {number})")
    if graphs != 1:
        raise ForbiddenError(f"{graphs} graphs instead of one")
    return domains


def _opset(data: bytes, start: int, end: int) -> tuple[str, int]:
    domain, version = "", 0
    for number, wire, at, stop in _fields(data, start, end):
        if number == 1:
            domain = _text(data, *_inside(wire, at, stop))
        elif number == 2:
            version = at
    if domain not in ALLOWED:
        raise ForbiddenError(f'operators of the domain "{domain[:60]}"')
    return domain, version


def _graph(data: bytes, start: int, end: int) -> None:
    for number, wire, at, stop in _fields(data, start, end):
        if number == 1:
            _node(data, *_inside(wire, at, stop))
        elif number == 5:
            _tensor(data, *_inside(wire, at, stop))
        elif number not in (2, 10, 11, 12, 13, 16):
            raise ForbiddenError(f"an unknown part of the graph (field {number})")


def _node(data: bytes, start: int, end: int) -> None:
    domain, kind = "", ""
    for number, wire, at, stop in _fields(data, start, end):
        if number == 4:
            kind = _text(data, *_inside(wire, at, stop))
        elif number == 5:
            _attribute(data, *_inside(wire, at, stop))
        elif number == 7:
            domain = _text(data, *_inside(wire, at, stop))
        elif number not in (1, 2, 3, 6):
            raise ForbiddenError(f"an unknown part of a node (field {number})")
    if kind not in ALLOWED.get(domain, frozenset()):
        raise ForbiddenError(f'the operator "{kind[:60]}" of the domain "{domain[:60]}"')


def _attribute(data: bytes, start: int, end: int) -> None:
    at = start
    while at < end:
        run = _RUN.match(data, at, end)
        if run is not None:
            at = run.end()
            continue
        number, wire, value, stop, at = _field(data, at, end)
        if number in (6, 11):
            raise ForbiddenError("a subgraph")
        if number in (5, 10):
            _tensor(data, *_inside(wire, value, stop))
        elif number not in (1, 2, 3, 4, 7, 8, 9, 13, 20):
            raise ForbiddenError(f"an unknown part of an attribute (field {number})")


def _tensor(data: bytes, start: int, end: int) -> None:
    for number, wire, at, _ in _fields(data, start, end):
        if number == 13 or (number == 14 and (wire != 0 or at != 0)):
            raise ForbiddenError("data outside the file")
        if number > 14:
            raise ForbiddenError(f"an unknown part of a tensor (field {number})")


def _fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    while start < end:
        number, wire, value, stop, start = _field(data, start, end)
        yield number, wire, value, stop


def _field(data: bytes, at: int, end: int) -> tuple[int, int, int, int, int]:
    """One field: number, wire type, value (varint) or start and end of its bytes, where next."""
    key, at = _varint(data, at, end)
    number, wire = key >> 3, key & 7
    if wire == 0:
        value, at = _varint(data, at, end)
        return number, wire, value, at, at
    if wire == 2:
        length, at = _varint(data, at, end)
    elif wire in (1, 5):
        length = 8 if wire == 1 else 4
    else:
        raise ForbiddenError(f"an encoding that is not in use (wire type {wire})")
    if at + length > end:
        raise ForbiddenError("a part that is longer than the file")
    return number, wire, at, at + length, at + length


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ForbiddenError("a number that does not end")


def _inside(wire: int, start: int, end: int) -> tuple[int, int]:
    if wire != 2:
        raise ForbiddenError("a part of the wrong type")
    return start, end


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "replace")
