"""Spec: everything that was said about a run, by option, by file, or by default.

Everything that options say, ``spec.yaml`` can say; a flag beats the file; the resolved whole is
saved into the run folder. A specification runs no code.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.workflow import spec_values
from heldout.workflow.spec_file import from_file
from heldout.workflow.spec_values import brief, names, pairs, seconds

NONE = ("none",)  # --group none, --time none: there are none, and none shall be looked for


UNTOLD = ("budget", "out", "data", "table", "query", "header_row")  # not part of a run's identity


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
    given = {k: v for k, v in said.items() if v is not None}
    values.update({k: v for k, v in given.items() if not (isinstance(v, tuple) and not v)})
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
    made = Spec(**{name: _typed(name, value) for name, value in values.items()})
    if made.test and made.seal:
        raise HeldoutError(
            "H102",
            "--seal and --test cannot be had together",
            seen=f"--test {made.test}",
            why="the rows of --test are the seal",
            do=["leave one of them out"],
        )
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
            f"--{name.replace('_', '-')} cannot be {brief(value)}",
            seen=str(error),
            why="the run would not do what was meant",
            do=[f"see heldout run --help for --{name.replace('_', '-')}"],
        ) from error


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


def _target(value: Any) -> str | tuple[str, ...]:
    """One name, or several as a list; text with commas is told apart where the table is known."""
    if hasattr(value, "__array__") or hasattr(value, "to_list"):
        raise TypeError("the name of a column of the table is needed, not the column itself")
    if not isinstance(value, (list, tuple)):
        return str(value)
    every = tuple(str(name) for name in value)
    return every[0] if len(every) == 1 else every


def _data(value: Any) -> str:
    """A path or address; several as a list are one table."""
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


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
    "limits": spec_values.limits,
    "prefer": spec_values.preference,
    "refit_all": spec_values.yes_no,
    "seal": spec_values.yes_no,
    "ladder": spec_values.yes_no,
    "rows": spec_values.yes_no,
    "header": spec_values.yes_no,
    "cost": spec_values.costs,
    "capacity": spec_values.capacity,
    "cases": spec_values.count,
    "threshold": spec_values.share,
    "conformal": spec_values.level,
    "fairness": names,
    "budget": seconds,
    "work": spec_values.positive_int,
    "horizon": spec_values.positive_int,
    "header_row": spec_values.positive_int,
    **dict.fromkeys(
        ("task", "metric", "positive", "weight", "protocol", "test", "production", "unit",
         "existing", "table", "query", "out"), spec_values.word,
    ),
    "seed": spec_values.seed,
    "gap": spec_values.whole,
    "embargo": spec_values.whole,
}  # fmt: skip
