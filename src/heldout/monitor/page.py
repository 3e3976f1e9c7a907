"""The look as one HTML file without script or request, and as JSON."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from heldout.core import files
from heldout.core.digits import Digits
from heldout.core.strict_json import strict
from heldout.metrics.digits import digits
from heldout.monitor.compare import Report, headline
from heldout.monitor.told import left_out, promise, score_line

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

MOST_CHANGES = 40


def write(report: Report, path: str | Path) -> Path:
    """Write the page to ``path`` and the same as JSON beside it; returns the page's path."""
    page = Path(path)
    files.write(page.with_suffix(".json"), as_json(report) + "\n")
    files.write(page, render(report))
    return page


def as_json(report: Report) -> str:
    """The report as JSON, indented; numbers that do not exist are null."""
    return json.dumps(strict(report.as_dict()), ensure_ascii=False, indent=1, allow_nan=False)


def render(report: Report) -> str:
    """The page as text."""
    widest = max([0.5, *(r.effect for r in report.changes)])
    bars = [
        {
            "where": r.where,
            "alarm": r.alarm.replace("_", " "),
            "effect": f"{r.effect:.2f}",
            "low": f"{r.low:.2f}",
            "width": round(100 * r.effect / widest, 2),
            "low_at": round(100 * r.low / widest, 2),
        }
        for r in report.changes[:MOST_CHANGES]
    ]
    return _template().render(
        report=report,
        heading=headline(report),
        promise=promise(report),
        score=score_line(report.labeled) if report.labeled else None,
        shown=_shown(report),
        left_out=left_out(report) if report.fitted else None,
        bars=bars,
        floors=[round(100 * f / widest, 2) for f in (0.1, 0.2, 0.35) if f <= widest],
        left=max(0, len(report.changes) - len(bars)),
    )


def _shown(report: Report) -> Digits:
    """The digits of the score over time."""
    known = report.labeled.score if report.labeled else None
    return Digits(3) if known is None else digits(known.metric, known.value, known.low, known.high)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("heldout.monitor"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["code"] = _code
    return made.get_template("watch.html")


def _code(text: str) -> Markup:
    """Names between backticks as code; everything is escaped first."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704
