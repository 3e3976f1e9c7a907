"""A search of settings whose trials lie in a storage that several processes share (Optuna).

SQLite in the run folder, or a PostgreSQL server named by its address. A trial's proposal depends
on the seed, its number and the finished trials, so a lone process proposes the same ones again,
also after it was killed.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.core.space import Choice, Real, Settings, Whole
from heldout.search.spaces import SearchSpace
from heldout.tables.address import shown

STARTUP = 8  # trials drawn at random before the others steer
TRIES = 5
WAIT = 60  # seconds for another process to finish its line
RUNNING, WHOLE, PRUNED, FAILED = "running", "whole", "pruned", "failed"


@dataclass(frozen=True)
class Trial:
    """``value`` is the score over the folds in ``steps`` (fold: running score)."""

    number: int
    settings: Settings
    state: str
    value: float | None = None
    steps: Mapping[int, float] = field(default_factory=dict)
    note: str = ""
    folder: str = ""


def address(storage: str | None, folder: Path) -> str:
    """What SQLAlchemy is told: SQLite in the folder by default; psycopg for PostgreSQL.

    >>> address("postgres://me@host/db", Path("."))
    'postgresql+psycopg://me@host/db'
    """
    if storage is None:
        return f"sqlite:///{(folder / 'study.db').resolve()}"
    if "://" not in storage:
        return f"sqlite:///{Path(storage).expanduser().resolve()}"
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", storage)


class Study:
    """``ask`` for settings, ``report`` folds, ``tell`` the end; ``trials`` of all processes."""

    def __init__(
        self,
        storage: str,
        name: str,
        space: SearchSpace,
        seed: Seed,
        *,
        greater: bool,
        helper: bool,
    ) -> None:
        self.space = space
        self.seed = seed.child("study", *([os.getpid()] if helper else []))
        self.greater = greater
        with _quiet(), _reached(storage):
            import optuna

            wait: dict[str, Any] = {}
            if storage.startswith("sqlite"):
                wait = {"connect_args": {"timeout": WAIT}}
            elif storage.startswith("postgresql"):
                wait = {"connect_args": {"connect_timeout": 10}}
            self._kept = _storage(storage, wait)
            self._study = optuna.create_study(
                storage=self._kept, study_name=name, load_if_exists=True,
                direction="maximize" if greater else "minimize",
                sampler=optuna.samplers.RandomSampler(0), pruner=optuna.pruners.NopPruner(),
            )  # fmt: skip
        self._open: dict[int, Any] = {}

    def close(self) -> None:
        """Let go of the storage."""
        self._kept.remove_session()
        self._kept.engine.dispose()

    def begin(self, settings: Settings) -> None:
        """Let these settings be the first trial, unless there is one."""
        with _quiet():
            if not self._study.get_trials(deepcopy=False):
                self._study.enqueue_trial(self._searched(settings), skip_if_exists=True)

    def take_up(self) -> int:
        """Trials of processes of this machine that are no more are queued again; how many."""
        again = 0
        for number in self._orphans():
            with _quiet():
                trial = self._study.get_trials(deepcopy=False)[number]
                self._study.tell(number, state=_state("FAIL"))
                self._study.enqueue_trial(dict(trial.params))
                again += 1
        return again

    def _orphans(self) -> list[int]:
        """Running trials whose process is gone; one without a name for a second never got it."""
        found = self._running()
        if found[1]:
            time.sleep(1.0)
            return found[0] + [n for n in self._running()[1] if n in found[1]]
        return found[0]

    def _running(self) -> tuple[list[int], list[int]]:
        """Running trials whose process is gone, and those that name none."""
        gone, nameless = [], []
        with _quiet():
            for one in self._study.get_trials(deepcopy=False):
                if one.state != _state("RUNNING"):
                    continue
                host, _, pid = str(one.user_attrs.get("process", "")).partition("/")
                if not pid:
                    nameless.append(one.number)
                elif host == platform.node() and not _alive(int(pid)):
                    gone.append(one.number)
        return gone, nameless

    def ask(self, folder: str) -> Trial:
        """The next settings; the trial is this process's until it is told."""
        import optuna

        with _quiet():
            number = len(self._study.get_trials(deepcopy=False))
            self._study.sampler = optuna.samplers.TPESampler(
                seed=self.seed.child(number).integer(), n_startup_trials=STARTUP,
                multivariate=True, constant_liar=True,
            )  # fmt: skip
            trial = self._study.ask()
            trial.set_user_attr("process", f"{platform.node()}/{os.getpid()}")
            trial.set_user_attr("folder", folder)
            found = {name: _asked(trial, name, part) for name, part in self.space.free.items()}
        self._open[trial.number] = trial
        return Trial(trial.number, {**found, **self.space.fixed}, RUNNING, folder=folder)

    def report(self, number: int, fold: int, value: float) -> None:
        """The score over the folds so far."""
        with _quiet():
            self._open[number].report(value, fold)

    def tell(self, number: int, state: str, value: float | None = None, note: str = "") -> None:
        """How it ended; a value belongs to whole ones."""
        import optuna

        states = optuna.trial.TrialState
        ends = {WHOLE: states.COMPLETE, PRUNED: states.PRUNED, FAILED: states.FAIL}
        with _quiet():
            trial = self._open.pop(number)
            if note:
                trial.set_user_attr("note", note)
            self._study.tell(trial, value if state == WHOLE else None, state=ends[state])

    @property
    def trials(self) -> list[Trial]:
        """Everything that any process has begun, by number; queued ones are left out."""
        import optuna

        states = optuna.trial.TrialState
        names = {states.RUNNING: RUNNING, states.COMPLETE: WHOLE, states.PRUNED: PRUNED}
        with _quiet():
            return [
                Trial(
                    t.number, {**t.params, **self.space.fixed}, names.get(t.state, FAILED),
                    t.value if t.state == states.COMPLETE else None, dict(t.intermediate_values),
                    str(t.user_attrs.get("note", "")), str(t.user_attrs.get("folder", "")),
                )
                for t in self._study.get_trials(deepcopy=False)
                if t.state != states.WAITING
            ]  # fmt: skip

    def _searched(self, settings: Settings) -> dict[str, Any]:
        return {k: settings[k] for k in self.space.free}


