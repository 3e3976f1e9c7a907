"""The one error that a person sees: what was seen, why it matters, what to do.

Codes, exit codes and the longer texts stand in ``codes.toml`` beside this file;
``heldout learn H104`` prints them. A programmer's mistake stays TypeError or ValueError.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

DONE, DEFECT, USAGE, DATA, NO, SPENT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class HeldoutError(Exception):
    """An error of the person's data, command or machine, told so that it can be mended.

    ``code`` is a key of ``codes.toml``; ``do`` are complete commands or sentences.

    >>> error = HeldoutError("H104", 'churn.csv has no column "churned"',
    ...     seen='21 columns; the nearest name is "Churn"',
    ...     why="the target is the column to predict",
    ...     do=["heldout run churn.csv --target Churn"])
    >>> error.exit_code
    2
    >>> print(error.text())
    error H104: churn.csv has no column "churned"
      seen  21 columns; the nearest name is "Churn"
      why   the target is the column to predict
      do    heldout run churn.csv --target Churn
    Nothing was written. (exit code 2)
    """

    def __init__(
        self,
        code: str,
        what: str,
        *,
        seen: str = "",
        why: str = "",
        do: Sequence[str] = (),
        wrote: str = "Nothing was written.",
    ) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.seen = seen
        self.why = why
        self.do = tuple(do)
        self.wrote = wrote

    @property
    def exit_code(self) -> int:
        """2 usage, 3 data or bundle, 4 the answer is no, 5 out of time, memory or disk."""
        return int(catalogue()[self.code]["exit"])

    def as_dict(self) -> dict[str, Any]:
        """The same parts as fields, for ``--json`` and for HTTP."""
        return {
            "code": self.code,
            "error": self.what,
            "seen": self.seen,
            "why": self.why,
            "do": list(self.do),
            "exit": self.exit_code,
        }

    def text(self, width: int = 79) -> str:
        """The message as a terminal shows it."""
        lines = _wrapped(f"error {self.code}: ", self.what, width, indent="  ")
        for label, words in (("seen", self.seen), ("why", self.why)):
            if words:
                lines += _wrapped(f"  {label:<4}  ", words, width)
        for i, words in enumerate(self.do):
            lines += _wrapped("  do    " if i == 0 else " " * 8, words, width, command=True)
        lines.append(f"{self.wrote} (exit code {self.exit_code})")
        return "\n".join(lines)


def _wrapped(
    head: str, words: str, width: int, indent: str | None = None, command: bool = False
) -> list[str]:
    """Wrap at ``width``; a command stays on one line, so that it works when pasted."""
    if command and words.startswith("heldout "):
        return [head + words]
    return textwrap.wrap(
        words,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head) if indent is None else indent,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [head]


def catalogue() -> dict[str, dict[str, Any]]:
    """All codes: ``{code: {"exit": int, "title": str, "more": str}}``. Read only when needed."""
    import tomllib
    from importlib import resources

    text = resources.files("heldout.core").joinpath("codes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
