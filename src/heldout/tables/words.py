"""Texts in a standard form: small letters and digits, one space between words (TEXT-01).

The rule is short so that every runtime has it: composed text (NFC) in; letters become small where
``UPPER`` says so; whatever is neither a letter nor a digit by ``is_word`` becomes a space; runs of
spaces become one; none at the ends. Standard library only.
"""

from __future__ import annotations

import re

RANGES = ((0x41, 0x5A), (0xC0, 0xD6), (0xD8, 0xDE), (0x391, 0x3A1), (0x3A3, 0x3A9), (0x410, 0x42F))
"""Capitals whose small letter stands 32 places further: Latin, Greek, Cyrillic."""
SIGNS = r"\x00-/:-@\[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f"
"""Signs and spaces, as the inside of a regular expression's brackets."""

_LATIN = {
    c: c + 1 for first, last in ((0x100, 0x136), (0x14A, 0x176)) for c in range(first, last + 1, 2)
}
_LATIN |= {c: c + 1 for c in (*range(0x139, 0x148, 2), 0x179, 0x17B, 0x17D)}
_LATIN |= {0x178: 0xFF, 0x401: 0x451}
_LATIN.pop(0x130)  # a dotted capital I has no small letter of one character
UPPER = {c: c + 32 for first, last in RANGES for c in range(first, last + 1)} | _LATIN
_SIGNS = re.compile(f"[{SIGNS}]+")


def standard(text: str) -> str:
    """The standard form of a text.

    >>> standard("Don't WAIT: 2 for 1 -- now!")
    'don t wait 2 for 1 now'
    >>> standard("ÉTÉ à Łódź"), standard("...")
    ('été à łódź', '')
    """
    if text.isascii():
        return _SIGNS.sub(" ", text.lower()).strip()
    return _SIGNS.sub(" ", text.translate(UPPER)).strip()
