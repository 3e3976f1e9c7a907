"""heldout: from a table and a question to a score that you can defend.

>>> import heldout
>>> heldout.__version__
'0.1.0'
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "HeldoutError",
    "Run",
    "__version__",
    "compare",
    "diagnose",
    "experiment",
    "inspect",
    "load",
    "run",
    "tune",
]

if TYPE_CHECKING:
    from heldout.bundle import load as load
    from heldout.core.errors import HeldoutError as HeldoutError
    from heldout.training.diagnosis import diagnose as diagnose
    from heldout.workflow import Run as Run
    from heldout.workflow import compare as compare
    from heldout.workflow import experiment as experiment
    from heldout.workflow import run as run
    from heldout.workflow.inspection import inspection as inspect
    from heldout.workflow.tuning import tune as tune

_WHERE = {
    "run": ("heldout.workflow", "run"),
    "compare": ("heldout.workflow", "compare"),
    "experiment": ("heldout.workflow", "experiment"),
    "inspect": ("heldout.workflow.inspection", "inspection"),
    "tune": ("heldout.workflow.tuning", "tune"),
    "diagnose": ("heldout.training.diagnosis", "diagnose"),
    "Run": ("heldout.workflow", "Run"),
    "load": ("heldout.bundle", "load"),
    "HeldoutError": ("heldout.core.errors", "HeldoutError"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: ``import heldout`` alone loads nothing heavy."""
    if name not in _WHERE:
        raise AttributeError(f"module 'heldout' has no attribute {name!r}")
    import importlib

    module, attribute = _WHERE[name]
    return getattr(importlib.import_module(module), attribute)
