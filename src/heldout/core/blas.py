"""Linear algebra of this process on one thread.

What heldout computes beside its workers are small products: handing each to a second thread costs
many times what it saves (measured: a logistic regression of 2,310 x 19, two cores: 0.2 s against
0.003), and sums in another order have other last digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """As long as it lasts, or as a decorator; what the process had before comes back.

    >>> @one_thread()
    ... def total():
    ...     import numpy as np
    ...     return float(np.ones(3) @ np.ones(3))
    >>> total()
    3.0
    """
    import scipy.linalg  # noqa: F401  # loaded before the limit, which only reaches what is loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
