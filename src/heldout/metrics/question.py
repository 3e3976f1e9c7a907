"""What a metric must know of a task; ``tasks.task.Task`` is one (a floor above)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Question(Protocol):
    """The parts of a task that scoring reads."""

    @property
    def kind(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def positive(self) -> str | None: ...
    @property
    def positive_code(self) -> int: ...
    @property
    def is_classification(self) -> bool: ...
    @property
    def threshold(self) -> float | None: ...
    @property
    def cost(self) -> Mapping[str, float]: ...
