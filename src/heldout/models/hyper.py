"""KerasTuner's way to name settings, without KerasTuner: ``hp.Int("units", 16, 128)`` in a builder
becomes a setting of the model's card, which tune, experiment and run then vary.

A builder is called with ``Hyper`` to find its settings (``space_of``), and with values to build.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from heldout.core.space import Choice, Real, Space, Whole

MOST_VALUES, MOST_BUILDS = 64, 40


class Hyper:
    """Gives each setting its value of ``values``, else its default; ``space`` remembers them all.

    Names, arguments and defaults are those of ``keras_tuner.HyperParameters``.

    >>> hp = Hyper({"units": 64})
    >>> hp.Int("units", 16, 128, step=16), hp.Float("rate", 1e-4, 1e-2, sampling="log")
    (64, 0.0001)
    >>> hp.space["rate"]
    Real(low=0.0001, high=0.01, default=0.0001, log=True)
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.given = dict(values or {})
        self.space: dict[str, Real | Whole | Choice] = {}
        self.values: dict[str, Any] = {}
        self._scope: list[str] = []

    def _say(self, name: str, part: Real | Whole | Choice) -> Any:
        full = "/".join([*self._scope, name])
        self.space.setdefault(full, part)
        self.values[full] = self.given.get(full, part.default)
        return self.values[full]

    def Int(  # noqa: N802 - KerasTuner's name
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = None,
        default: int | None = None,
        **_parents: Any,
    ) -> int:
        """A whole number; ``step`` counts by adding, with sampling="log" by multiplying."""
        log = _is_log(sampling)
        start = min_value if default is None else default
        if step and not (step == 1 and not log):
            values = _steps(min_value, max_value, step, log)
            return int(self._say(name, Choice(tuple(int(v) for v in values), start)))
        return int(self._say(name, Whole(min_value, max_value, start, log)))

    def Float(  # noqa: N802
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = None,
        default: float | None = None,
        **_parents: Any,
    ) -> float:
        """A number."""
        log = _is_log(sampling)
        start = float(min_value if default is None else default)
        if step:
            values = _steps(min_value, max_value, step, log)
            return float(self._say(name, Choice(tuple(values), start)))
        return float(self._say(name, Real(float(min_value), float(max_value), start, log)))

    def Choice(  # noqa: N802
        self,
        name: str,
        values: Sequence[Any],
        ordered: bool | None = None,  # noqa: ARG002 - KerasTuner's, of no use here
        default: Any = None,
        **_parents: Any,
    ) -> Any:
        """One of several."""
        return self._say(name, Choice(tuple(values), values[0] if default is None else default))

    def Boolean(self, name: str, default: bool = False, **_parents: Any) -> bool:  # noqa: N802
        """Yes or no."""
        return bool(self._say(name, Choice((False, True), default)))

    def Fixed(self, name: str, value: Any, **_parents: Any) -> Any:  # noqa: N802
        """No choice; no setting of the card either."""
        self.values["/".join([*self._scope, name])] = value
        return value

    def get(self, name: str) -> Any:
        """The value of a setting that was named before."""
        full = "/".join([*self._scope, name])
        return self.values[full if full in self.values else name]

    @contextlib.contextmanager
    def name_scope(self, name: str) -> Iterator[None]:
        """Names inside begin with ``name/``."""
        self._scope.append(name)
        try:
            yield
        finally:
            self._scope.pop()

    @contextlib.contextmanager
    def conditional_scope(self, *_parent: Any, **_more: Any) -> Iterator[None]:
        """Settings inside count only where the parent has one of these values."""
        yield


def space_of(build: Callable[[Hyper], Any]) -> Space:
    """Every setting of a builder: those that only appear with other values are found by trying
    the ends and choices of those that are known.

    >>> def build(hp):
    ...     return [hp.Int(f"units_{i}", 8, 16) for i in range(hp.Int("layers", 1, 3))]
    >>> sorted(space_of(build))
    ['layers', 'units_0', 'units_1', 'units_2']
    """
    first = Hyper()
    build(first)
    found, tried, builds = dict(first.space), set[tuple[str, str]](), 1
    while builds < MOST_BUILDS:
        fresh = [
            (name, value)
            for name, part in found.items()
            for value in (part.values if isinstance(part, Choice) else (part.high,))
            if value != part.default and (name, repr(value)) not in tried
        ]
        if not fresh:
            break
        for name, value in fresh[: MOST_BUILDS - builds]:
            tried.add((name, repr(value)))
            largest = {n: p.high for n, p in found.items() if isinstance(p, Whole)}
            trial = Hyper({**largest, name: value} if len(tried) % 2 else {name: value})
            with contextlib.suppress(Exception):  # not every mixture can be built
                build(trial)
            found.update({n: p for n, p in trial.space.items() if n not in found})
            builds += 1
    return found


def _is_log(sampling: str | None) -> bool:
    if sampling in (None, "linear"):
        return False
    if sampling == "log":
        return True
    raise ValueError(f'sampling="{sampling}" is not known here: linear or log')


def _steps(low: float, high: float, step: float, log: bool) -> list[float]:
    values: list[float] = []
    value = low
    while value <= high + 1e-12 * abs(high) and len(values) < MOST_VALUES:
        values.append(value)
        value = value * step if log else value + step
    return values
