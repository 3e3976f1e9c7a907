"""Write, read, verify, answer: numpy and onnxruntime, Polars only for files."""

from typing import TYPE_CHECKING, Any

__all__ = ["Bundle", "BundleContent", "load"]

if TYPE_CHECKING:
    from heldout.bundle.content import BundleContent as BundleContent
    from heldout.bundle.read import Bundle as Bundle
    from heldout.bundle.read import load as load

_WHERE = {"Bundle": "read", "load": "read", "BundleContent": "content"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: onnxruntime takes a tenth of a second."""
    if name not in _WHERE:
        raise AttributeError(f"module 'heldout.bundle' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"heldout.bundle.{_WHERE[name]}"), name)
