"""``report.html``: one file, no request leaves it, nothing in it needs a script.

The only script opens folded parts before printing and shows the print button; the page's own
Content-Security-Policy names it by its hash and forbids everything else, requests included.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from heldout.core import files
from heldout.report import answer, card, evidence, glossary, sections
from heldout.report.record import RunRecord

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

SCRIPT = (
    "addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true));"
    "const b=document.getElementById('print');b.hidden=false;b.onclick=()=>print();"
)


def write(run_folder: str | Path) -> Path:
    """Write ``report.html`` and ``card.md`` of a run from its journal; returns the page's path."""
    folder = Path(run_folder)
    record = RunRecord.from_journal(folder)
    page = folder / "report.html"
    files.write(folder / "card.md", card.text(record))
    files.write(page, render(record))
    return page


def render(record: RunRecord) -> str:
    """The whole page as text."""
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=answer.page_title(record),
            script=SCRIPT,
            policy=policy(),
            record=record,
            header=sections.header(record),
            banner=sections.banner(record),
            opening=sections.opening(record),
            believe=sections.believe(record),
            drives=evidence.drives(record),
            fails=evidence.fails(record),
            tried=evidence.tried(record),
            limits=sections.limits(record),
            findings=sections.findings(record),
            terms=glossary.terms(record),
        )
    )


def policy() -> str:
    """The Content-Security-Policy of the page: styles of its own, one known script, no request."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
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

    >>> sentence("two findings"), sentence("`age` is constant")
    ('Two findings.', '`age` is constant.')
    """
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", ":")) else ".")


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
    return made
