"""Absolute deadlines on the monotonic clock (contract 7, joints 9)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path


def now() -> float:
    """Seconds on the monotonic clock."""
    return time.monotonic()


def process_start() -> float:
    """When this process started, on the monotonic clock; now where the system does not tell."""
    try:
        text = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
        import os

        ticks = float(text.rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
        boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        return now() - max(0.0, boot - ticks)
    except (OSError, ValueError, IndexError, AttributeError):
        return now()


@dataclass(frozen=True)
class Deadline:
    """A moment; ``Deadline.never()`` is infinitely far away (used with ``--work``).

    >>> Deadline.after(60.0).left() > 59
    True
    >>> Deadline.never().passed
    False
    """

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """``seconds`` from now."""
        return cls(now() + seconds)

    @classmethod
    def never(cls) -> Deadline:
        """No deadline."""
        return cls(math.inf)

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at - now())

    @property
    def passed(self) -> bool:
        """Whether the moment has come."""
        return now() >= self.at

    def earlier(self, seconds: float) -> Deadline:
        """The deadline that leaves ``seconds`` in reserve."""
        return Deadline(self.at - seconds)
