"""The fingerprint of a table: its columns and every cell, on any machine the same."""

from __future__ import annotations

import hashlib

from heldout.splits.content import content
from heldout.tables.table import Table


def fingerprint(table: Table) -> str:
    """SHA-256 over names, kinds and the content hashes of all rows, in order."""
    digest = hashlib.sha256()
    for column in table.schema:
        digest.update(f"{column.name}\x1f{column.kind}\x1e".encode())
    digest.update(content(table.arrays(table.schema.names), table.schema).tobytes())
    return digest.hexdigest()
