"""How much memory reading may take: what the machine or its container has left, or what was said.

``HELDOUT_MEMORY`` (such as ``2GB`` or ``800MB``) says it. A table is read whole where its estimated
peak fits into half of that; the other half is for what comes after.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from heldout.core.errors import HeldoutError

SHARE = 0.5
UNKNOWN = 4 << 30  # bytes, where the system does not say
UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def allowed() -> int:
    """Bytes that reading may take at its peak."""
    return int(available() * SHARE)


def available() -> int:
    """Bytes that this process may use: said, or the least of what machine and container leave."""
    said = os.environ.get("HELDOUT_MEMORY")
    if said:
        return parse(said)
    left = [_machine(), *(_container(*names) for names in CGROUPS)]
    return min((n for n in left if n is not None), default=UNKNOWN)


def parse(text: str) -> int:
    """Bytes of a size in words; H102 where it is none.

    >>> parse("2GB"), parse("1.5 k")
    (2147483648, 1536)
    """
    match = re.fullmatch(r"(?i)\s*([0-9.]+)\s*([kmgt]?)i?b?\s*", text)
    try:
        amount = float(match[1]) * UNITS[match[2].lower()] if match else 0.0
    except ValueError:
        amount = 0.0
    if amount < 1:
        raise HeldoutError(
            "H102",
            f"HELDOUT_MEMORY cannot be {text!r}",
            seen="a size looks like 2GB or 800MB",
            why="it says how much memory heldout may use",
            do=["export HELDOUT_MEMORY=2GB"],
        )
    return int(amount)


def words(size: float) -> str:
    """Bytes for people.

    >>> words(3_400_000_000), words(20_000_000)
    ('3.2 GB', '19 MB')
    """
    return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{max(1, round(size / 2**20))} MB"


def _machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _container(limit: str, used: str) -> int | None:
    try:
        most = Path(limit).read_text(encoding="ascii").strip()
        now = int(Path(used).read_text(encoding="ascii"))
        return max(0, int(most) - now) if most != "max" and int(most) < 1 << 60 else None
    except (OSError, ValueError):
        return None


def too_large(name: str, need: int, have: int, do: str) -> HeldoutError:
    """For a table that neither fits nor can be read in pieces."""
    return HeldoutError(
        "H804",
        f"{name} would take about {words(need)} of memory while it is read",
        seen=f"{words(have)} may be used of {words(available())} that are free",
        why="a format that is read as a whole cannot be sampled; the system would end the process",
        do=[do, "or give more memory: HELDOUT_MEMORY=16GB says what may be used"],
    )
