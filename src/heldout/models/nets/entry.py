"""What enters a person's own network: the parts of a Block, under the names of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from heldout.primitives.block import Block


@dataclass(frozen=True)
class Entry:
    """``numbers`` columns of part "x" (float32); levels of each column of part "codes" (int32) in
    ``sizes``; ``picture`` (height, width, 3), uint8, or None. ``names`` are the network's inputs
    in their order; a builder needs the shapes only.

    >>> Entry(5, (3, 12)).parts
    ('x', 'codes')
    """

    numbers: int = 0
    sizes: tuple[int, ...] = ()
    picture: tuple[int, ...] | None = None
    names: tuple[str, ...] = ()
    by_name: bool = False

    @classmethod
    def of(cls, block: Block) -> Entry:
        """The shapes of a block."""
        x, codes, image = (block.parts.get(n) for n in ("x", "codes", "image"))
        return cls(
            0 if x is None else int(x.values.shape[1]),
            () if codes is None else tuple(codes.sizes),
            None if image is None else tuple(image.values.shape[1:]),
        )

    def tensors(self) -> dict[str, Any]:
        """A ``keras.Input`` for each part that there is, by name."""
        import keras

        made: dict[str, Any] = {}
        if self.numbers:
            made["x"] = keras.Input((self.numbers,), name="x")
        if self.sizes:
            made["codes"] = keras.Input((len(self.sizes),), dtype="int32", name="codes")
        if self.picture is not None:
            made["image"] = keras.Input(self.picture, dtype="uint8", name="image")
        return made

    def named(self, model: Any) -> Entry:
        """With the inputs of this network: an input is called like a part, or like a part and
        something more ("x_deep"); a single one takes the first part, whatever its name."""
        known = [p for p in ("image", "x", "codes") if p in self._there]
        tensors = getattr(model, "inputs", None)
        by_name = isinstance(getattr(model, "_inputs_struct", None), dict)
        if not tensors and not hasattr(model, "add"):
            return replace(self, names=tuple(known))  # a class of one's own takes all there is
        if not tensors or (len(tensors) == 1 and _part(tensors[0].name) not in known):
            if len(known) > 1:
                raise ValueError(
                    f"the network has one input, and there are the parts {', '.join(known)}: name "
                    'its input like the part that it takes, or use VIEW = "linear"'
                )
            return replace(self, names=tuple(known), by_name=by_name)
        names = [t.name for t in tensors]
        strange = [n for n in names if _part(n) not in known]
        if strange:
            raise ValueError(
                f"the network has inputs {', '.join(names)}; there are the parts "
                f"{', '.join(known)}: name an input like a part, or PART_something"
            )
        return replace(self, names=tuple(names), by_name=by_name)

    @property
    def _there(self) -> tuple[str, ...]:
        found = []
        if self.numbers:
            found.append("x")
        if self.sizes:
            found.append("codes")
        if self.picture is not None:
            found.append("image")
        return tuple(found)

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts that are used, each once."""
        return tuple(dict.fromkeys(_part(n) for n in self.names)) or self._there

    def arrays(self, block: Block) -> Any:
        """One array, a tuple, or a dict, as the network takes it."""
        return self.of_values({name: part.values for name, part in block.parts.items()})

    def of_values(self, values: Mapping[str, Any]) -> Any:
        """The same of arrays (or tensors) by part."""
        found = [values[_part(name)] for name in self.names]
        if self.by_name:
            return dict(zip(self.names, found, strict=True))
        return found[0] if len(found) == 1 else tuple(found)


def _part(name: str) -> str:
    return name.split("_", 1)[0]
