"""The one line that is redrawn while a run works."""

from __future__ import annotations

from heldout.report.figures import decimals, number


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(24.6), clock(60), clock(3725)
    ('0:24', '1:00', '1:02:05')
    """
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def line(
    spent: float,
    total: float | None,
    doing: str,
    best: float | None = None,
    low: float | None = None,
    high: float | None = None,
    *,
    of_target: bool = False,
    fits: tuple[int, int] | None = None,
) -> str:
    """Time spent, what is being done, and the best so far, at most 79 columns.

    ``fits`` (done, planned) stands in for the time where fits are counted (``--work``).

    >>> line(24, 60, "tuning", 0.843, 0.832, 0.854)
    '0:24 of 1:00  tuning  best so far 0.843, interval 0.832 to 0.854 (open rows)'
    >>> line(3, None, "reading")
    '0:03  reading'
    """
    text = clock(spent)
    if fits is not None:
        text += f"  fit {fits[0]:,} of {fits[1]:,}"
    elif total is not None:
        text += f" of {clock(total)}"
    text += f"  {doing}"
    if best is not None:
        places = decimals(best, (low, high), of_target=of_target)
        text += f"  best so far {number(best, places)}"
        if low is not None and high is not None:
            text += f", interval {number(low, places)} to {number(high, places)}"
        text += " (open rows)"
    return text[:79]
