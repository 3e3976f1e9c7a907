"""A specification whose file also holds fields of its own command: ``vary``, ``trials`` ..."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from heldout.workflow.spec import settings
from heldout.workflow.spec_file import from_file


def parted(
    said: Mapping[str, Any], config: Path | None, own: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(fields of the command, fields of a run), the file's first, then what was said.

    Settings of both are joined, name by name, so that a flag beats the file for its own name only.
    """
    held = from_file(config) if config else {}
    given = {k: v for k, v in said.items() if v is not None and v != ()}
    both = {**held, **given}
    both["settings"] = {**settings(held.get("settings")), **settings(given.get("settings"))}
    return (
        {k: v for k, v in both.items() if k in own},
        {k: v for k, v in both.items() if k not in own},
    )
