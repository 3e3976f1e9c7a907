"""Values of a specification: text, numbers or lists brought to their type; ValueError says what is
needed instead."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

PREFER = ("accurate", "simple", "small", "fast")


def brief(value: Any) -> str:
    """A value as a line can hold it: of a whole column only its type.

    >>> brief("1s"), brief(list(range(100)))
    ("'1s'", 'a list')
    """
    said = repr(value)
    return said if len(said) <= 80 and "\n" not in said else f"a {type(value).__name__}"


def seconds(value: Any) -> float:
    """A duration: a number of seconds, or "90s", "5m", "1.5h".

    >>> seconds("5m"), seconds(20)
    (300.0, 20.0)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        amount = float(value)
    else:
        match = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*(s|sec|m|min|h|)\s*", str(value))
        if match is None:
            raise ValueError("a duration looks like 60s, 5m or 1h")
        unit = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "": 1}[match[2]]
        amount = float(match[1]) * unit
    if not 1 <= amount < 1e7:
        raise ValueError("a budget is at least one second")
    return amount


def names(value: Any) -> tuple[str, ...]:
    """Column names: a list, or text divided by commas.

    >>> names("a, b")
    ('a', 'b')
    """
    parts = value if isinstance(value, (list, tuple)) else [value]
    return tuple(n.strip() for part in parts for n in str(part).split(",") if n.strip())


def pairs(value: Any) -> dict[str, str]:
    """``a=b,c=d`` or a mapping.

    >>> pairs("miss=5,alarm=1")
    {'miss': '5', 'alarm': '1'}
    """
    if isinstance(value, Mapping):
        return {str(k): str(v) for k, v in value.items()}
    found = {}
    for part in names(value):
        left, equals, right = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} is not NAME=VALUE")
        found[left.strip()] = right.strip()
    return found


def costs(value: Any) -> dict[str, float]:
    """What a miss and a false alarm cost.

    >>> costs("miss=5")
    {'miss': 5.0, 'alarm': 1.0}
    """
    try:
        found = {k: float(v) for k, v in pairs(value).items()}
    except ValueError:
        found = {}
    least, most = min(found.values(), default=0.0), max(found.values(), default=0.0)
    if set(found) - {"miss", "alarm"} or not 0 < least <= most < math.inf:
        raise ValueError("costs are given as miss=5,alarm=1, both above 0")
    return {"miss": 1.0, "alarm": 1.0} | found


def limits(value: Any) -> dict[str, float | bool]:
    """``latency_ms=5,size_mb=1,memory_mb=200,explainable,private``, or a mapping."""
    if not isinstance(value, Mapping):
        value = pairs([n if "=" in n else f"{n}=yes" for n in names(value)])
    found: dict[str, float | bool] = {}
    for key, said in value.items():
        if key in ("latency_ms", "size_mb", "memory_mb"):
            found[key] = number(said)
            if not 0 < found[key] < 1e12:
                raise ValueError(f"{key} is a number above 0")
        elif key in ("explainable", "private"):
            if str(said).lower() in ("yes", "true", "1"):
                found[key] = True
        else:
            raise ValueError("limits are latency_ms, size_mb, memory_mb, explainable, private")
    return found


def preference(value: Any) -> str:
    """Which of models that cannot be told apart."""
    if value not in PREFER:
        raise ValueError(f"one of {', '.join(PREFER)}")
    return str(value)


def positive_int(value: Any) -> int:
    """1 or more."""
    return _at_least(value, 1, "a whole number of at least 1 is needed")


def whole(value: Any) -> int:
    """Moments left out, 0 or more."""
    return _at_least(value, 0, "a whole number of moments is needed, 0 or more")


def seed(value: Any) -> int:
    """0 or more."""
    return _at_least(value, 0, "a seed is a whole number, 0 or more")


def word(value: Any) -> str:
    """One word or path: no list, no mapping."""
    if isinstance(value, (list, tuple, dict, set)):
        raise ValueError(f"one word is needed, not a {type(value).__name__}")
    return str(value)


def yes_no(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise ValueError("true or false is needed")


def number(value: Any) -> float:
    """Any number."""
    try:
        made = float(value)
    except (TypeError, ValueError):
        made = math.nan
    if math.isnan(made):
        raise ValueError("a number is needed")
    return made


def share(value: Any) -> float:
    """Between 0 and 1."""
    if not 0 < number(value) < 1:
        raise ValueError("a threshold lies between 0 and 1")
    return float(value)


def level(value: Any) -> float:
    """A coverage."""
    if not 0.5 <= number(value) <= 0.999:
        raise ValueError("a coverage lies between 0.5 and 0.999, such as 0.9")
    return float(value)


def capacity(value: Any) -> float:
    """A share or a number of rows."""
    if not 0 < number(value) < math.inf:
        raise ValueError("a share (0.05) or a number of rows (200) above 0 is needed")
    return float(value)


def count(value: Any) -> float:
    """Cases a day."""
    if not 0 < number(value) < math.inf:
        raise ValueError("a number of cases a day is above 0")
    return float(value)


def _at_least(value: Any, least: int, words: str) -> int:
    try:
        made = int(value)
        if made >= least and made == float(value) and not isinstance(value, bool):
            return made
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(words)
