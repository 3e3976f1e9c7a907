"""Spec: everything that was said about a run, by option, by file, or by default.

Everything that options say, ``spec.yaml`` can say; a flag beats the file; the resolved whole is
saved into the run folder. A specification runs no code.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest

PREFER = ("accurate", "simple", "small", "fast")
NONE = ("none",)  # --group none, --time none: there are none, and none shall be looked for


UNTOLD = ("budget", "out", "data", "table", "query", "header_row")  # not part of a run's identity
ALIASES = {
    "column": "columns",
    "sheet": "table",
    "set": "settings",
}  # of options whose field has another name


@dataclass(frozen=True)
class Spec:
    """The resolved specification; field names are the long options of the command line."""

    data: str = ""
    target: str | tuple[str, ...] = ""
    task: str | None = None
    time: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    weight: str | None = None
    horizon: int | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    may_miss: tuple[str, ...] = ()  # columns that may be empty in use: training rows with gaps
    rename: Mapping[str, str] = field(default_factory=dict)
    type: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    positive: str | None = None
    metric: str | None = None
    cost: Mapping[str, float] = field(default_factory=dict)
    capacity: float | None = None
    cases: float | None = None
    threshold: float | None = None
    conformal: float | None = None
    fairness: tuple[str, ...] = ()
    budget: float | None = None
    work: int | None = None
    seed: int = 0
    protocol: str | None = None
    gap: int = 0  # moments between training and what is validated
    embargo: int = 0  # moments after it, where training lies on both sides
    seal: bool | None = None
    models: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)  # model.setting: value
    ladder: bool | None = None  # the capacity ladder; None: where the budget has room
    test: str | None = None
    production: str | None = None
    rows: bool = True
    unit: str = "row"
    existing: str | None = None
    definition: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, float | bool] = field(default_factory=dict)
    prefer: str | None = None
    refit_all: bool = False
    header: bool | None = None
    header_row: int | None = None
    table: str | None = None
    query: str | None = None
    out: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; defaults are left out, so that the saved file stays short."""
        plain = dataclasses.asdict(self)
        base = dataclasses.asdict(Spec())
        return {k: _listed(v) for k, v in plain.items() if v != base[k] or k in ("data", "target")}

    def identity(self, data_fingerprint: str) -> str:
        """Run id (joints 8): budget and output paths do not count."""
        said = {k: v for k, v in self.as_dict().items() if k not in UNTOLD}
        if self.work is None:
            said.pop("work", None)
        text = json.dumps([data_fingerprint, said], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_yaml(self) -> str:
        """The text of ``spec.yaml``."""
        import yaml

        return str(yaml.safe_dump(self.as_dict(), sort_keys=False, allow_unicode=True))


def resolve(said: Mapping[str, Any], config: Path | None = None) -> Spec:
    """Defaults, then the file, then what was said; raises H101 or H102 with the nearest name."""
    values: dict[str, Any] = from_file(config) if config else {}
    held = settings(values.get("settings"))  # a flag beats the file setting by setting
    values.update({k: v for k, v in said.items() if v is not None and v != ()})
    if held:
        values["settings"] = held | settings(values["settings"])
    known = {f.name: f for f in dataclasses.fields(Spec)}
    for name in values:
        if name not in known:
            near = nearest(name, known)
            raise HeldoutError(
                "H101",
                f'the specification has no field "{name}"',
                seen=f"known: {', '.join(known)}",
                why="a misspelt field would be left out without a word",
                do=[f'the nearest name is "{near}"'] if near else [],
            )
    return Spec(**{name: _typed(name, value) for name, value in values.items()})


def from_file(path: Path) -> dict[str, Any]:
    """The fields of a YAML file by their names; H102 or H201 where it cannot be read."""
    import yaml

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise HeldoutError(
            "H201", f"there is no file {path}", why="--config names a specification to read"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise HeldoutError(
            "H102",
            f"{path} is not a specification that can be read",
            seen=str(error).split("\n")[0],
        ) from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise HeldoutError(
            "H102",
            f"{path} is not a specification",
            seen=f"a YAML {type(loaded).__name__}",
            why="a specification is a list of fields, such as `target: Churn`",
        )
    return _fields({str(k).replace("-", "_"): v for k, v in loaded.items()})


def _fields(said: dict[str, Any]) -> dict[str, Any]:
    """Fields by the names of options: ``no_rows`` is ``rows: false``.

    >>> _fields({"no_rows": True, "sheet": "May"})
    {'rows': False, 'table': 'May'}
    """
    made = {}
    for name, value in said.items():
        if name in ("no_rows", "no_seal", "no_header", "no_ladder") and isinstance(value, bool):
            made[name.removeprefix("no_")] = not value
        else:
            made[ALIASES.get(name, name)] = value
    return made


def _typed(name: str, value: Any) -> Any:
    """Bring one field to its type, or say what is wrong with it."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    try:
        return _CASTS.get(name, lambda v: v)(value)
    except (TypeError, ValueError) as error:
        raise HeldoutError(
            "H102",
            f"--{name.replace('_', '-')} cannot be {value!r}",
            seen=str(error),
            why="the run would not do what was meant",
            do=[f"see heldout run --help for --{name.replace('_', '-')}"],
        ) from error


def seconds(value: Any) -> float:
    """A duration: a number of seconds, or "90s", "5m", "1.5h".

    >>> seconds("5m"), seconds(20)
    (300.0, 20.0)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        amount = float(value)
    else:
        match = re.fullmatch(r"\s*([\d.]+)\s*(s|sec|m|min|h|)\s*", str(value))
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


def formulas(value: Any) -> dict[str, str]:
    """``NAME=EXPRESSION``, one or several, or a mapping; an expression may hold commas.

    >>> formulas(["ratio=max(a, b) / c"])
    {'ratio': 'max(a, b) / c'}
    """
    if isinstance(value, Mapping):
        return {str(k): str(v) for k, v in value.items()}
    found = {}
    for part in value if isinstance(value, (list, tuple)) else [value]:
        left, equals, right = str(part).partition("=")
        if not equals or not left.strip() or not right.strip():
            raise ValueError(f"{part!r} is not NAME=EXPRESSION")
        found[left.strip()] = right.strip()
    return found


def settings(value: Any) -> dict[str, Any]:
    """``--set MODEL.SETTING=VALUE``, one or several, or a mapping, also by model.

    >>> settings(["lightgbm.leaves=31"]), settings({"lightgbm": {"leaves": 31}})
    ({'lightgbm.leaves': '31'}, {'lightgbm.leaves': 31})
    """
    if not isinstance(value, Mapping):
        return dict(pairs(value)) if value else {}
    found: dict[str, Any] = {}
    for name, said in value.items():
        inner = said if isinstance(said, Mapping) else None
        found |= (
            {str(name): said} if inner is None else {f"{name}.{k}": v for k, v in inner.items()}
        )
    return found


def renamed(said: Any) -> dict[str, str] | None:
    """``--rename`` of the commands that answer; H102 where it cannot be read.

    >>> renamed(("old=new",)), renamed(())
    ({'old': 'new'}, None)
    """
    return _typed("rename", said) if said else None


def _costs(value: Any) -> dict[str, float]:
    costs = {k: float(v) for k, v in pairs(value).items()}
    if set(costs) - {"miss", "alarm"} or not costs or min(costs.values()) <= 0:
        raise ValueError("costs are given as miss=5,alarm=1, both above 0")
    return {"miss": 1.0, "alarm": 1.0} | costs


def _positive_int(value: Any) -> int:
    if int(value) < 1 or int(value) != float(value):
        raise ValueError("a whole number of at least 1 is needed")
    return int(value)


def _target(value: Any) -> str | tuple[str, ...]:
    """One name, or several as a list; text with commas is told apart where the table is known."""
    if not isinstance(value, (list, tuple)):
        return str(value)
    every = tuple(str(name) for name in value)
    return every[0] if len(every) == 1 else every


def _data(value: Any) -> str:
    """A path or address; several as a list are one table."""
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _whole(value: Any) -> int:
    if int(value) < 0 or int(value) != float(value):
        raise ValueError("a whole number of moments is needed, 0 or more")
    return int(value)


def _share(value: Any) -> float:
    if not 0 < float(value) < 1:
        raise ValueError("a threshold lies between 0 and 1")
    return float(value)


def _level(value: Any) -> float:
    if not 0.5 <= float(value) <= 0.999:
        raise ValueError("a coverage lies between 0.5 and 0.999, such as 0.9")
    return float(value)


def _count(value: Any) -> float:
    if not 0 < float(value) < float("inf"):
        raise ValueError("a number of cases a day is above 0")
    return float(value)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _limits(value: Any) -> dict[str, float | bool]:
    """``latency_ms=5,size_mb=1,memory_mb=200,explainable,private``, or a mapping."""
    if not isinstance(value, Mapping):
        value = pairs([n if "=" in n else f"{n}=yes" for n in names(value)])
    found: dict[str, float | bool] = {}
    for key, said in value.items():
        if key in ("latency_ms", "size_mb", "memory_mb"):
            found[key] = float(said)
            if not 0 < found[key] < 1e12:
                raise ValueError(f"{key} is above 0")
        elif key in ("explainable", "private"):
            if str(said).lower() in ("yes", "true", "1"):
                found[key] = True
        else:
            raise ValueError("limits are latency_ms, size_mb, memory_mb, explainable, private")
    return found


def _preference(value: Any) -> str:
    if value not in PREFER:
        raise ValueError(f"one of {', '.join(PREFER)}")
    return str(value)


def _definition(value: Any) -> dict[str, Any]:
    from heldout.workflow.questions import answers

    return answers(value)


_CASTS: dict[str, Any] = {
    "data": _data,
    "target": _target,
    "time": names,
    "group": names,
    "drop": names,
    "keep": names,
    "may_miss": names,
    "models": names,
    "settings": settings,
    "rename": pairs,
    "type": pairs,
    "columns": formulas,
    "definition": _definition,
    "limits": _limits,
    "prefer": _preference,
    "refit_all": bool,
    "cost": _costs,
    "capacity": float,
    "cases": _count,
    "threshold": _share,
    "conformal": _level,
    "fairness": names,
    "budget": seconds,
    "work": _positive_int,
    "horizon": _positive_int,
    "header_row": _positive_int,
    "table": str,
    "query": str,
    "seed": int,
    "gap": _whole,
    "embargo": _whole,
    "positive": str,
}
