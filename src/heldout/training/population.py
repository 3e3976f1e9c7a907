"""A population: one architecture, many members; one compiled program for all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Array
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.training import knobs, precision
from heldout.training import state as states
from heldout.training.data import Data, each
from heldout.training.endless import Endless
from heldout.training.engine import train_members
from heldout.training.member import Member, Regime, Trained

Build = Callable[..., Any]


@dataclass
class Population:
    """``build`` returns a compiled Keras model and may take arguments: settings of those names
    are structure, and mean a program each (``notes`` says so). Or it is a compiled model, which
    is cloned for other seeds. On a CPU members are trained in turn, or one on each core, bit for
    bit as alone; ``notes`` says what was chosen."""

    build: Build | Any
    data: Data | None
    members: Sequence[Member]
    regime: Regime = field(default_factory=lambda: Regime(epochs=10))
    notes: list[str] = field(default_factory=list)

    def run(self) -> list[Trained]:
        """Train every member, in their order."""
        regime = _with_deadline(self.regime)
        done: dict[int, Trained] = {}
        groups = self._groups()
        if len(groups) > 1:
            names = sorted({name for key, _ in groups.items() for name, _ in key})
            self.notes.append(f"{len(groups)} programs are compiled: {', '.join(names)} differ")
        for key, where in groups.items():
            structure = Structure.of(self._builder(dict(key)), regime, self._some_data(where[0]))
            own = dict(key)
            members = [_without(self.members[i], own) for i in where]
            for i, trained in zip(where, structure.train(members, self.data), strict=True):
                trained.member = self.members[i]
                done[i] = trained
            self.notes += [note for note in structure.notes if note not in self.notes]
        return [done[i] for i in range(len(self.members))]

    def _some_data(self, i: int) -> Data:
        data = self.members[i].data or self.data
        if data is None:
            raise ValueError("neither the population nor its member has data")
        return data

    def _groups(self) -> dict[tuple[tuple[str, Any], ...], list[int]]:
        """Members by the settings that are arguments of ``build``."""
        own = _arguments(self.build)
        groups: dict[tuple[tuple[str, Any], ...], list[int]] = {}
        for i, member in enumerate(self.members):
            key = tuple(sorted((k, v) for k, v in member.settings.items() if k in own))
            groups.setdefault(key, []).append(i)
        return groups

    def _builder(self, settings: Mapping[str, Any]) -> Callable[[], Any]:
        if isinstance(self.build, keras.Model):
            return _cloner(self.build)
        build = self.build
        return lambda: build(**settings)


@dataclass
class Structure:
    """One structure: its template model, its program, and how to begin again."""

    model: Any
    build: Callable[[], Any]
    regime: Regime
    programs: dict[Any, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what was chosen, and why

    @classmethod
    def of(cls, build: Callable[[], Any], regime: Regime, data: Data) -> Structure:
        """Build the template once."""
        if keras.backend.backend() == "jax":
            from heldout.training.compiled import remember

            remember()  # before the small programs that building compiles
        model = build()
        model.optimizer = precision.scaled(model, regime.precision)
        states.prepare(model, data)
        return cls(model, build, regime)

    def train(self, members: Sequence[Member], data: Data | None) -> list[Trained]:
        """The members in turn."""
        return train_members(self, members, data)

    def program(
        self,
        names: tuple[str, ...],
        unfold: bool = False,
        cpu: bool = False,
        kind: str = "float32",
    ) -> Any:
        """The compiled program whose inputs are these settings, made once (JAX)."""
        from heldout.training.program import Program

        r, key = self.regime, (names, unfold, cpu, kind)
        if key not in self.programs:
            self.programs[key] = Program(
                self.model,
                names,
                padded=r.padded,
                augment=r.augment,
                unfold=unfold,
                cpu=cpu,
                precision=kind,
            )
        return self.programs[key]

    def predict(self, x: Any) -> Any:
        """The model's outputs for this batch, with the weights that it holds now."""
        if keras.backend.backend() != "jax":
            return each(states.to_numpy, self.model.predict_on_batch(x))
        program = next(iter(self.programs.values())) if self.programs else self.program(())
        own, others = self.model.trainable_variables, self.model.non_trainable_variables
        outputs = program.forward([v.value for v in own], [v.value for v in others], x)
        return each(np.asarray, outputs)

    def names(self, members: Sequence[Member]) -> tuple[str, ...]:
        """The settings that are inputs of the program: those that any member gives, and the
        learning rate where it is a number."""
        given = {name for m in members for name in m.settings}
        if not isinstance(_rate(self.model), keras.optimizers.schedules.LearningRateSchedule):
            given.add("learning_rate")
        for name in sorted(given - {"learning_rate"}):
            knobs.slots(self.model, name)
        return tuple(sorted(given))

    def settings(self, member: Member, names: Sequence[str]) -> dict[str, Any]:
        """The member's own, else what the model was built with."""
        return {name: member.settings.get(name, self._present(name)) for name in names}

    def _present(self, name: str) -> float:
        if name == "learning_rate":
            return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        return knobs.present(self.model, name)


