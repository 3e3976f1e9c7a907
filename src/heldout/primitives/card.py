"""PrimitiveCard: a fitted step in NumPy and in the graph (contract 4, joints 3).

A *source* primitive reads raw columns of certain kinds, each typed as ``tables.table.Columns``
says, and makes a matrix; a *matrix* primitive turns one float32 matrix [n, k] into another. Only
exactly rounded operations are allowed (cast, + - x /, square root, comparison, choice, integer
arithmetic, look-up), so that both say the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.seed import Seed
from heldout.core.shelf import Shelf
from heldout.core.space import Settings

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

State = Mapping[str, Any]
"""What a fitted primitive is: JSON (numbers, texts, lists). Floats survive through repr."""

Folds = Sequence[tuple[Ints, Ints]]
"""(training rows, validation rows), numbered within the rows that are fitted on."""


@dataclass(frozen=True)
class Feature:
    """A column of a matrix: its name, the raw column it comes from, whether it holds codes of a
    category, and how many codes there are."""

    name: str
    origin: str
    categorical: bool = False
    size: int = 0


@dataclass(frozen=True)
class Training:
    """What a primitive may learn from besides the columns. ``y`` holds class codes or values
    (rows,) as float64; ``inner`` are folds for out-of-fold encodings."""

    y: Doubles | None = None
    weights: Doubles | None = None
    inner: Folds = ()
    seed: Seed = field(default_factory=Seed)


Fit = Callable[[Sequence[Array], Training, Settings], tuple[State, Array | None]]


@dataclass(frozen=True)
class PrimitiveCard:
    """A primitive.

    ``reads`` are kinds of columns, or ("matrix",). ``fit(columns, training, settings)`` returns
    the state and, where training rows need other values than ``transform`` gives (out-of-fold
    encodings), those values. ``transform(state, columns)`` makes float32 [n, d] ("numbers"),
    int32 [n, c] ("codes") or uint8 [n, h, w, 3] ("image"); a matrix primitive gets its matrix as the only column.
    ``to_onnx(state, tape, inputs)`` says the same on a tape and returns the name of the result.
    ``features(state, inputs)`` names what comes out. ``examples`` are settings that the
    conformance suite tries.
    """

    name: str
    version: int
    summary: str
    reads: tuple[str, ...]
    fit: Fit
    transform: Callable[[State, Sequence[Array]], Array]
    to_onnx: Callable[[State, Tape, Sequence[str]], str]
    features: Callable[[State, Sequence[Feature]], list[Feature]]
    makes: str = "numbers"
    defaults: Settings = field(default_factory=dict)
    examples: tuple[Settings, ...] = ({},)
    source: str = ""

    @property
    def is_source(self) -> bool:
        """Whether it reads raw columns rather than a matrix."""
        return self.reads != ("matrix",)


PRIMITIVES: Shelf[PrimitiveCard] = Shelf("heldout.primitives.shelf", PrimitiveCard, "primitive")
