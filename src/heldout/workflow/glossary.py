"""``heldout learn WORD``: words of the field and error codes."""

from __future__ import annotations

import textwrap
import tomllib
from importlib import resources

from heldout.core.errors import HeldoutError, catalogue
from heldout.core.names import nearest
from heldout.metrics.domains import catalog


def words() -> dict[str, str]:
    """Word to explanation."""
    text = resources.files("heldout.workflow").joinpath("glossary.toml").read_text("utf-8")
    return {word: entry["text"] for word, entry in tomllib.loads(text).items()}


def example_cards() -> dict[str, dict[str, str]]:
    """Questions of the usual kind: inputs, target, question, task (TASK-16)."""
    text = resources.files("heldout.workflow").joinpath("example_cards.toml").read_text("utf-8")
    return tomllib.loads(text)


def _cards() -> str:
    parts = []
    for name, card in example_cards().items():
        rows = [f"  {key + ':':<10}{value}" for key, value in card.items()]
        parts.append("\n".join([name.replace("_", " "), *rows]))
    return "\n\n".join(parts)


LISTS = {"metrics": catalog, "examples": _cards}
"""Words that are answered with a list."""


def explain_word(word: str | None) -> str:
    """One word or code explained; the list where none is named; H103 with the nearest."""
    known = words()
    codes = catalogue()
    if word is None:
        listed = textwrap.fill(", ".join(sorted(known)), 79)
        return f"Words: heldout learn WORD\n{listed}\n\nLists: {', '.join(LISTS)}\n\nError codes: {codes_line(codes)}"
    if word.upper() in codes:
        entry = codes[word.upper()]
        body = textwrap.fill(entry["more"], 79)
        return f"{word.upper()}: {entry['title']} (exit code {entry['exit']})\n{body}"
    key = word.lower().replace(" ", "_").replace("-", "_")
    if key in LISTS:
        return LISTS[key]()
    if key in known:
        return f"{word}\n{textwrap.fill(known[key], 79)}"
    near = nearest(key, [*known, *LISTS, *codes])
    raise HeldoutError(
        "H103",
        f'the glossary has no word "{word}"',
        seen=f"{len(known)} words, {len(codes)} error codes",
        why="only words that heldout uses are explained",
        do=[f"heldout learn {near}" if near else "heldout learn"],
    )


def codes_line(codes: dict[str, dict[str, object]]) -> str:
    """All codes on wrapped lines."""
    return textwrap.fill(", ".join(sorted(codes)), 66).replace("\n", "\n             ")