def _state(name: str) -> Any:
    import optuna

    return optuna.trial.TrialState[name]


def _alive(pid: int) -> bool:
    """Whether a process of this machine has that number."""
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def best(trials: list[Trial], *, greater: bool) -> Trial | None:
    """The whole one with the best value, the earliest among equals."""
    whole = [t for t in trials if t.state == WHOLE and t.value is not None]
    if not whole:
        return None
    sign = -1.0 if greater else 1.0
    return min(whole, key=lambda t: (sign * (t.value or 0.0), t.number))


def _asked(trial: Any, name: str, part: Real | Whole | Choice) -> Any:
    if isinstance(part, Real):
        return trial.suggest_float(name, part.low, part.high, log=part.log)
    if isinstance(part, Whole):
        return trial.suggest_int(name, part.low, part.high, log=part.log)
    return trial.suggest_categorical(name, list(part.values))


def _storage(storage: str, wait: dict[str, Any]) -> Any:
    """Tables are made by whoever comes first; who comes at the same moment tries again."""
    import optuna
    import sqlalchemy

    for again in range(TRIES):
        try:
            return optuna.storages.RDBStorage(storage, engine_kwargs=wait)
        except (sqlalchemy.exc.IntegrityError, sqlalchemy.exc.ProgrammingError):
            if again == TRIES - 1:
                raise
        except sqlalchemy.exc.OperationalError as error:
            if again == TRIES - 1 or "already exists" not in str(error):
                raise
        time.sleep(0.2 * (again + 1))
    raise AssertionError  # pragma: no cover


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Optuna says nothing of its own accord."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _reached(storage: str) -> Iterator[None]:
    """H115 where the storage cannot be opened."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise HeldoutError(
            "H109", f"{shown(storage)} needs {error.name}, which is not installed",
            seen=f"--storage {shown(storage)}", why="trials are kept there",
            do=["pip install 'heldout[postgresql]'", "or leave --storage out: trials are kept in the folder"],
        ) from None  # fmt: skip
    except Exception as error:
        if type(error).__module__.split(".")[0] not in (
            "sqlalchemy",
            "optuna",
            "psycopg",
            "sqlite3",
        ):
            raise
        raise HeldoutError(
            "H115",
            "the storage of trials cannot be reached",
            seen=shown(f"{storage}: {str(error).strip().splitlines()[-1] if str(error) else ''}")[
                :300
            ],
            why="trials are shared between processes through it",
            do=[
                "check address and password",
                "or leave --storage out: trials are kept in the folder",
            ],
        ) from None
