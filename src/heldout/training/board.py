"""What TensorBoard shows besides curves and histograms: the network's graph, and tables of
embeddings for its projector (TRAIN-12, PREP-21)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core import files
from heldout.core.arrays import Array
from heldout.training.events import text

CONFIG = "projector_config.pbtxt"


def graph(model: Any) -> bytes:
    """A GraphDef (tensorflow/core/framework/graph.proto): a node a layer with those that feed it;
    layers of a nested model lie inside its name."""
    made = [text(1, _node(*node)) for node in nodes(model)]
    return b"".join(made)


def nodes(model: Any, inside: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """(name, kind, names of what feeds it) of every layer."""
    before = ""
    for layer in getattr(model, "layers", []):
        name = f"{inside}{layer.name}"
        feeds = _feeds(layer, inside)
        if not feeds and before:
            feeds = [before]  # a list of layers that was not built as a graph
        if hasattr(layer, "layers"):
            yield from nodes(layer, f"{name}/")
        yield name, type(layer).__name__, feeds
        before = name


def _feeds(layer: Any, inside: str) -> list[str]:
    found = []
    for node in getattr(layer, "_inbound_nodes", []):
        found += [f"{inside}{p.operation.name}" for p in getattr(node, "parent_nodes", [])]
    return list(dict.fromkeys(found))


def _node(name: str, kind: str, feeds: list[str]) -> bytes:
    made = text(1, name.encode()) + text(2, kind.encode())
    return made + b"".join(text(3, feed.encode()) for feed in feeds)


def embeddings(model: Any, weights: list[Array]) -> dict[str, Array]:
    """Tables (values, width) of the embedding layers; ``weights`` in the order of
    ``model.weights``."""
    by_variable = dict(zip(map(id, model.weights), weights, strict=True))
    found: dict[str, Array] = {}
    for layer in _layers(model):
        table = getattr(layer, "embeddings", None)
        if table is not None and id(table) in by_variable:
            found[layer.name] = np.asarray(by_variable[id(table)])
    return found


def _layers(model: Any) -> Iterator[Any]:
    for layer in getattr(model, "layers", []):
        yield from _layers(layer) if hasattr(layer, "layers") else iter([layer])


def write_embeddings(folder: Path, tables: dict[str, Array]) -> None:
    """Tables as tab-separated values, and the projector's configuration that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    told = []
    for name, table in tables.items():
        rows = ["\t".join(f"{v:.6g}" for v in row) for row in table.tolist()]
        files.write(folder / f"{name}.tsv", "\n".join(rows) + "\n")
        labels = "\n".join(str(i) for i in range(len(table)))
        files.write(folder / f"{name}.labels.tsv", labels + "\n")
        told.append(
            f'embeddings {{\n  tensor_name: "{name}"\n  tensor_path: "{name}.tsv"\n'
            f'  metadata_path: "{name}.labels.tsv"\n}}\n'
        )
    if told:
        files.write(folder / CONFIG, "".join(told))
