"""Members as one program: every array has an axis of members (JAX's ``vmap``).

What an accelerator needs to be busy with small networks. Members share nothing but the data: order
of rows, settings, masks, losses, optimizers, rules are each one's own. The last bits of the results
depend on how many are trained at once, as on any accelerator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from heldout.core.arrays import Array
from heldout.core.clock import now
from heldout.training import device
from heldout.training.course import Course
from heldout.training.member import Member, Trained
from heldout.training.order import Batches
from heldout.training.program import Program, finite_on
from heldout.training.state import State

if TYPE_CHECKING:
    from heldout.training.engine import JaxLine


def train_together(line: JaxLine, members: Sequence[Member]) -> list[Trained]:
    """Epoch by epoch; who has stopped leaves once half of the places are empty."""
    courses: list[Course] = [line.begin(member) for member in members]
    regime = line.regime
    looked = bool(regime.folder or regime.tensorboard or regime.average or regime.stopping)
    group = Group(line.program, [c for c in courses if not c.stopped])
    while group.alive():
        logs = group.run_epoch(looked)
        for course, own in zip(group.courses, logs, strict=True):
            if own is not None:
                line.close(course, own)
        group.leave()
    return [line.finish(course) for course in courses]


class Group:
    """``state`` holds the courses' states, stacked; a course that left holds its own again."""

    def __init__(self, program: Program, courses: list[Course]) -> None:
        self.program, self.courses = program, courses
        self.left: set[int] = set()
        self.many = _Many.of(program)
        if courses:
            self.state: State = _stacked([c.state for c in courses])

    def alive(self) -> bool:
        """Whether anyone is left."""
        return len(self.left) < len(self.courses)

    def run_epoch(self, looked: bool) -> list[dict[str, float] | None]:
        """One epoch of everyone; the measures of those who have not stopped before. ``looked``:
        each course gets its state back at once, because files or rules ask for it."""
        began = now()
        orders = [c.batches() for c in self.courses]
        values = [c.values(o) for c, o in zip(self.courses, orders, strict=True)]
        source = self.courses[0].source
        cleared = [jnp.stack([part] * len(orders)) for part in device.put_arrays(source.cleared)]
        self.state = (*self.state[:3], cleared)
        before = device.put_arrays(self.state)
        keys = jnp.stack([c.key() for c in self.courses])
        self._advance(source.held, orders, values, keys)
        found = self._measured(values, orders)
        made: list[dict[str, float] | None] = []
        spent = (now() - began) / max(1, len(self.courses) - len(self.left))
        for i, (course, order) in enumerate(zip(self.courses, orders, strict=True)):
            if i in self.left:
                made.append(None)
                continue
            course.seconds += spent
            course.count(order, order.steps)
            logs, finite = found[i]
            if looked or not finite:
                course.state = self.slice(i)
            if not finite or not np.isfinite(logs.get("loss", 0.0)):
                course.broke_at(_part(before, i), order, values[i])
            made.append(logs)
        return made

    def _advance(self, held: Any, orders: list[Batches], values: list[Array], keys: Any) -> None:
        loops = [o.loops for o in orders]
        rows, counts = _even([o.full for o in orders]), _even([o.counts for o in orders])
        settings = _even(values)
        uneven = len(set(loops)) > 1
        self.state = self.many.loop(
            self.state, held, (rows, counts), settings, np.int32(max(loops)), keys, uneven
        )
        last = [o.last for o in orders if o.last is not None]
        if last:
            self.state = self.many.step(
                self.state,
                held,
                np.stack(last).astype(np.int32),
                np.full(len(last), len(last[0]), np.int32),
                np.stack([v[n] for v, n in zip(values, loops, strict=True)]),
                jax.vmap(jax.random.fold_in)(keys, np.asarray(loops)),
            )

    def _measured(
        self, values: list[Array], orders: list[Batches]
    ) -> list[tuple[dict[str, float], bool]]:
        logs, finite = device.get((self.many.measures(self.state[3]), self.many.finite(self.state)))
        last = np.stack([v[o.steps - 1] for v, o in zip(values, orders, strict=True)])
        made = {name: np.asarray(value) for name, value in logs.items()}
        made |= self._judged(last)
        if "learning_rate" in self.program.names:
            made["learning_rate"] = last[:, self.program.names.index("learning_rate")]
        return [
            ({name: float(value[i]) for name, value in made.items()}, bool(finite[i]))
            for i in range(len(self.courses))
        ]

    def _judged(self, values: Array) -> dict[str, Array]:
        judges = [c.judge for c in self.courses]
        first = judges[0]
        if first is None:
            return {}
        held, cleared = first.source.held, device.put_arrays(first.source.cleared)
        at = (*self.state[:2], [jnp.stack([part] * len(judges)) for part in cleared])
        own = [j for j in judges if j is not None]
        weights = None if first.weights is None else np.stack([j.weights for j in own])  # type: ignore[misc]
        if len(first.full):
            rows = np.stack([j.full for j in own])
            at = self.many.judge_loop(at, held, rows, weights, np.int32(rows.shape[1]), values)
        if first.last is not None:
            rest = np.stack([j.last for j in own])  # type: ignore[misc]
            at = self.many.judge(at, held, rest, None, values)
        logs = device.get(self.many.measures(at[2]))
        return {f"val_{name}": np.asarray(value) for name, value in logs.items()}

    def slice(self, i: int) -> Any:
        """The state of one course, on the host."""
        return device.get(_part(self.state, i))

    def leave(self) -> None:
        """Those who stopped take their state; the rest moves together where that halves it."""
        for i, course in enumerate(self.courses):
            if course.stopped and i not in self.left:
                self.left.add(i)
                if course.stopped != "not finite":
                    course.state = self.slice(i)
        stay = [i for i in range(len(self.courses)) if i not in self.left]
        if stay and len(stay) <= len(self.courses) // 2:
            self.state = jax.tree.map(lambda part: part[np.asarray(stay)], self.state)
            self.courses, self.left = [self.courses[i] for i in stay], set()


