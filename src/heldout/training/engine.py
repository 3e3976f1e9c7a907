"""Members of one structure, from their start or their checkpoint to their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from heldout.training import advice, knobs, precision, sides
from heldout.training import state as states
from heldout.training.boundary import Rules
from heldout.training.callbacks import Watchers
from heldout.training.data import Data
from heldout.training.hooks import Hooks
from heldout.training.layers import has_native_convolution
from heldout.training.member import Member, Trained
from heldout.training.order import bucket
from heldout.training.progress import Progress, rows_of

if TYPE_CHECKING:
    from heldout.training.judge import Judge
    from heldout.training.population import Structure
    from heldout.training.source import Source


def train_members(
    structure: Structure, members: Sequence[Member], data: Data | None, present: bool = False
) -> list[Trained]:
    """Train them, in turn or side by side (``sides``); ``present`` starts from the weights that
    the model has now, and leaves the trained ones in it."""
    jax = keras.backend.backend() == "jax"
    line = (JaxLine if jax else FitLine)(structure, members, data, present)
    return sides.run(line, members)


class Line:
    """What members of one structure share."""

    def __init__(
        self, structure: Structure, members: Sequence[Member], data: Data | None, present: bool
    ) -> None:
        self.structure, self.present, self.data = structure, present, data
        self.regime = structure.regime
        self.names = structure.names(members)
        self.watchers = Watchers.of(structure.model, self.regime)
        self.precision, why = precision.chosen(self.regime.precision, self.accelerator)
        self.say(why)
        own = next((m.data for m in members if m.data is not None), data)
        if members and own is not None:
            for sentence in advice.on(
                structure.model, members, self.regime, len(rows_of(members[0], own))
            ):
                self.say(sentence)

    @property
    def accelerator(self) -> bool:
        """Whether the arithmetic is done by more than a CPU."""
        return False

    def say(self, sentence: str) -> None:
        """Keep what was chosen and why with the structure, once."""
        if sentence not in self.structure.notes:
            self.structure.notes.append(sentence)

    def course(self, member: Member, data: Data, start: states.State) -> Progress:
        """Ready to run from this state."""
        raise NotImplementedError

    def start(self, member: Member, data: Data) -> states.State:
        """The weights of the member's seed, or those that the model has now."""
        model = self.structure.model
        if self.present:
            return states.read(model)
        return states.initial(model, self.structure.build, member.seed.child("weights"), data)

    def begin(self, member: Member) -> Any:
        """Ready to run, from its start or its checkpoint."""
        data = self.data if member.data is None else member.data
        if data is None:
            raise ValueError("neither the population nor its member has data")
        with knobs.LOCK:
            course: Any = self.course(member, data, self.start(member, data))
            self.watchers.begin(course)
            if self.watchers.by_batch:
                course.hooks = Hooks(self.structure.model, self.watchers.listed)
        course.ready()
        course.spent()
        return course

    def epoch(self, course: Any) -> None:
        """One more, unless it has stopped."""
        if course.stopped:
            return
        if self.regime.callback_list and not course.done:
            Hooks(self.structure.model, self.watchers.listed).epoch(course)
        logs = course.run_epoch()
        if logs is not None:
            self.close(course, logs)

    def close(self, course: Any, logs: dict[str, float]) -> None:
        """An epoch has ended: rules, callbacks, files."""
        course.close_epoch(logs)
        self.watchers.after_epoch(course, logs)

    def go(self, course: Any) -> Any:
        """To its end."""
        while not course.stopped:
            self.epoch(course)
        return course

    def finish(self, course: Any) -> Trained:
        """What became of it."""
        with knobs.LOCK:
            self.watchers.end(course)
            made: Trained = course.result()
        if self.present:
            self.structure.model.set_weights(made.weights)
        return made

    def progress(self, member: Member, data: Data) -> dict[str, Any]:
        """What every course is made of."""
        return {
            "member": member,
            "regime": self.regime,
            "rows": rows_of(member, data),
            "names": self.names,
            "settings": self.structure.settings(member, self.names),
            "rules": Rules.of(self.regime),
        }


class JaxLine(Line):
    """The program and the data on the device."""

    def __init__(
        self, structure: Structure, members: Sequence[Member], data: Data | None, present: bool
    ) -> None:
        super().__init__(structure, members, data, present)
        self.program = structure.program(
            self.names, self.unfold, not self.accelerator, self.precision
        )
        self.cleared = states.read(structure.model)[3]
        own = [m.data for m in members if m.data is not None]
        self.fill = bucket(max((len(d) for d in own), default=0)) if self.regime.padded else 0
        self.shared = None if data is None else self._source(data)

    def _source(self, data: Data, rows: int = 0) -> Source:
        from heldout.training.drawn import Drawn
        from heldout.training.endless import Endless
        from heldout.training.source import Source

        kind = Drawn if isinstance(data, Endless) else Source
        return kind.of(data, self.cleared, self.regime.memory, rows)

    @property
    def accelerator(self) -> bool:
        """Whether JAX computes on more than a CPU."""
        from heldout.training.device import on_cpu

        return not on_cpu()

    @property
    def unfold(self) -> bool:
        """Whether convolutions run in a loop on a CPU."""
        return self.driver == "loop" and not self.accelerator

    @property
    def driver(self) -> str:
        """The loop, unless a convolution or a callback forbids it."""
        if self.regime.driver != "auto":
            return self.regime.driver
        native = not self.accelerator and has_native_convolution(self.structure.model)
        return "step" if native or self.watchers.by_batch else "loop"

    def course(self, member: Member, data: Data, start: states.State) -> Progress:
        """Ready to run from this state."""
        from heldout.training.course import Course
        from heldout.training.device import put_arrays

        source = self.shared
        if member.data is not None or source is None or not source.replays:
            source = self._source(data, self.fill)
        return Course(
            **self.progress(member, data),
            program=self.program,
            source=source,
            judge=self.judge(member, source, data),
            state=put_arrays(start),
            driver=self.driver,
        )

    def judge(self, member: Member, source: Source, data: Data) -> Judge | None:
        """Of the member's validation rows, where it has some."""
        from heldout.training.judge import Judge

        r, rows = self.regime, member.validation
        if member.validation_data is not None:
            data = member.validation_data
            source = self._source(data, bucket(len(data)) if r.padded else 0)
            rows = np.arange(len(data))
        if rows is None:
            return None
        made = Judge.of(source, rows, r.validation_batch, r.padded, data)
        made.looped = self.driver == "loop"
        return made


class FitLine(Line):
    """Through ``Model.fit``, on any backend."""

    def course(self, member: Member, data: Data, start: states.State) -> Progress:
        """The one model, put back to this state."""
        from heldout.training.fallback import FitCourse

        states.write(self.structure.model, start)
        held = member.validation_data
        if held is None and member.validation is not None:
            held = data.take(np.asarray(member.validation))
        made = self.progress(member, data)
        if self.regime.padded:
            made["regime"] = replace(self.regime, padded=False)
        return FitCourse(
            **made, model=self.structure.model, data=data, held=held, precision=self.precision
        )
