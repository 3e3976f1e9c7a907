"""Told: what a command says, as text for a person and as values for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.core.errors import DONE
from heldout.core.strict_json import strict


@dataclass(frozen=True)
class Told:
    """Text without a final newline; values are JSON-able."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = DONE

    def as_json(self) -> str:
        """One object on one line; what is not finite becomes null, as strict JSON wants it.

        >>> Told("", {"score": float("nan")}).as_json()
        '{"score": null}'
        """
        return json.dumps(strict(self.values), ensure_ascii=False, default=str)


def lines(rows: list[tuple[str, str]], width: int = 10) -> str:
    """Labels in a column, words beside them, wrapped at 79.

    >>> print(lines([("Score", "0.845"), ("Report", "runs/a/report.html")]))
    Score     0.845
    Report    runs/a/report.html
    """
    import textwrap

    out = []
    for label, words in rows:
        indent = " " * width
        for i, part in enumerate(words.split("\n")):
            head = label.ljust(width) if i == 0 else indent
            out += textwrap.wrap(
                part,
                79,
                initial_indent=head,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [head.rstrip()]
    return "\n".join(out)
