"""Settings with the defaults of a space; a name that the learner does not know is refused."""

from __future__ import annotations

from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.core.space import Settings, Space, defaults


def complete(space: Space, settings: Settings) -> dict[str, Any]:
    """Defaults, overridden; raises H103 for an unknown name.

    >>> from heldout.core.space import Whole
    >>> complete({"trees": Whole(1, 500, 200)}, {"trees": 50})
    {'trees': 50}
    """
    for name in settings:
        if name not in space:
            near = nearest(name, space)
            raise HeldoutError(
                "H103",
                f'the learner has no setting "{name}"',
                seen=f"known: {', '.join(space) or 'none'}",
                why="a setting that is passed over would look as if it had been tried",
                do=[f'the nearest name is "{near}"'] if near else [],
            )
    return {**defaults(space), **settings}
