"""/openapi.json, made from the bundle's schema."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heldout import __version__
from heldout.serve.body import LARGEST_BODY, LONGEST_TEXT, MOST_ROWS
from heldout.serve.reply import reply
from heldout.serve.service import Service
from heldout.tables.schema import Column
from heldout.tasks.task import Task

_NULL = {"type": "null"}


async def openapi(request: Request) -> Response:
    """The document."""
    return reply(document(request.app.state.service))


def document(service: Service) -> dict[str, Any]:
    """OpenAPI 3.1 for this bundle."""
    bundle = service.bundle
    task = bundle.task
    record = {
        "type": "object",
        "properties": {c.name: column_schema(c) for c in bundle.schema.inputs},
        "required": [c.name for c in bundle.schema.inputs],
        "description": "Every field is given; null where its value is missing. Fields that the "
        "model does not take are ignored and named in the reply.",
    }
    batch = {
        "type": "object",
        "properties": {
            "rows": {
                "type": "array",
                "items": _ref("Record"),
                "minItems": 1,
                "maxItems": MOST_ROWS,
            },
            "strict": {"type": "boolean", "description": "Refuse all rows if one is refused."},
            **_threshold(task),
        },
        "required": ["rows"],
    }
    single = {
        "type": "object",
        "properties": {"row": _ref("Record"), **_threshold(task)},
        "required": ["row"],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{bundle.name}: {task.target}",
            "version": bundle.digest[:12],
            "description": f"Answers of a {task.kind} model, served by heldout {__version__}. "
            f"Bodies up to {LARGEST_BODY // 1_000_000} MB.",
        },
        "paths": {
            "/predict": {"post": _predict()},
            "/labels": {"post": _labels()},
            "/livez": {"get": _plain("The process runs.")},
            "/readyz": {"get": _plain("The model answers.")},
            "/metrics": {"get": _plain("Counters in the text form of Prometheus.", "text/plain")},
            "/v2/models/{model}/infer": {"post": _infer()},
        },
        "components": {
            "schemas": {
                "Record": record,
                "Single": single,
                "Batch": batch,
                "Answer": _answer(task),
                "Answers": _answers(),
                "Problem": _problem(),
            }
        },
    }


def column_schema(column: Column) -> dict[str, Any]:
    """What a field takes, as JSON Schema."""
    told: dict[str, Any] = {}
    if column.kind == "number":
        told["anyOf"] = [
            {"type": "number"},
            {"type": "string", "description": "a number as text"},
            _NULL,
        ]
        if column.low is not None and column.high is not None:
            told["description"] = f"{column.low:g} to {column.high:g} in training."
    elif column.kind == "boolean":
        words = list(column.levels) or ["false", "true"]
        told["anyOf"] = [{"type": "boolean"}, {"type": "string", "enum": words}, _NULL]
    elif column.kind == "date":
        told["anyOf"] = [{"type": "string"}, _NULL]
        told["description"] = f"A date written as {' or '.join(column.formats) or '%Y-%m-%d'}."
    else:
        told["anyOf"] = [{"type": "string", "maxLength": LONGEST_TEXT}, {"type": "number"}, _NULL]
        if column.levels and len(column.levels) <= 50:
            told["examples"] = list(column.levels)
            told["description"] = "Other values are taken as unseen."
    return told


def _predict() -> dict[str, Any]:
    content = {"anyOf": [_ref("Record"), _ref("Single"), _ref("Batch")]}
    answer = {"anyOf": [_ref("Answer"), _ref("Answers")]}
    return {
        "summary": "Answer one record, or many",
        "requestBody": {"required": True, "content": {"application/json": {"schema": content}}},
        "responses": {
            "200": _json("The answer.", answer),
            **{
                code: _json(words, _ref("Problem"))
                for code, words in (
                    ("400", "The body is not JSON."),
                    ("413", "Too many rows or bytes."),
                    ("415", "The body is not declared as JSON."),
                    ("422", "A value cannot be taken; the reply names it."),
                )
            },
        },
    }


def _labels() -> dict[str, Any]:
    pair = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "value": {}},
        "required": ["id", "value"],
    }
    return {
        "summary": "Keep what turned out to be true, by the id of an answer",
        "requestBody": {"required": True, "content": {"application/json": {"schema": pair}}},
        "responses": {"202": {"description": "It will be in the log."}},
    }


def _infer() -> dict[str, Any]:
    parameter = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "summary": "Open Inference Protocol V2",
        "parameters": [parameter],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {"200": {"description": "Tensors."}, "400": {"description": "Refused."}},
    }


def _answer(task: Task) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": {"type": "string"}, "model": {"type": "string"}}
    if task.parts:
        number = {"type": "number"}
        of = {
            p.target: {"type": "string", "enum": list(p.classes)} if task.is_multilabel else number
            for p in task.parts
        }
        properties["prediction"] = {"type": "object", "properties": of}
        if task.is_multilabel:
            each = {t: {"type": "number", "minimum": 0, "maximum": 1} for t in task.targets}
            properties["probability"] = {"type": "object", "properties": each}
    elif task.classes:
        shares = {c: {"type": "number", "minimum": 0, "maximum": 1} for c in task.classes}
        properties["prediction"] = {"type": "string", "enum": list(task.classes)}
        properties["probability"] = {"type": "object", "properties": shares}
    else:
        properties["prediction"] = {"type": "number"}
    return {"type": "object", "properties": properties, "required": ["id", "prediction"]}


def _answers() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "predictions": {"type": "array", "items": _ref("Answer")},
            "rows": {"type": "integer"},
            "refused": {"type": "integer"},
        },
    }


def _problem() -> dict[str, Any]:
    error = {
        "type": "object",
        "properties": {
            "row": {"type": "integer"},
            "field": {"type": "string"},
            "value": {},
            "expected": {"type": "string"},
            "nearest": {"type": "string"},
        },
    }
    return {
        "type": "object",
        "properties": {
            "error": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "array", "items": error},
        },
        "required": ["error"],
    }


def _threshold(task: Task) -> dict[str, Any]:
    if task.kind != "binary":
        return {}
    words = f"Answer {task.positive} from this probability on."
    return {"threshold": {"type": "number", "minimum": 0, "maximum": 1, "description": words}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(words: str, schema: Any) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _plain(words: str, kind: str = "application/json") -> dict[str, Any]:
    return {"summary": words, "responses": {"200": {"description": words, "content": {kind: {}}}}}


ROUTES = [Route("/openapi.json", openapi)]
