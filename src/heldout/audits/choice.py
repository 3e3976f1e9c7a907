"""What the checks of the protocol pass decide: which rows belong together, what orders them."""

from __future__ import annotations

from heldout.audits.finding import Look


def choose(look: Look, part: str, columns: tuple[str, ...]) -> None:
    """Remember ``columns`` as "group" or as "time"; the first choice of a review stands."""
    look.memo.setdefault("choice", {}).setdefault(part, columns)


def chosen(look: Look) -> dict[str, tuple[str, ...]]:
    """ "group" and "time", where they were found for certain."""
    return dict(look.memo.get("choice", {}))


def may(look: Look, part: str) -> bool:
    """Whether a check may decide: nobody has said "none", nor chosen a protocol."""
    return part not in look.memo.get("declined", ())


def decline(look: Look, *parts: str) -> None:
    """The person has said that there are none: what is found is told and changes nothing."""
    look.memo.setdefault("declined", set()).update(parts)
