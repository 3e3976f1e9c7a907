"""``heldout inspect DATA``: every column with its kind and part, what the audits find, a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heldout.core.names import quoted
from heldout.workflow.inspection import inspection
from heldout.workflow.told import Told


def inspect(said: Mapping[str, Any], out: str | None = None) -> Told:
    """The columns and the findings by severity, worst first; the page is written to ``out``, by
    default ``DATA-inspect.html`` in the working folder."""
    options = dict(said)
    found = inspection(options.pop("data"), options.pop("target", None), **options)
    path = found.write(Path(out) if out else Path(f"{stem(found.source)}-inspect.html"))
    text = f"{found.screen()}\n\n{'Page':<10}{quoted(path)}"
    return Told(text, {**found.as_dict(), "page": str(path)})


def stem(source: str) -> str:
    """The name of a file without its endings, fit to be the beginning of another.

    >>> stem("data/churn.csv.gz"), stem("shop.db#orders"), stem("/")
    ('churn', 'shop-orders', 'data')
    """
    name = re.sub(r"\.[A-Za-z0-9]{1,8}(?=\.|#|$)", "", source.rstrip("/").split("/")[-1])
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "data"
