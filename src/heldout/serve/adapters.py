"""The doors of others: TensorFlow Serving's REST, and /invocations with /ping."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heldout.serve.body import read_json
from heldout.serve.problem import ProblemError
from heldout.serve.reply import reply
from heldout.serve.service import Service, refused

_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


async def tf_predict(request: Request) -> Response:
    """POST /v1/models/NAME:predict with {"instances": [...]} or {"inputs": {column: [...]}}."""
    service = _service(request)
    body = await read_json(request)
    rows = _rows(body, ("instances", "inputs"))
    predictions = await _answers(service, rows)
    return reply({"outputs" if "inputs" in body else "predictions": predictions})


async def tf_status(request: Request) -> Response:
    """GET /v1/models/NAME."""
    service = _service(request)
    status = {"error_code": "OK", "error_message": ""}
    version = {"version": service.bundle.digest[:12], "state": "AVAILABLE", "status": status}
    return reply({"model_version_status": [version]})


async def invocations(request: Request) -> Response:
    """POST /invocations with one of dataframe_split, dataframe_records, instances, inputs."""
    service: Service = request.app.state.service
    rows = _rows(await read_json(request), _FORMS)
    return reply({"predictions": await _answers(service, rows)})


async def ping(_request: Request) -> Response:
    """GET /ping."""
    return reply({"status": "ok"})


async def _answers(service: Service, rows: list[Any]) -> list[Any]:
    """Answers as these protocols know them: all or none."""
    told = await service.answer(rows)
    bad = {i: list(a.errors) for i, a in enumerate(told) if a.answer is None}
    if bad:
        problem = refused(bad)
        raise ProblemError(400, problem.code, problem.what, problem.errors)
    return [a.as_dict() for a in told]


def _rows(body: Any, forms: tuple[str, ...]) -> list[Any]:
    """Rows out of whichever form the body has."""
    given = [f for f in forms if isinstance(body, dict) and f in body]
    if len(given) != 1:
        raise ProblemError(400, "H608", f"the body must hold one of {', '.join(forms)}")
    value = body[given[0]]
    try:
        if given[0] == "dataframe_split":
            names = [str(name) for name in value["columns"]]
            return [dict(zip(names, row, strict=True)) for row in value["data"]]
        if given[0] == "inputs" and isinstance(value, dict):
            return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
    except (KeyError, TypeError, ValueError) as error:
        raise ProblemError(
            400, "H608", f'"{given[0]}" does not hold rows of equal length'
        ) from error
    if not isinstance(value, list):
        raise ProblemError(400, "H608", f'"{given[0]}" must be a list of records')
    return value


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    name = request.path_params["model"]
    if name != service.bundle.name:
        raise ProblemError(
            404, "H610", f'there is no model "{name[:80]}" here, only "{service.bundle.name}"'
        )
    return service


ROUTES = [
    Route("/v1/models/{model}:predict", tf_predict, methods=["POST"]),
    Route("/v1/models/{model}", tf_status),
    Route("/invocations", invocations, methods=["POST"]),
    Route("/ping", ping),
]