class _Many:
    """The program's functions with an axis of members, compiled once a program."""

    def __init__(self, program: Program) -> None:
        one = program
        self.loop = jax.jit(self._loop, donate_argnums=0, static_argnums=6)
        self.step = jax.jit(jax.vmap(one.step_on, in_axes=(0, None, 0, 0, 0, 0)), donate_argnums=0)
        self.judge_loop = jax.jit(
            jax.vmap(one.judge_loop_on, in_axes=(0, None, 0, 0, None, 0)),
        )
        self.judge = jax.jit(jax.vmap(one.judge_on, in_axes=(0, None, 0, 0, 0)))
        self.measures = jax.jit(jax.vmap(one.measures_on))
        self.finite = jax.jit(jax.vmap(finite_on))
        self.one = one

    @classmethod
    def of(cls, program: Program) -> _Many:
        """Kept with the program."""
        kept = program.many
        if not isinstance(kept, cls):
            kept = program.many = cls(program)
        return kept

    def _loop(
        self, state: Any, data: Any, order: Any, values: Any, end: Any, keys: Any, uneven: bool
    ) -> Any:
        """``order`` = (rows (M, S, B), real rows (M, S)), ``values`` (M, S, K); ``uneven``: some
        members have fewer steps, and stay as they are for the rest."""
        rows, counts = order

        def member(state: Any, rows: Any, count: Any, values: Any, key: Any) -> Any:
            made = self.one.step_on(state, data, rows, count, values, key)
            if not uneven:
                return made
            return jax.tree.map(lambda new, old: jnp.where(count > 0, new, old), made, state)

        def body(i: Any, carry: Any) -> Any:
            own = jax.vmap(jax.random.fold_in, (0, None))(keys, i)
            return jax.vmap(member)(carry, rows[:, i], counts[:, i], values[:, i], own)

        return jax.lax.fori_loop(0, end, body, state)


def _stacked(states: list[Any]) -> Any:
    return jax.tree.map(lambda *parts: jnp.stack([jnp.asarray(p) for p in parts]), *states)


def _part(state: Any, i: int) -> Any:
    return jax.tree.map(lambda part: part[i], state)


def _even(arrays: list[Array]) -> Array:
    """Stacked; shorter ones are filled with zeros."""
    most = max(len(a) for a in arrays)
    filled = [np.concatenate([a, np.zeros((most - len(a), *a.shape[1:]), a.dtype)]) for a in arrays]
    made: Array = np.stack(filled)
    return made
