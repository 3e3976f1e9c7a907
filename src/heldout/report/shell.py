"""What every page has in common: one file, no request leaves it, nothing in it needs a script.

The only script opens folded parts before printing and shows the print button; the page's own
Content-Security-Policy names it by its hash and forbids everything else, requests included.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from heldout.report.draw import Picture

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

SCRIPT = (
    "addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true));"
    "const b=document.getElementById('print');b.hidden=false;b.onclick=()=>print();"
)


@dataclass(frozen=True)
class Part:
    """A section of a plain page: text becomes paragraphs (names between backticks are code);
    pictures and tables (Markup) stay what they are."""

    key: str
    title: str
    blocks: Sequence[str | Picture | Markup]


def plain(
    title: str, heading: str, lead: str, parts: Sequence[Part], facts: Sequence[str] = ()
) -> str:
    """A page of parts, in the looks of the report: for whatever is not a run's own report."""
    return render("plain.html", title=title, heading=heading, lead=lead, parts=parts, facts=facts)


def render(template: str, **values: object) -> str:
    """A template filled in; the page's policy and script are added."""
    return _environment().get_template(template).render(script=SCRIPT, policy=policy(), **values)


def policy() -> str:
    """The Content-Security-Policy of the page: styles of its own, one known script, no request."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def code(text: str) -> Markup:
    """Names between backticks as code; everything is escaped first.

    >>> str(code("`a<b` is set aside"))
    '<code>a&lt;b</code> is set aside'
    """
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def sentence(text: str) -> str:
    """A sentence with a capital and a full stop.

    >>> sentence("two findings"), sentence("`age` is constant"), sentence("heldout inspect DATA")
    ('Two findings.', '`age` is constant.', 'heldout inspect DATA.')
    >>> sentence("it explains 97% of the target")
    'It explains 97 % of the target.'
    """
    text = re.sub(r"(?<=\d)%", " %", text.strip())
    if not text.startswith(("heldout ", "--")):  # a command is told as it is typed
        text = text[:1].upper() + text[1:]
    return text + ("" if text.endswith((".", "?", ":")) else ".")


def block(found: str | Picture | Markup) -> Markup:
    """One block of a plain page."""
    from markupsafe import Markup

    if hasattr(found, "__html__"):
        return Markup("{}").format(found)
    return Markup("<p>{}</p>").format(code(str(found)))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("heldout.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["code"] = code
    made.filters["sentence"] = sentence
    made.filters["block"] = block
    return made
