"""How many rows a step looks at."""

from __future__ import annotations

from collections.abc import Callable

USUAL = 64  # between 40 and 100
MOST = 512  # beyond, fewer steps an epoch cost more than smoother gradients gain
SMALL = 16  # below, steps follow single rows
FIRST = (1_024, 512, 256, 128, 64, 32)


def usual(rows: int) -> int:
    """64, or less where an epoch would have fewer than ten steps.

    >>> usual(20_000), usual(400), usual(40)
    (64, 32, 16)
    """
    size = USUAL
    while size > SMALL and rows < 10 * size:
        size //= 2
    return size


def largest(loss_at: Callable[[int], float], rows: int, within: float = 0.0) -> int:
    """Begin with 1,024 rows and halve until the loss is no longer better by more than ``within``:
    large batches are fast, small ones often end lower.

    >>> largest({1_024: 0.5, 512: 0.4, 256: 0.38, 128: 0.39, 64: 0.3}.__getitem__, 50_000)
    256
    """
    tried = [size for size in FIRST if size * 10 <= rows] or [usual(rows)]
    best, lowest = tried[0], loss_at(tried[0])
    for size in tried[1:]:
        loss = loss_at(size)
        if not loss < lowest - within:
            break
        best, lowest = size, loss
    return best


def warnings(batch: int, rows: int) -> list[str]:
    """What speaks against this size.

    >>> warnings(64, 20_000)
    []
    """
    said = []
    if batch < SMALL and rows > batch:
        said.append(
            f"a batch of {batch} is very small: each step follows few rows, the loss jumps and"
            f" an epoch takes longer; {USUAL} is usual"
        )
    if batch > MOST and rows > batch:
        said.append(
            f"a batch of {batch:,} is large: {-(-rows // batch):,} steps an epoch; up to {MOST} is"
            " usual, and a larger one wants a higher learning rate"
        )
    return said
