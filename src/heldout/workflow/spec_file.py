"""A specification as a file: its fields by the names of options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heldout.core import plain_yaml
from heldout.core.errors import HeldoutError

ALIASES = {"column": "columns", "sheet": "table", "set": "settings"}
"""Of options whose field has another name."""


def from_file(path: Path) -> dict[str, Any]:
    """The fields of a YAML file by their names; H102 or H201 where it cannot be read."""
    loaded = plain_yaml.load(path, "a specification")
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise HeldoutError(
            "H102",
            f"{path} is not a specification",
            seen=f"a YAML {type(loaded).__name__}",
            why="a specification is a list of fields, such as `target: Churn`",
            do=["write one field a line, its name first"],
        )
    return _fields({str(k).replace("-", "_"): v for k, v in loaded.items()})


def _fields(said: dict[str, Any]) -> dict[str, Any]:
    """Fields by the names of options: ``no_rows`` is ``rows: false``.

    >>> _fields({"no_rows": True, "sheet": "May"})
    {'rows': False, 'table': 'May'}
    """
    made = {}
    for name, value in said.items():
        if name in ("no_rows", "no_seal", "no_header", "no_ladder") and isinstance(value, bool):
            made[name.removeprefix("no_")] = not value
        else:
            made[ALIASES.get(name, name)] = value
    return made
