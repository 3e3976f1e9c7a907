"""POST /predict: one record, or {"rows": [...]}; and POST /labels for what turned out true."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from heldout.serve.body import MOST_ROWS, read_json
from heldout.serve.problem import ProblemError
from heldout.serve.reply import reply
from heldout.serve.service import Service, refused


async def predict(request: Request) -> Response:
    """Answer one record or a batch.

    A record is the object of its fields, or stands under "row" beside "threshold". In a batch,
    refused rows are told in their place and the rest is answered, unless "strict" is true.
    """
    service: Service = request.app.state.service
    body = await read_json(request)
    if not isinstance(body, dict):
        raise ProblemError(422, "H608", 'the body must be one record, or {"rows": [...]}')
    names = {c.name for c in service.bundle.schema.inputs}
    if "rows" in body and ("rows" not in names or isinstance(body["rows"], list)):
        return await _batch(service, body)
    record, threshold = body, None
    if "row" in body and ("row" not in names or isinstance(body["row"], dict)):
        record, threshold = body["row"], threshold_of(body)
    elif "threshold" in body and "threshold" not in names:
        threshold = threshold_of(body)
        record = {n: v for n, v in body.items() if n != "threshold"}
    (answered,) = await service.answer([record], threshold)
    if answered.answer is None:
        raise refused({0: list(answered.errors)})
    ignored = [n for n in record if n not in names] if isinstance(record, dict) else []
    return reply({**answered.as_dict(), **about(service, threshold), **_ignored(ignored)})


async def _batch(service: Service, body: dict[str, Any]) -> Response:
    rows, threshold = body["rows"], threshold_of(body)
    if not isinstance(rows, list):
        raise ProblemError(422, "H608", '"rows" must be a list of records')
    told = await service.answer(rows, threshold, strict=body.get("strict") is True)
    return reply(
        {
            "predictions": [a.as_dict() for a in told],
            "rows": len(told),
            "refused": sum(a.answer is None for a in told),
            **about(service, threshold),
        }
    )


async def label(request: Request) -> Response:
    """Keep what turned out to be true: {"id", "value"} or {"labels": [...]}."""
    service: Service = request.app.state.service
    body = await read_json(request)
    pairs = body.get("labels", [body]) if isinstance(body, dict) else body
    if not isinstance(pairs, list) or len(pairs) > MOST_ROWS:
        raise ProblemError(422, "H608", 'the body must be {"id", "value"}, or {"labels": [...]}')
    for pair in pairs:
        if not isinstance(pair, dict) or not isinstance(pair.get("id"), str) or "value" not in pair:
            raise ProblemError(422, "H608", 'each label needs an "id" (a text) and a "value"')
    if service.log is None:
        raise ProblemError(409, "H609", "this service keeps no log, so labels have no place")
    service.log.label([(p["id"], _text(p["value"])) for p in pairs])
    return reply({"accepted": len(pairs)}, 202)


def _text(value: Any) -> str | None:
    """A label as the log keeps it; of several targets the object as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def threshold_of(body: dict[str, Any]) -> float | None:
    """The threshold that a request asks for; 422 where it is no probability."""
    value = body.get("threshold")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ProblemError(422, "H608", f'"threshold" must be from 0 to 1, not {value!r}'[:200])
    return float(value)


def about(service: Service, threshold: float | None) -> dict[str, Any]:
    """Which model answered, and by which threshold."""
    told: dict[str, Any] = {"model": service.bundle.name, "model_digest": service.bundle.digest}
    used = service.used_threshold(threshold)
    return told if used is None else {**told, "threshold": used}


def _ignored(names: list[str]) -> dict[str, Any]:
    return {"ignored": sorted(names)} if names else {}
