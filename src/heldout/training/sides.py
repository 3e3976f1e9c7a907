"""Members in turn, on threads, or together as one program: which, and why.

Measured (``bench/training.py``, ``bench/LOG.md``): on a CPU a member on each core gives the bits of
one after the other in less time; one program for all members (``jax.vmap``) is what an accelerator
needs, and changes the last bits with the number of members.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heldout.training.member import Member, Trained

if TYPE_CHECKING:
    from heldout.training.engine import JaxLine, Line

WAYS = ("auto", "in turn", "threads", "together")


@dataclass(frozen=True)
class Way:
    """``kind`` is one of ``WAYS``; ``width`` how many members at once; ``why`` a sentence."""

    kind: str
    width: int
    why: str


def choose(line: Line, members: Sequence[Member]) -> Way:
    """What was asked for, else the fastest that changes nothing that was promised."""
    asked, many = line.regime.side, len(members)
    if asked not in WAYS:
        raise ValueError(f"side {asked!r} is none of {', '.join(WAYS)}")
    if many < 2 or asked == "in turn":
        return Way("in turn", 1, "members in turn: as asked" if many > 1 else "")
    alone = _alone(line)
    if alone:
        return Way("in turn", 1, f"members in turn: {alone}")
    from heldout.training import device

    unequal = _unequal(line, members)  # type: ignore[arg-type]
    together = asked == "together" or (asked == "auto" and not device.on_cpu())
    if together and not unequal:
        said = "as asked" if asked == "together" else "the device is made for it"
        return Way("together", many, f"{many} members as one program: {said}")
    width = min(many, device.threads())
    if asked != "threads" and width < 2:
        why = unequal if together else "there is one core for this"
        return Way("in turn", 1, f"members in turn: {why}")
    if not device.on_cpu():
        return Way("in turn", 1, f"members in turn: {unequal}")
    said = f"; not together: {unequal}" if together else ""
    width = max(width, 2)
    return Way("threads", width, f"a member on each of {width} cores, as alone{said}")


def _alone(line: Line) -> str:
    """Why members cannot be trained at the same time, or nothing."""
    from heldout.training.engine import JaxLine

    r = line.regime
    if not isinstance(line, JaxLine):
        return "Model.fit trains one model at a time"
    if line.present:
        return "training goes on from one model's weights"
    if r.callback_list or r.on_epoch is not None or r.watch is not None:
        return "callbacks see one model at a time"
    return ""


def _unequal(line: JaxLine, members: Sequence[Member]) -> str:
    """Why members cannot share one program's shapes, or nothing."""
    r = line.regime
    own = any(m.data is not None or m.validation_data is not None for m in members)
    if own or line.data is None or line.shared is None:
        return "members have data of their own"
    if line.shared.held is None:
        return "the data do not fit on the device at once"
    if line.driver != "loop":
        return "a convolution or a callback needs step by step"
    if r.steps is not None or r.samples is not None:
        return "a budget of steps or samples may end in the middle of an epoch"
    judges = [line.judge(m, line.shared, line.data) for m in members]
    sizes = {
        None if j is None else (j.full.shape, 0 if j.last is None else len(j.last)) for j in judges
    }
    rows = {None if m.rows is None else len(m.rows) for m in members}
    if len(rows) > 1 and not r.padded:
        return "members have other numbers of rows (padded=True lets them share)"
    if len(sizes) > 1:
        return "members have other numbers of validation rows"
    return ""


def in_turn(line: Line, members: Sequence[Member]) -> list[Trained]:
    """One after the other."""
    return [line.finish(line.go(line.begin(member))) for member in members]


def on_threads(line: Line, members: Sequence[Member], width: int) -> list[Trained]:
    """The first member's first epoch compiles; then a member a thread. XLA runs one thread a
    program here and lets go of the interpreter, so that threads share the cores."""
    first = line.begin(members[0])
    line.epoch(first)

    def rest(member: Member) -> Trained:
        course: Any = first if member is members[0] else line.begin(member)
        return line.finish(line.go(course))

    with ThreadPoolExecutor(width) as pool:
        return list(pool.map(rest, members))


def run(line: Line, members: Sequence[Member]) -> list[Trained]:
    """By the way that was chosen; the sentence is kept with the structure."""
    way = choose(line, members)
    if way.why:
        line.say(way.why)
    if way.kind == "together":
        from heldout.training.together import train_together

        jax_line: JaxLine = line  # type: ignore[assignment]
        return train_together(jax_line, members)
    if way.kind == "threads":
        return on_threads(line, members, way.width)
    return in_turn(line, members)
