"""The universal workflow: one short file per step."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heldout.workflow.outcome import Run as Run

__all__ = ["Run", "run"]


def run(source: Any, target: str | None = None, **said: Any) -> "Run":
    """Develop a model for ``target`` and score it on sealed rows; blocks until done.

    ``source`` is a path or a Polars, pandas or Arrow frame. Keywords are the long options of
    ``heldout run`` (``budget="60s"``, ``group="patient"``, ``out="runs/a"`` ...). "No signal" is
    an answer, not an exception. Raises HeldoutError for what was wrong with data or options.
    """
    from heldout.core.clock import now
    from heldout.workflow.develop import develop
    from heldout.workflow.outcome import Run

    started = now()
    return Run(develop(source, {"target": target, **said}, None, started=started, quiet=True))


def __getattr__(name: str) -> Any:
    if name == "Run":
        from heldout.workflow.outcome import Run

        return Run
    raise AttributeError(name)
