"""Write a bundle: aside, then renamed; equal models give equal bytes (contract 6)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heldout import __version__
from heldout.bundle.archive import canonical, digests, model_digest, pack, unpack
from heldout.bundle.content import FORMAT, FORMAT_VERSION, JSON, BundleContent
from heldout.bundle.reference import outwards
from heldout.core import files
from heldout.tables.schema import Column, Schema

RUNTIME = {"opset": 21, "ml_opset": 5, "ir": 10, "onnxruntime": ">=1.23"}


def write(path: Path, content: BundleContent) -> None:
    """Write ``content`` to ``path``, whole or not at all."""
    members = {
        "card.md": content.card.encode(),
        "model.onnx": content.model,
        "recipe.json": canonical(content.recipe),
        "reference.json": canonical(content.reference),
        "schema.json": canonical(published(content.schema, content.reference).as_dict()),
        "vectors.json": canonical(content.vectors),
    }
    if content.context is not None:
        members["context.json"] = canonical(content.context)
    members["manifest.json"] = canonical(_manifest(content, members))
    files.write(path, pack(members))


def rewrite_verdict(
    path: Path,
    verdict: JSON | None,
    baseline: JSON | None,
    seal: JSON,
    card: str,
) -> None:
    """After the opening: only the manifest's verdict and the card change, never the model.

    A signature is dropped, because it would no longer be true.
    """
    members, manifest = unpack(path.read_bytes(), path)
    members.pop("signature", None)
    members["card.md"] = card.encode()
    manifest |= {"verdict": verdict, "baseline": baseline, "seal": dict(seal)}
    manifest["digests"] = digests(members)
    members["manifest.json"] = canonical(manifest)
    files.write(path, pack(members))


def published(schema: Schema, reference: Mapping[str, Any]) -> Schema:
    """Inputs and target only; rare levels left out and ranges rounded outwards (contract 17).

    Levels are left out only where the reference says which are not rare.
    """
    known = reference.get("columns", {})
    return Schema(
        tuple(
            _published(column, known.get(column.name, {}))
            for column in schema
            if column.role in ("input", "target", "computed")
        )
    )


def _published(column: Column, known: Mapping[str, Any]) -> Column:
    if column.role == "input" and column.kind == "category" and "levels" in known:
        kept = set(known["levels"]) | set(known.get("more", ()))
        column = column.replace(levels=tuple(level for level in column.levels if level in kept))
    if column.low is None or column.high is None:
        return column
    low, high = outwards(column.low, column.high, whole=column.whole)
    return dataclasses.replace(column, low=low, high=high)


def _manifest(content: BundleContent, members: Mapping[str, bytes]) -> dict[str, Any]:
    found = digests(members)
    return {
        **content.extra,
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "heldout": __version__,
        "runtime": RUNTIME,
        "task": dict(content.task),
        "decision": dict(content.decision),
        "verdict": content.verdict,
        "baseline": content.baseline,
        "parity": dict(content.parity),
        "calibration": dict(content.calibration),
        "seed": content.seed,
        "data_fingerprint": content.data_fingerprint,
        "seal": dict(content.seal),
        "digests": found,
        "model_digest": model_digest(found),
    }
