"""Open Inference Protocol V2 (REST): the same answers by tensors.

Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heldout import __version__
from heldout.serve.body import MOST_ROWS, read_json
from heldout.serve.predict import threshold_of
from heldout.serve.problem import ProblemError
from heldout.serve.reply import reply
from heldout.serve.service import Answered, Service, refused
from heldout.tables.schema import Column
from heldout.tasks.task import Task

DATATYPES = {"number": "FP64", "boolean": "BOOL"}  # every other kind is BYTES
_NUMBERS = frozenset(
    (
        "FP16",
        "FP32",
        "FP64",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64",
    )
)
_TAKEN = {
    "number": _NUMBERS | {"BYTES"},
    "boolean": _NUMBERS | {"BYTES", "BOOL"},
    "category": _NUMBERS | {"BYTES", "BOOL"},
    "text": frozenset({"BYTES"}),
    "date": frozenset({"BYTES"}),
    "image": frozenset({"BYTES"}),
}


async def server(_request: Request) -> Response:
    """Who answers."""
    return reply({"name": "heldout", "version": __version__, "extensions": []})


async def live(_request: Request) -> Response:
    """The process runs."""
    return reply({"live": True})


async def ready(_request: Request) -> Response:
    """The model answers (it repeated its vectors before the service began to listen)."""
    return reply({"ready": True})


async def model(request: Request) -> Response:
    """Names, datatypes and shapes of inputs and outputs; -1 is the number of rows."""
    service = _service(request)
    inputs = [
        {"name": c.name, "datatype": DATATYPES.get(c.kind, "BYTES"), "shape": [-1]}
        for c in service.bundle.schema.inputs
    ]
    outputs = [
        {"name": n, "datatype": kind, "shape": [-1, *shape]}
        for n, (kind, shape) in _outputs(service).items()
    ]
    return reply(
        {
            "name": service.bundle.name,
            "versions": [service.bundle.digest[:12]],
            "platform": "onnxruntime_onnx",
            "inputs": inputs,
            "outputs": outputs,
        }
    )


async def model_ready(request: Request) -> Response:
    """This model answers."""
    return reply({"name": _service(request).bundle.name, "ready": True})


async def infer(request: Request) -> Response:
    """Tensors in, tensors out; errors are 400 with {"error": text}."""
    service = _service(request)
    if "inference-header-content-length" in request.headers:
        raise ProblemError(400, "H606", "the binary extension is not spoken; send JSON data")
    body = await read_json(request)
    try:
        records = _records(body, service)
        wanted = _wanted(body, service)
        parameters = body.get("parameters")
        threshold = threshold_of(parameters) if isinstance(parameters, dict) else None
        told = await service.answer(records, threshold)
    except ProblemError as problem:
        status = problem.status if problem.status == 413 else 400
        raise ProblemError(status, problem.code, problem.what, problem.errors) from problem
    bad = {i: list(a.errors) for i, a in enumerate(told) if a.answer is None}
    if bad:
        told_why = refused(bad)
        raise ProblemError(400, told_why.code, told_why.what, told_why.errors)
    result: dict[str, Any] = {"model_name": service.bundle.name}
    if isinstance(body.get("id"), str):
        result["id"] = body["id"]
    result["model_version"] = service.bundle.digest[:12]
    result["outputs"] = [_tensor(n, told, service) for n in wanted]
    return reply(result)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    name = request.path_params.get("model", service.bundle.name)
    version = request.path_params.get("version", service.bundle.digest[:12])
    if name != service.bundle.name or version != service.bundle.digest[:12]:
        raise ProblemError(
            404, "H610", f'there is no model "{name[:80]}" here, only "{service.bundle.name}"'
        )
    return service


def _outputs(service: Service) -> dict[str, tuple[str, list[int]]]:
    task = service.bundle.task
    if task.parts:
        k = [len(task.parts)]
        if not task.is_multilabel:
            return {"prediction": ("FP64", k)}
        return {
            "prediction": ("BYTES", k), "probability": ("FP64", k), "decision": ("INT64", k),
            "id": ("BYTES", []),
        }  # fmt: skip
    if not task.classes:
        return {"prediction": ("FP64", [])}
    return {
        "prediction": ("BYTES", []),
        "probability": ("FP64", [len(task.classes)]),
        "decision": ("INT64", []),
    } | {"id": ("BYTES", [])}


def _wanted(body: Any, service: Service) -> list[str]:
    known = list(_outputs(service))
    asked = body.get("outputs")
    if not isinstance(asked, list) or not asked:
        return known
    names = [o.get("name") if isinstance(o, dict) else None for o in asked]
    for name in names:
        if name not in known:
            raise ProblemError(
                400, "H608", f'there is no output "{str(name)[:80]}"; known: {", ".join(known)}'
            )
    return [str(n) for n in names]


def _records(body: Any, service: Service) -> list[dict[str, Any]]:
    if not isinstance(body, dict) or not isinstance(body.get("inputs"), list) or not body["inputs"]:
        raise ProblemError(400, "H608", '"inputs" must be a list of tensors')
    columns: dict[str, list[Any]] = {}
    known = {c.name: c for c in service.bundle.schema.inputs}
    for tensor in body["inputs"]:
        if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
            raise ProblemError(400, "H608", "each input needs name, shape, datatype and data")
        name = tensor["name"]
        columns[name] = _values(tensor, known.get(name))
    rows = {len(v) for v in columns.values()}
    if len(rows) != 1:
        raise ProblemError(400, "H608", "all inputs must have equally many rows")
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _values(tensor: dict[str, Any], column: Column | None) -> list[Any]:
    """The flat data of one tensor, its shape and datatype checked."""
    name, shape, kind = tensor["name"], tensor.get("shape"), tensor.get("datatype")
    data = tensor.get("data")
    if column is not None and str(kind) not in _TAKEN.get(column.kind, frozenset()):
        wanted = DATATYPES.get(column.kind, "BYTES")
        raise ProblemError(400, "H608", f'input "{name[:80]}" takes {wanted}, not {str(kind)[:20]}')
    if not isinstance(data, list):
        raise ProblemError(400, "H608", f'input "{name[:80]}" needs its data as a list')
    flat = [v[0] if isinstance(v, list) and len(v) == 1 else v for v in data]
    good = isinstance(shape, list) and all(type(s) is int for s in shape)
    if not good or shape not in ([len(flat)], [len(flat), 1]):
        raise ProblemError(
            400,
            "H608",
            f'input "{name[:80]}" must have the shape [{len(flat)}] or [{len(flat)}, 1]',
        )
    if len(flat) > MOST_ROWS:
        raise ProblemError(413, "H607", f"at most {MOST_ROWS:,} rows are taken at once")
    return flat


def _tensor(name: str, told: Sequence[Answered], service: Service) -> dict[str, Any]:
    kind, shape = _outputs(service)[name]
    task = service.bundle.task
    data = [v for a in told for v in _cells(name, a, task)]
    return {"name": name, "datatype": kind, "shape": [len(told), *shape], "data": data}


def _cells(name: str, answered: Answered, task: Task) -> list[Any]:
    answer = answered.answer or {}
    if name == "id":
        return [answered.id]
    if task.parts:
        return _of_targets(name, answer, task)
    if name == "decision":
        return [task.classes.index(answer["prediction"])]
    if name == "probability":
        return [math.nan if p is None else p for p in answer["probability"].values()]
    return [answer["prediction"]]


def _of_targets(name: str, answer: Mapping[str, Any], task: Task) -> list[Any]:
    """One cell for each target."""
    if name == "decision":
        return [p.classes.index(answer["prediction"][p.target]) for p in task.parts]
    given = answer["probability" if name == "probability" else "prediction"]
    return [math.nan if given[t] is None else given[t] for t in task.targets]


ROUTES = [
    Route("/v2", server),
    Route("/v2/health/live", live),
    Route("/v2/health/ready", ready),
    *(
        route
        for stem in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}")
        for route in (
            Route(stem, model),
            Route(f"{stem}/ready", model_ready),
            Route(f"{stem}/infer", infer, methods=["POST"]),
        )
    ),
]
