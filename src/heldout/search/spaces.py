"""The space of a search: what a card declares, less and other than that by a file, then by flags.

A file says, for each setting, one value (fixed), a list (one of them) or ``low`` and ``high``
(``log: true`` where factors count); ``--set lightgbm.leaves=31`` fixes one and beats the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heldout.core import plain_yaml
from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.core.space import Choice, Real, Settings, Space, Whole, typed
from heldout.models.card import MODELS, ModelCard

KEYS = ("low", "high", "log", "default")


@dataclass(frozen=True)
class SearchSpace:
    """``free`` is searched, ``fixed`` holds; together they are every setting of ``card``."""

    card: str
    free: Space
    fixed: Settings

    @property
    def start(self) -> dict[str, Any]:
        """The settings that are tried first: defaults, where nothing else was said."""
        return {**{name: part.default for name, part in self.free.items()}, **self.fixed}

    def as_dict(self) -> dict[str, Any]:
        """What ``--space`` reads again."""
        said = {name: _said(part) for name, part in self.free.items()}
        return {self.card: {**said, **self.fixed}}


def resolve(card: ModelCard, file: Path | None, flags: Mapping[str, Any]) -> SearchSpace:
    """The card's ranges, then the file's, then the flags (``model.setting`` or ``setting``).

    Raises H103 for a setting that the model has not, H102 for a value that makes no sense.
    """
    free: dict[str, Real | Whole | Choice] = dict(card.space)
    fixed: dict[str, Any] = {}
    for name, said in (_from_file(file, card) if file else {}).items():
        part = _part(card, name)
        if isinstance(said, (Mapping, list)):
            free[name] = _ranged(part, said, f"{name} in {file}")
        else:
            fixed[name] = _typed(part, said, f"{name} in {file}")
    fixed |= settings_of(card, flags)
    return SearchSpace(card.name, {k: v for k, v in free.items() if k not in fixed}, fixed)


def settings_of(card: ModelCard, flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that speak of this card, typed; ``leaves`` alone speaks of every card that has it.

    >>> settings_of(MODELS.get("lightgbm"), {"lightgbm.leaves": "7", "ridge.strength": "1"})
    {'leaves': 7}
    """
    found = {}
    for key, said in flags.items():
        model, _, name = key.rpartition(".")
        if model and model not in MODELS.known():
            near = nearest(model, MODELS.known())
            raise HeldoutError(
                "H103", f'there is no model "{model}"', seen=f"--set {key}={said}",
                why="a setting belongs to a model",
                do=[f"--set {near}.{name}={said}" if near else "heldout models"],
            )  # fmt: skip
        if model == card.name or (not model and name in card.space):
            found[name] = _typed(_part(card, name), said, f"--set {key}")
    return found


def check(flags: Mapping[str, Any]) -> None:
    """H103 where a flag names no setting of any model; H102 where its value makes no sense."""
    cards = [MODELS.get(name) for name in MODELS.known()]
    for key, said in flags.items():
        model, _, name = key.rpartition(".")
        if not model and not any(name in card.space for card in cards):
            raise _unknown(name, sorted({n for card in cards for n in card.space}))
        for card in cards:
            settings_of(card, {key: said})


def _part(card: ModelCard, name: str) -> Real | Whole | Choice:
    if name not in card.space:
        raise _unknown(name, list(card.space), card.name)
    return card.space[name]


def _unknown(name: str, names: list[str], card: str = "") -> HeldoutError:
    near = nearest(name, names)
    owner = f"{card} has" if card else "no model has"
    return HeldoutError(
        "H103",
        f'{owner} {"no" if card else "a"} setting "{name}"',
        seen=f"known: {', '.join(names) or 'none: this model chooses them itself'}",
        why="a setting that is passed over would look as if it had been tried",
        do=[f'the nearest name is "{near}"'] if near else ["heldout models NAME lists them"],
    )


def _typed(part: Real | Whole | Choice, said: Any, where: str) -> Any:
    try:
        return typed(part, said)
    except (TypeError, ValueError) as error:
        raise _senseless(where, str(error)) from error


def _senseless(where: str, seen: str) -> HeldoutError:
    return HeldoutError(
        "H102",
        f"{where} has a value that makes no sense",
        seen=seen,
        why="the search would not look where it was told to",
        do=["one value, a list, or {low: .., high: .., log: true}"],
    )


def _ranged(part: Real | Whole | Choice, said: Any, where: str) -> Real | Whole | Choice:
    """A list or two ends, in the kind of the card's own range."""
    try:
        if isinstance(said, list):
            values = tuple(typed(part, v) for v in said)
            if len(values) < 2:
                raise ValueError("a list needs two values at least")
            return Choice(values, part.default if part.default in values else values[0])
        if set(said) - set(KEYS) or not {"low", "high"} <= set(said):
            raise ValueError(f"a range says {', '.join(KEYS)}")
        if isinstance(part, Choice):
            raise ValueError("it is chosen from a list: " + ", ".join(map(str, part.values)))
        low, high = typed(part, said["low"]), typed(part, said["high"])
        log = bool(said.get("log", part.log and low > 0))
        if not low < high or (log and low <= 0):
            raise ValueError("low is below high, and above 0 where factors count")
        default = typed(part, said.get("default", min(max(part.default, low), high)))
        return type(part)(low, high, default, log)
    except (TypeError, ValueError) as error:
        raise _senseless(where, str(error)) from error


def _said(part: Real | Whole | Choice) -> Any:
    if isinstance(part, Choice):
        return list(part.values)
    return {"low": part.low, "high": part.high, "log": part.log, "default": part.default}


def _from_file(path: Path, card: ModelCard) -> dict[str, Any]:
    """The part of a YAML file that speaks of this card; a file for one model may leave its name
    out."""
    loaded = plain_yaml.load(path, "a file of ranges")
    if not isinstance(loaded, dict):
        raise _senseless(str(path), f"a YAML {type(loaded).__name__}")
    known = set(MODELS.known())
    if card.name in loaded and isinstance(loaded[card.name], dict):
        return {str(k): v for k, v in loaded[card.name].items()}
    return {str(k): v for k, v in loaded.items() if k not in known}
