"""How a run shows itself in a notebook: its own page, in a frame that nothing leaves."""

from __future__ import annotations

from markupsafe import Markup

HEIGHT = 560


def framed(page: str, height: int = HEIGHT) -> str:
    """A whole page inside a notebook's cell: its styles do not meet those of the notebook, and the
    sandbox lets it run nothing.

    >>> framed("<p>a</p>").startswith('<iframe sandbox=""')
    True
    """
    return str(
        Markup(
            '<iframe sandbox="" title="heldout" style="width:100%;height:{}px;border:0" '
            'srcdoc="{}"></iframe>'
        ).format(height, page)
    )
