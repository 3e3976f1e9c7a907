"""A shelf: a package whose every public file holds one thing with its card.

A thing is found because its file is there; there is no list to edit and no import side effect.
Strangers add theirs through the entry point group named like the package.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Generic, TypeVar

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest

Card = TypeVar("Card")


class Shelf(Generic[Card]):
    """``Shelf("heldout.metrics", MetricCard, "metric")``: names without imports, cards by name."""

    def __init__(self, package: str, card: type[Card], word: str) -> None:
        self.package = package
        self.card = card
        self.word = word
        self._cards: dict[str, Card] = {}
        self._put: set[str] = set()
        self._read: dict[str, str] | None = None

    def names(self) -> list[str]:
        """All names in order; no file of the shelf is imported."""
        path = importlib.import_module(self.package).__path__
        own = [m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_")]
        return sorted({*own, *self._strangers()})

    def known(self) -> list[str]:
        """All names, those that were put there for this process too."""
        return sorted({*self.names(), *self._put})

    def get(self, name: str) -> Card:
        """The card of one thing; raises H103 with the nearest name where there is none."""
        if name not in self._cards:
            self._cards[name] = self._load(name)
        return self._cards[name]

    def put(self, name: str, card: Card) -> None:
        """Lay a thing on the shelf for this process; H102 where the name is taken by one of ours."""
        if name in self.names():
            raise HeldoutError(
                "H102",
                f'"{name}" is the name of a {self.word} of heldout',
                why="two things of one name cannot be told apart",
                do=["choose another name"],
            )
        self._cards[name] = card
        self._put.add(name)

    def all(self) -> list[Card]:
        """Every card. Imports every file: for catalogues and tests."""
        return [self.get(name) for name in self.names()]

    def _load(self, name: str) -> Card:
        own = importlib.import_module(self.package).__path__
        strangers = self._known_strangers()
        if name in strangers:
            module = importlib.import_module(strangers[name])
        elif name.isidentifier() and name in {m.name for m in pkgutil.iter_modules(own)}:
            module = importlib.import_module(f"{self.package}.{name}")
        else:
            near = nearest(name, self.names())
            raise HeldoutError(
                "H103",
                f'there is no {self.word} "{name}"',
                seen=f"known: {', '.join(self.names())}",
                why=f"the {self.word} decides what is done",
                do=[f'the nearest name is "{near}"'] if near else [],
            )
        card = module.CARD
        if not isinstance(card, self.card):
            raise TypeError(f"{module.__name__}.CARD is no {self.card.__name__}")
        return card

    def _known_strangers(self) -> dict[str, str]:
        """Read once: reading the entry points takes milliseconds, and a shelf holds many things."""
        if self._read is None:
            self._read = self._strangers()
        return self._read

    def _strangers(self) -> dict[str, str]:
        from importlib.metadata import entry_points

        return {point.name: point.value for point in entry_points(group=self.package)}
