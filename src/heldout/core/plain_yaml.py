"""YAML from a stranger: values only, each key once, no aliases, errors with their line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, quoted

MOST_BYTES = 1 << 20


def load(path: Path, what: str) -> Any:
    """What the file says; ``what`` is what it should be, such as "a specification".

    Raises H201 where there is no file, H102 where it cannot be read.
    """
    try:
        if path.is_dir():
            raise _unread(path, what, "it is a folder")
        if path.stat().st_size > MOST_BYTES:
            raise _unread(path, what, f"{path.stat().st_size:,} bytes")
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest(path.name, beside)
        raise HeldoutError(
            "H201",
            f"there is no file {path}",
            seen=f'the nearest name is "{near}"' if near else "",
            why=f"it was named as {what} to read",
            do=[f"give {quoted(path.parent / near)}"] if near else ["check the path"],
        ) from error
    except ValueError as error:  # UnicodeDecodeError too
        seen = "it is no UTF-8 text" if isinstance(error, UnicodeError) else str(error)
        raise _unread(path, what, seen) from error
    except OSError as error:
        raise _unread(path, what, error.strerror or str(error)) from error


def parse(text: str) -> Any:
    """Values of a YAML text; ValueError with the line and what is wrong with it.

    An alias (``*a``) repeats what stands elsewhere: a few lines can make millions of values.

    >>> parse("seed: 3")
    {'seed': 3}
    >>> parse("seed: 3\\nseed: 4")
    Traceback (most recent call last):
    ValueError: line 2: "seed" is there twice
    """
    import yaml

    try:
        return yaml.load(text, _loader())  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"{where}{error.problem}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error).split("\n")[0]) from error
    except RecursionError as error:
        raise ValueError("lists in lists, too deep to be read") from error


def _loader() -> Any:
    import yaml

    class Plain(yaml.SafeLoader):  # type: ignore[misc,unused-ignore]
        """Safe, and without aliases and repeated keys."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()
                raise yaml.MarkedYAMLError(
                    problem=f"an alias (*{event.anchor}); write the value itself",
                    problem_mark=event.start_mark,
                )
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        raise yaml.MarkedYAMLError(
                            problem=f'"{key.value}" is there twice', problem_mark=key.start_mark
                        )
                    seen.add(key.value)
            return dict(super().construct_mapping(node, deep))

    return Plain


def _unread(path: Path, what: str, seen: str) -> HeldoutError:
    tabs = ["indent by blanks: YAML takes no tabs"] if "'\\t'" in seen else []
    return HeldoutError(
        "H102",
        f"{path} is not {what} that can be read",
        seen=seen,
        why="what it says would be left out",
        do=[*tabs, "each line is a name and a value, such as `seed: 3`"],
    )