def _without(member: Member, names: Mapping[str, Any]) -> Member:
    """Without the settings that are structure."""
    settings = {k: v for k, v in member.settings.items() if k not in names}
    return replace(member, settings=settings)


def _rate(model: Any) -> Any:
    return getattr(knobs.inner(model.optimizer), "_learning_rate", None)


def _arguments(build: Any) -> set[str]:
    if isinstance(build, keras.Model):
        return set()
    return set(inspect.signature(build).parameters)


def _cloner(model: Any) -> Callable[[], Any]:
    """Models like this one, with fresh weights."""

    def build() -> Any:
        made = keras.models.clone_model(model)
        made.compile_from_config(model.get_compile_config())
        return made

    return build


def _with_deadline(regime: Regime) -> Regime:
    if regime.seconds is None:
        return regime
    own = Deadline.after(regime.seconds)
    return replace(regime, deadline=min(own, regime.deadline, key=lambda d: d.at), seconds=None)


def train(
    model: Any,
    data: Data | tuple[Any, ...],
    *,
    validation: Data | tuple[Any, ...] | Array | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: Seed | int = 0,
    **regime: Any,
) -> Trained:
    """Train a compiled Keras model from the weights that it has, in place, and return how it went.

    ``data`` is ``Data`` or (x, y) or (x, y, weights), or batches drawn without end (``Endless``);
    ``validation`` likewise, or row numbers of
    ``data``. ``settings`` are numbers or schedules (``Member``), ``regime`` the fields of
    ``Regime``: ``epochs``, ``batch``, ``stopping`` and so on. Raises H268 where last layer, loss
    and target do not fit together, H269 where shapes do not.
    """
    from heldout.training.diagnosis import pairing

    own = data if isinstance(data, Data) else Data.of(*data)
    rows = held = None
    other: Data | None = None
    if isinstance(validation, np.ndarray):
        held = validation
        rows = np.setdiff1d(np.arange(len(own)), held)
    elif validation is not None:
        other = validation if isinstance(validation, Data) else Data.of(*validation)
    root = seed if isinstance(seed, Seed) else Seed(seed)
    member = Member("0", rows, held, root, settings or {}, None, other)
    if regime.get("epochs", regime.get("steps", regime.get("samples"))) is None:
        regime["epochs"] = 10
    if isinstance(own, Endless):
        regime |= {"batch": own.size, "shuffle": False}
    how = _with_deadline(Regime(**regime))
    before = model.optimizer
    model.optimizer = precision.scaled(model, how.precision) if model.compiled else before
    try:
        states.prepare(model, own)
        pairing.refuse(model, own)
        structure = Structure(model, lambda: model, how)
        made = train_members(structure, [member], own, present=True)[0]
        made.notes += structure.notes
        return made
    finally:
        model.optimizer = before
