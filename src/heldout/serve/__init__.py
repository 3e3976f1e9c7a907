"""The bundle over HTTP: answers, a page, metrics and a log. Starlette, uvicorn, onnxruntime."""

from typing import TYPE_CHECKING, Any

__all__ = ["create_app", "running", "serve"]

if TYPE_CHECKING:
    from heldout.serve.app import create_app as create_app
    from heldout.serve.server import running as running
    from heldout.serve.server import serve as serve

_WHERE = {"create_app": "app", "running": "server", "serve": "server"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'heldout.serve' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"heldout.serve.{_WHERE[name]}"), name)
