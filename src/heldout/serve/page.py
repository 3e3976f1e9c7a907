"""GET /: the form; POST /: the form without script. No request leaves the page's own server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heldout import __version__
from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.metrics.digits import digits
from heldout.metrics.score import METRICS
from heldout.serve.body import read
from heldout.serve.form import fields
from heldout.serve.problem import ProblemError
from heldout.serve.service import Answered, Service
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from jinja2 import Template

MOST_BARS = 10


async def show(request: Request) -> Response:
    """The page with an empty answer."""
    service: Service = request.app.state.service
    return _page(service, None, None)


async def submit(request: Request) -> Response:
    """The page with an answer, for browsers without script."""
    service: Service = request.app.state.service
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ProblemError(
            415, "H606", "this address takes the page's own form; /predict takes JSON"
        )
    body = await read(request)
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=10_000
        )
    except ValueError as error:
        raise ProblemError(400, "H606", "the form cannot be read") from error
    sent = {k.removeprefix("in:"): v for k, v in pairs if k.startswith("in:")}
    given = {c.name: sent.get(c.name, "") for c in service.bundle.schema.inputs}
    (answered,) = await service.answer([given])
    return _page(service, given, answered)


async def style(_request: Request) -> Response:
    """The page's style."""
    return Response(_text("page.css"), media_type="text/css")


async def script(_request: Request) -> Response:
    """The page's script."""
    return Response(_text("page.js"), media_type="text/javascript")


def shown(answer: Mapping[str, Any], task: Task) -> list[dict[str, Any]]:
    """The probabilities as bars: label, per cent, and whether it is the decision."""
    probability, decided = answer.get("probability", {}), answer["prediction"]
    if task.parts and not probability:
        return []
    if task.parts:  # several labels, which do not add up to 1
        return [
            {
                "label": f"{part.target}: {part.positive}",
                "percent": 100 * (probability[part.target] or 0.0),
                "chosen": decided[part.target] == part.positive,
            }
            for part in task.parts[:MOST_BARS]
        ]
    order = sorted(probability, key=lambda k: -(probability[k] or 0.0))[:MOST_BARS]
    return [
        {
            "label": label,
            "percent": 100 * (probability[label] or 0.0),
            "chosen": label == answer["prediction"],
        }
        for label in order
    ]


def in_words(answer: Mapping[str, Any], task: Task) -> str:
    """The probability of the class that is looked for, else of the answer, as a count."""
    if task.parts:
        return ""
    label = task.positive if task.kind == "binary" else answer["prediction"]
    p = answer.get("probability", {}).get(label)
    return "" if p is None else f"Of 100 cases like this one, about {round(100 * p)} are {label}."


def _page(service: Service, given: Mapping[str, str] | None, answered: Answered | None) -> Response:
    bundle, task = service.bundle, service.bundle.task
    errors = {e.field: f"not {e.expected}" for e in answered.errors} if answered else {}
    answer = answered.answer if answered else None
    threshold = service.used_threshold(None)
    text = _template().render(
        name=bundle.name,
        target=task.target,
        unit=task.unit,
        positive=task.positive if task.kind == "binary" else None,
        positives=_positives(task),
        threshold=None if threshold is None else f"{100 * threshold:.3g}",
        fields=fields(bundle, given, errors),
        answer=answer,
        number=answered.id if answered else "",
        value="" if answer is None else _value(answer["prediction"]),
        share="" if answer is None else in_words(answer, task),
        bars=[] if answer is None else shown(answer, task),
        errors=errors,
        score=_score(bundle.manifest.get("verdict"), bundle.manifest.get("baseline")),
        digest=bundle.digest[:12],
        version=__version__,
    )
    return Response(text, 422 if errors else 200, media_type="text/html")


def _positives(task: Task) -> str:
    """The class that is looked for in each of several labels, as JSON; else nothing."""
    if not task.is_multilabel:
        return ""
    return json.dumps({p.target: p.positive for p in task.parts}, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{target} {_value(one)}" for target, one in value.items())
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _score(verdict: Mapping[str, Any] | None, baseline: Mapping[str, Any] | None) -> str:
    """The score in a sentence, with interval, baseline and rows, or nothing."""
    if not verdict or verdict.get("value") is None:
        return ""
    metric, low, high = str(verdict.get("metric", "")), verdict.get("low"), verdict.get("high")
    shown = digits(metric, verdict["value"], low, high)
    text = f"Score of this model: {_title(metric)} {shown(verdict['value'])}"
    if low is not None and high is not None:
        text += f", 95 % interval {shown(low)} to {shown(high)}"
    if baseline and baseline.get("value") is not None:
        text += f", baseline {shown(baseline['value'])}"
    rows = verdict.get("samples", verdict.get("n"))
    return f"{text}, rows {count(rows)}." if rows else f"{text}."


def _title(metric: str) -> str:
    """A metric as people call it."""
    try:
        return METRICS.get(metric).title
    except HeldoutError:
        return metric


@cache
def _text(name: str) -> str:
    return resources.files("heldout.serve").joinpath("static", name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    """Jinja2 with autoescape; imported when the page is first asked for."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html"))


ROUTES = [
    Route("/", show),
    Route("/", submit, methods=["POST"]),
    Route("/page.css", style),
    Route("/page.js", script),
]
