"""Members of one structure, one after the other, from their start or their checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from heldout.training import state as states
from heldout.training.boundary import Rules
from heldout.training.callbacks import Watchers
from heldout.training.data import Data
from heldout.training.layers import has_native_convolution
from heldout.training.member import Member, Trained
from heldout.training.order import bucket
from heldout.training.progress import Progress, rows_of

if TYPE_CHECKING:
    from heldout.training.population import Structure
    from heldout.training.source import Source


def train_members(
    structure: Structure, members: Sequence[Member], data: Data | None, present: bool = False
) -> list[Trained]:
    """Train them in turn; ``present`` starts from the weights that the model has now, and leaves
    the trained ones in it."""
    jax = keras.backend.backend() == "jax"
    line = (JaxLine if jax else FitLine)(structure, members, data, present)
    return [line.train(member) for member in members]


class Line:
    """What members of one structure share."""

    def __init__(
        self, structure: Structure, members: Sequence[Member], data: Data | None, present: bool
    ) -> None:
        self.structure, self.present, self.data = structure, present, data
        self.regime = structure.regime
        self.names = structure.names(members)
        self.watchers = Watchers.of(structure.model, self.regime)

    def course(self, member: Member, data: Data, start: states.State) -> Progress:
        """Ready to run from this state."""
        raise NotImplementedError

    def start(self, member: Member, data: Data) -> states.State:
        """The weights of the member's seed, or those that the model has now."""
        model = self.structure.model
        if self.present:
            return states.read(model)
        return states.initial(model, self.structure.build, member.seed.child("weights"), data)

    def train(self, member: Member) -> Trained:
        """From its start, or its checkpoint, to its end."""
        data = self.data if member.data is None else member.data
        if data is None:
            raise ValueError("neither the population nor its member has data")
        course = self.course(member, data, self.start(member, data))
        self.watchers.begin(course)
        course.spent()
        while not course.stopped:
            logs = course.run_epoch()
            if logs is not None:
                course.close_epoch(logs)
                self.watchers.after_epoch(course, logs)
        self.watchers.end(course)
        made = course.result()
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
        self.program = structure.program(self.names)
        self.cleared = states.read(structure.model)[3]
        own = [m.data for m in members if m.data is not None]
        self.fill = bucket(max((len(d) for d in own), default=0)) if self.regime.padded else 0
        self.shared = None if data is None else self._source(data)

    def _source(self, data: Data, rows: int = 0) -> Source:
        from heldout.training.source import Source

        return Source.of(data, self.cleared, self.regime.memory, rows)

    @property
    def driver(self) -> str:
        """The loop, unless a convolution or a callback forbids it."""
        from heldout.training.device import on_cpu

        if self.regime.driver != "auto":
            return self.regime.driver
        native = on_cpu() and has_native_convolution(self.structure.model)
        return "step" if native or self.watchers.by_batch else "loop"

    def course(self, member: Member, data: Data, start: states.State) -> Progress:
        """Ready to run from this state."""
        from heldout.training.course import Course
        from heldout.training.device import put_arrays
        from heldout.training.judge import Judge

        source = self.shared
        if member.data is not None or source is None:
            source = self._source(data, self.fill)
        judge, r = None, self.regime
        if member.validation_data is not None:
            other = member.validation_data
            place = self._source(other, bucket(len(other)) if r.padded else 0)
            judge = Judge.of(place, np.arange(len(other)), r.validation_batch, r.padded, other)
        elif member.validation is not None:
            judge = Judge.of(source, member.validation, r.validation_batch, r.padded, data)
        return Course(
            **self.progress(member, data),
            program=self.program,
            source=source,
            judge=judge,
            state=put_arrays(start),
            driver=self.driver,
        )


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
        return FitCourse(**made, model=self.structure.model, data=data, held=held)
