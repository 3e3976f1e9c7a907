"""Guests: models of a person's own file, which compete beside heldout's (contract 14).

Only ``--allow-code PATH`` or ``--allow-code PATH:FUNCTION`` makes heldout run such a file. The
function (``model`` or ``build`` where none is named) returns an estimator with ``fit`` and
``predict`` as scikit-learn has them, which stays a reference; or a Keras network, which is trained
by ``heldout.training`` on the same folds, and shipped where a graph can be made of it.

Its parameters are given by name: ``task`` (what is predicted), ``inputs`` (what enters:
``models.nets.entry.Entry``), ``hp`` (``models.hyper.Hyper``: settings, named as in KerasTuner).
Constants of the file: ``VIEW`` ("linear", "net", "trees" or "image": what enters), and for networks
``EPOCHS``, ``PATIENCE``, ``BATCH``, ``LABELS`` ("codes" or "one-hot"), ``SCALED_TARGET``.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heldout.core.arrays import Array
from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.core.space import Choice, Settings, Space, Whole
from heldout.models.card import MODELS, Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.estimator import fit as fit_estimator
from heldout.models.hyper import Hyper, space_of
from heldout.models.settings import complete
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

VIEWS = ("linear", "trees", "net", "image")
EPOCHS, PATIENCE = 50, 8
USUAL = ("model", "build")


@dataclass(frozen=True)
class Guest:
    """The file as it was run: ``make`` is its function, ``constants`` its capital names."""

    name: str
    make: Callable[..., Any]
    constants: Mapping[str, Any]
    version: int

    @property
    def view(self) -> str:
        """What enters."""
        return str(self.constants.get("VIEW", "linear"))

    def build(self, task: Task, inputs: Any, settings: Settings) -> Any:
        """A new model."""
        hp = Hyper(settings)
        known = {"task": task, "inputs": inputs, "hp": hp}
        parameters = list(inspect.signature(self.make).parameters.values())
        given = {p.name: known[p.name] for p in parameters if p.name in known}
        first = [p for p in parameters if p.name not in known and p.default is p.empty]
        try:
            return self.make(*([task] if first else []), **given)
        except Exception as error:
            now = _modern(error)
            if now:
                raise ValueError(f"{error} ({now})") from error
            raise

    def space(self) -> Space:
        """Settings that the function names; a probe with few columns finds them."""
        from heldout.models.nets.entry import Entry

        if "hp" not in inspect.signature(self.make).parameters:
            return {}
        task, inputs = PROBE, Entry(4, (3, 5), (16, 16, 3))

        def probe(hp: Hyper) -> Any:
            known = {"task": task, "inputs": inputs, "hp": hp}
            wanted = inspect.signature(self.make).parameters
            return self.make(**{n: v for n, v in known.items() if n in wanted})

        return space_of(probe)


PROBE = Task("binary", "y", "roc_auc", True, classes=("0", "1"), positive="1")


def admit(asked: str) -> ModelCard:
    """Run the file of ``PATH`` or ``PATH:FUNCTION`` and put its model on the shelf; H102 where it
    has none. The model is called like the file, or like the function where one was named."""
    path, function = parted(asked)
    file = Path(path)
    name = file.stem if function in ("", *USUAL) else function
    try:
        source = file.read_bytes()
    except OSError as error:
        raise _refused(asked, error.strerror or str(error), "a file that can be read") from error
    if not name.isidentifier() or name.startswith("_"):
        raise _refused(asked, f'"{name}" is no name for a model', "name the file like my_model.py")
    network = b"keras" in source
    if network:
        import heldout.training  # noqa: F401 - settles the backend before Keras is imported
    module = types.ModuleType(f"heldout_guest_{name}")
    module.__file__ = str(file)
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)  # noqa: S102 - asked for by name
        make = _function(module, function)
    except Exception as error:
        do = _modern(error) or "run it alone first"
        raise _refused(asked, f"{type(error).__name__}: {error}", do) from error
    if make is None:
        wanted = function or "model or build"
        raise _refused(asked, f"there is no function {wanted}", "def model(task): return ...")
    constants = {k: v for k, v in module.__dict__.items() if k.isupper()}
    digest = hashlib.sha256(source + function.encode()).hexdigest()
    guest = Guest(name, make, constants, int(digest[:12], 16))  # another file, other fits
    if guest.view not in VIEWS:
        raise _refused(asked, f"VIEW is {guest.view!r}", f"VIEW is one of {', '.join(VIEWS)}")
    card = _network(guest, asked) if network else _reference(guest)
    MODELS.put(name, card)
    return card


def parted(asked: str) -> tuple[str, str]:
    """Path and function.

    >>> parted("nets/my.py:build"), parted("my.py"), parted(r"C:\\\\nets\\\\my.py")[1]
    (('nets/my.py', 'build'), ('my.py', ''), '')
    """
    found = re.fullmatch(r"(.+):([A-Za-z_]\w*)", asked)
    return (found[1], found[2]) if found else (asked, "")


def _function(module: types.ModuleType, function: str) -> Callable[..., Any] | None:
    """The named one, or the usual; a class with ``build`` (KerasTuner's hypermodel) gives that."""
    for name in (function,) if function else USUAL:
        found = getattr(module, name, None)
        if inspect.isclass(found) and callable(getattr(found, "build", None)):
            hypermodel: Any = found()
            return hypermodel.build  # type: ignore[no-any-return]
        if callable(found):
            return found  # type: ignore[no-any-return]
    return None


def _modern(error: Exception) -> str:
    """A hint where a name of an older Keras was used."""
    from heldout.models.old_names import hint

    return hint(str(error))


def _refused(asked: str, seen: str, do: str) -> HeldoutError:
    return HeldoutError(
        "H102",
        f"--allow-code {quoted(asked)} cannot be used",
        seen=seen[:300],
        why="it must be a Python file with a function model that returns an estimator or a network",
        do=[do],
    )


def _reference(guest: Guest) -> ModelCard:
    return ModelCard(
        name=guest.name,
        title=f"{guest.name} (reference, cannot be bundled)",
        version=guest.version,
        family="guest",
        tasks=("binary", "multiclass", "regression"),
        view=guest.view,
        space={},
        fit_one=lambda given: fit_estimator(given, lambda: guest.build(given.task, None, {})),
        to_onnx=None,
        cost=_cost,
        summary="a model of your own",
        invented="",
        source="",
        assumes="not known to heldout",
        when="as a reference: how far is the bundle from it?",
        when_not="a bundle is wanted: a graph cannot be made of it",
    )


def _cost(size: Size, _settings: Settings) -> Cost:
    """Not known: about what a forest takes."""
    return Cost(0.5 + 4e-6 * size.rows * size.features, 150e6 + 16.0 * size.rows * size.features)


def _network(guest: Guest, asked: str) -> ModelCard:
    try:
        found = guest.space()
    except Exception as error:
        raise _refused(
            asked, f"{type(error).__name__}: {error}", _modern(error) or "run it alone first"
        ) from error
    own = guest.constants
    space: Space = {
        **found,
        "epochs": Whole(4, 400, int(own.get("EPOCHS", EPOCHS)), log=True),
        "patience": Whole(2, 50, int(own.get("PATIENCE", PATIENCE))),
        "batch": Choice((None, 16, 32, 64, 128, 256, 512), own.get("BATCH")),
        "learning_rate": Choice((None, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2), None),
    }
    return ModelCard(
        name=guest.name,
        title=f"{guest.name} (a network of your own)",
        version=guest.version,
        family="guest",
        tasks=("binary", "multiclass", "regression"),
        view=guest.view,
        space=space,
        fit_one=lambda given: _fit_network(given, guest, space),
        to_onnx=_to_onnx,
        cost=_network_cost,
        summary="a network of your own",
        invented="",
        source="",
        assumes="not known to heldout",
        when="you know something about the problem that no ready network does",
        when_not="nothing is known: the ready ones are tuned",
        early_stopping=True,
        tolerance=1e-5,
    )


def _fit_network(given: FitInput, guest: Guest, space: Space) -> Fitted:
    from heldout.models.nets import own

    settings = complete(space, given.settings)
    constants = guest.constants
    manner = own.Manner(
        guest.version, guest.build, constants.get("BATCH"), constants.get("LABELS"),
        bool(constants.get("SCALED_TARGET", False)),
    )  # fmt: skip
    return own.fit(given, manner, settings)


def _to_onnx(
    state: Mapping[str, Array],
    _settings: Settings,
    _task: Task,
    tape: Tape,
    parts: Mapping[str, str],
) -> str:
    from heldout.models.nets.own import to_onnx

    return to_onnx(state, tape, parts)


def _network_cost(size: Size, settings: Settings) -> Cost:
    """About what two layers of 64 units cost; measured prices soon take over."""
    epochs = int({"epochs": EPOCHS, **settings}["epochs"])
    weights = 64.0 * (size.features + 64 + size.outputs)
    steps = 0.7 * epochs * (size.rows / 32 + 1)
    return Cost(
        2.0 + steps * (2.5e-4 + 6 * 32 * weights / 6e10), 350e6 + 16.0 * size.rows * size.features
    )
