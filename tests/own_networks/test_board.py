"""Files for TensorBoard: read by its own reader where that is installed, by ours else."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from heldout.training import board, train
from heldout.training.events import crc32c


def events(path: Path) -> Iterator[dict[int, list[Any]]]:
    """Fields of every event, checksums checked."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        body = data[at + 12 : at + 12 + length]
        (told,) = struct.unpack_from("<I", data, at + 12 + length)
        crc = crc32c(body)
        assert told == (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
        yield fields(body)
        at += 16 + length


def fields(body: bytes) -> dict[int, list[Any]]:
    """Protocol buffers: values by field number."""
    found: dict[int, list[Any]] = {}
    at = 0
    while at < len(body):
        key, at = varint(body, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(body, at)
        elif kind == 2:
            size, at = varint(body, at)
            value, at = body[at : at + size], at + size
        else:
            size = 8 if kind == 1 else 4
            value, at = body[at : at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (body[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if body[at - 1] < 128:
            return value, at


def model() -> Any:
    codes = keras.Input((1,), dtype="int32", name="codes")
    inner = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, "relu", name="a")], name="in"
    )
    h = keras.layers.Flatten(name="flat")(keras.layers.Embedding(6, 3, name="city")(codes))
    made = keras.Model(codes, keras.layers.Dense(1, "sigmoid", name="last")(inner(h)))
    made.compile("adam", "binary_crossentropy")
    return made


@pytest.mark.requirement("TRAIN-12", "PREP-21")
def test_graph_curves_and_embeddings(tmp_path: Path) -> None:
    """A node a layer with what feeds it; the table of the embedding for the projector."""
    codes = np.arange(60).reshape(-1, 1) % 6
    made = train(model(), (codes, codes[:, 0] % 2 == 0), epochs=2, tensorboard=tmp_path)
    (path,) = (tmp_path / "0").glob("events.out.tfevents*")
    found = list(events(path))
    (graph,) = [e[4][0] for e in found if 4 in e]
    nodes = [fields(part) for part in fields(graph)[1]]
    told = {n[1][0].decode(): (n[2][0].decode(), [f.decode() for f in n.get(3, [])]) for n in nodes}
    assert told["city"][0] == "Embedding" and told["flat"] == ("Flatten", ["city"])
    assert told["in/a"][0] == "Dense" and told["last"] == ("Dense", ["in"])
    assert sum(5 in e for e in found) > 4  # curves and histograms
    lines = (tmp_path / "0" / "city.tsv").read_text().splitlines()
    table = np.array([[float(v) for v in line.split("\t")] for line in lines])
    np.testing.assert_allclose(table, made.weights[0], rtol=1e-4)
    assert 'tensor_path: "city.tsv"' in (tmp_path / "0" / board.CONFIG).read_text()


def test_tensorboard_reads_them(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    codes = np.arange(60).reshape(-1, 1) % 6
    train(model(), (codes, codes[:, 0] % 2 == 0), epochs=2, tensorboard=tmp_path)
    read = accumulator.EventAccumulator(str(tmp_path / "0"), {"histograms": 0})
    read.Reload()
    assert read.Tags()["graph"] is True
    assert [s.step for s in read.Scalars("loss")] == [1, 2]
    assert {n.name for n in read.Graph().node} >= {"city", "flat", "in/a", "in", "last"}
    assert len(read.Histograms(read.Tags()["histograms"][0])) == 2
