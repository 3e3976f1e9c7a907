"""What is left to spend: seconds of the workers, or a number of fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from heldout.core.clock import Deadline, now
from heldout.core.space import Settings
from heldout.models.card import ModelCard
from heldout.search.price import Prices

MARGIN = 0.3  # seconds before the deadline at which fits are asked to end


class Meter(Protocol):
    """Prices and remainders in one currency; ``counts_fits`` says which."""

    prices: Prices
    counts_fits: bool

    def price(
        self, index: int, card: ModelCard, settings: Settings, prepared: bool
    ) -> tuple[float, float]:
        """(middle, 90 %) price of one fit."""

    def left(self) -> float:
        """What one fit may cost at most."""

    def capacity(self) -> float:
        """What all fits that are still to start may cost together."""

    @property
    def total(self) -> float:
        """What there was at the start."""

    def begin(self, ticket: int, price: float) -> None:
        """A fit was started."""

    def end(self, ticket: int) -> None:
        """It has ended."""


@dataclass
class SecondsMeter:
    """Wall seconds until the deadline, times the workers."""

    prices: Prices
    deadline: Deadline
    workers: int
    counts_fits: bool = False
    refit: float = 0.0  # seconds that the refit of the leaders will take
    _running: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._total = max(0.01, self.left()) * self.workers

    @property
    def total(self) -> float:
        return self._total

    @property
    def soft(self) -> Deadline:
        """When fits are asked to end."""
        return self.deadline.earlier(MARGIN + self.refit)

    def price(
        self, index: int, card: ModelCard, settings: Settings, prepared: bool
    ) -> tuple[float, float]:
        return self.prices.wall(index, card, settings, prepared=prepared)

    def left(self) -> float:
        return self.soft.left()

    def capacity(self) -> float:
        busy = sum(max(0.0, end - now()) for end in self._running.values())
        return max(0.0, self.left() * self.workers - busy)

    def begin(self, ticket: int, price: float) -> None:
        self._running[ticket] = now() + price

    def end(self, ticket: int) -> None:
        self._running.pop(ticket, None)


@dataclass
class FitsMeter:
    """A number of fits; each costs one, whatever it takes."""

    prices: Prices
    work: int
    counts_fits: bool = True
    _begun: int = 0

    @property
    def total(self) -> float:
        return float(self.work)

    def price(
        self,
        index: int,  # noqa: ARG002
        card: ModelCard,  # noqa: ARG002
        settings: Settings,  # noqa: ARG002
        prepared: bool,  # noqa: ARG002
    ) -> tuple[float, float]:
        return 1.0, 1.0

    def left(self) -> float:
        return float(self.work - self._begun)

    def capacity(self) -> float:
        return self.left()

    def begin(self, ticket: int, price: float) -> None:  # noqa: ARG002
        self._begun += 1

    def end(self, ticket: int) -> None:
        """Nothing is given back."""
