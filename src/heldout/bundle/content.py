"""BundleContent: everything that goes into a bundle, before it is bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.tables.schema import Schema

FORMAT, FORMAT_VERSION = "heldout-bundle", 1

REQUIRED = (
    "card.md",
    "manifest.json",
    "model.onnx",
    "recipe.json",
    "reference.json",
    "schema.json",
    "vectors.json",
)
"""Members of every bundle, sorted, as they stand in the archive."""
OPTIONAL = ("context.json", "signature")
"""``context.json``: the last window of a series (forecasts only)."""
MODEL_MEMBERS = ("model.onnx", "recipe.json", "reference.json", "schema.json", "vectors.json")
"""What ``model_digest`` covers: no clock, no score."""

JSON = Mapping[str, Any]


@dataclass(frozen=True)
class BundleContent:
    """What ``write`` needs. All mappings are JSON-able.

    ``schema`` may hold all columns of the table: inputs and target are kept. ``task`` is
    ``Task.as_dict()``; ``decision`` holds threshold, positive, rule, chosen_on; ``recipe`` enough
    to retrain; ``parity`` the certificate: ``tolerance`` (relative, default 1e-6) and ``scale``
    decide how closely ``vectors`` must be repeated by another runtime; ``seal`` the record of
    openings (a count, never fingerprints); ``extra`` further fields of the manifest.
    """

    model: bytes
    schema: Schema
    task: JSON
    recipe: JSON
    reference: JSON
    vectors: JSON
    decision: JSON = field(default_factory=dict)
    verdict: JSON | None = None
    baseline: JSON | None = None
    parity: JSON = field(default_factory=dict)
    calibration: JSON = field(default_factory=dict)
    seed: int = 0
    data_fingerprint: str = ""
    seal: JSON = field(default_factory=dict)
    card: str = ""
    context: JSON | None = None
    extra: JSON = field(default_factory=dict)
