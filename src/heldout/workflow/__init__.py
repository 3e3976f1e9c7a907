"""The universal workflow: one short file per step."""

from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heldout.report.compared import Comparison
    from heldout.report.experiment import Experiment
    from heldout.workflow.outcome import Run as Run

__all__ = ["Run", "compare", "experiment", "run"]


def run(source: Any, target: "str | list[str] | None" = None, **said: Any) -> "Run":
    """Develop a model for ``target``, or for several targets at once, and score it on sealed rows;
    blocks until done.

    ``source`` is a path or a Polars, pandas or Arrow frame. Keywords are the long options of
    ``heldout run`` (``budget="60s"``, ``group="patient"``, ``out="runs/a"`` ...). "No signal" is
    an answer, not an exception. Raises HeldoutError for what was wrong with data or options.
    """
    from heldout.core.clock import now
    from heldout.workflow.develop import develop
    from heldout.workflow.outcome import Run

    started, code = now(), said.pop("allow_code", ())
    files = [str(code)] if isinstance(code, (str, PathLike)) else [str(c) for c in code]
    asked = {"target": target, **said}
    return Run(develop(source, asked, None, started=started, quiet=True, allow_code=files))


def experiment(
    source: Any, target: str | None = None, *, model: str, vary: dict[str, Any], seeds: int = 3,
    **said: Any,
) -> "Experiment":  # fmt: skip
    """Vary one or two settings of a model, ``{"learning_rate": [0.01, 0.1]}``, several seeds each.

    ``cells`` hold the scores, ``pairs`` the corrected tests, ``best`` the best mean; the page lies
    in ``folder``. Keywords are the long options of ``heldout experiment`` (``budget="60s"``,
    ``settings={"epochs": 8}`` ...). Raises HeldoutError for what was wrong.
    """
    from heldout.core.clock import now
    from heldout.workflow.experiments import experiment as work
    from heldout.workflow.ground import listed

    told = {"target": target, "model": model, "vary": vary, "seeds": seeds, **said}
    code = listed(told.pop("allow_code", ()))
    return work(source, told, None, started=now(), quiet=True, allow_code=code)


def compare(first: "Run | str", second: "Run | str") -> "Comparison":
    """Two runs, or their folders, side by side: ``difference`` (positive: the first is better) with
    ``low``, ``high`` and ``samples``; ``better`` names the better one, None where they cannot be
    told apart. Raises H113 where they do not ask the same question."""
    from heldout.workflow.side_by_side import comparison

    folders = [
        str(r) if isinstance(r, str) else str(getattr(r, "folder", r)) for r in (first, second)
    ]
    return comparison(*folders)


def __getattr__(name: str) -> Any:
    if name == "Run":
        from heldout.workflow.outcome import Run

        return Run
    raise AttributeError(name)
