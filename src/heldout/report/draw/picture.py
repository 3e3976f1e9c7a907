"""Picture: a drawing with a name, one sentence that says what to see, and its numbers as a table.

Drawings are plain SVG inside HTML, written here rather than by a library: they follow the reader's
colors (light, dark, print) by CSS variables, and their text keeps its size on a phone because only
the lines are stretched. Whatever comes from data is escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """``head`` and ``rows`` are the numbers of the drawing, as text; ``body`` is its markup."""

    name: str
    says: str
    body: Markup
    head: Cells = ()
    rows: tuple[Cells, ...] = field(default=(), repr=False)
    narrow: bool = False
    main: bool = False

    def __html__(self) -> Markup:
        """The whole figure, so that a template writes ``{{ picture }}``."""
        title = "" if self.main else Markup("<strong>{}</strong> ").format(self.name)
        parts = [
            Markup('<figure class="picture{}"><figcaption>{}{}</figcaption>').format(
                " narrow" if self.narrow else "", title, self.says
            ),
            self.body,
        ]
        if self.rows:
            parts.append(
                Markup(
                    '<details class="numbers"><summary>numbers<span class="unseen"> of {}</span>'
                    "</summary>{}</details>"
                ).format(self.name, table(self.name, self.head, self.rows))
            )
        return Markup("\n").join([*parts, Markup("</figure>")])


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table whose first column names the row; on a phone every row becomes a small list."""
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(h) if h else Markup("<td></td>") for h in head
    )
    lines = []
    for first, *cells in rows:
        told = Markup("").join(
            Markup('<td data-label="{}">{}</td>').format(h, c)
            for h, c in zip(head[1:], cells, strict=False)
        )
        lines.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(first, told))
    return Markup(
        '<table class="stack"><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(caption, heads, Markup("\n").join(lines))


def svg(name: str, says: str, inside: Markup, height: float | str, kind: str = "") -> Markup:
    """A drawing as wide as its place, ``height`` pixels high, with name and sentence for those who
    hear it."""
    mark = "p" + hashlib.blake2s(f"{name}{says}{inside}".encode(), digest_size=5).hexdigest()
    return Markup(
        '<svg role="img" class="{4}" width="100%" height="{3}" aria-labelledby="{0}n {0}s">'
        '<title id="{0}n">{1}</title><desc id="{0}s">{2}</desc>{5}</svg>'
    ).format(mark, name, says, height, kind, inside)


def tag(name: str, text: str | None = None, /, **attributes: object) -> Markup:
    """An element; ``class_`` is ``class``, an underscore a hyphen, None is left out.

    >>> str(tag("line", x1=0, x2="100%", class_="axis"))
    '<line x1="0" x2="100%" class="axis"/>'
    """
    told = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None
    )
    if text is None:
        return Markup("<{}{}/>").format(name, told)
    return Markup("<{0}{1}>{2}</{0}>").format(name, told, text)


def join(parts: Iterable[Markup]) -> Markup:
    """Pieces of markup one after another."""
    return Markup("").join(parts)


def cut(text: str, most: int = 18) -> str:
    """A label that fits; the whole of it stands in the table.

    >>> cut("a very long name of a column", 12)
    'a very long…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
