"""The ASGI application: all doors around one service."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from heldout.bundle.read import Bundle
from heldout.serve import adapters, inference, openapi, page, predict
from heldout.serve.guard import App, Guard
from heldout.serve.log import PredictionLog
from heldout.serve.problem import ProblemError
from heldout.serve.reply import reply
from heldout.serve.service import Service


def create_app(
    bundle: Bundle,
    *,
    log: PredictionLog | None = None,
    threshold: float | None = None,
    token: str | None = None,
    hosts: Iterable[str] = (),
    loopback: bool = True,
) -> App:
    """The service of ``bundle`` as an ASGI application.

    ``hosts`` are further names that a Host header may carry; with ``loopback`` only they and
    those of loopback are answered. The log is closed when the application shuts down.
    """
    service = Service.of(bundle, log, threshold)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        if log is not None:
            log.close()

    routes = [
        Route("/predict", predict.predict, methods=["POST"]),
        Route("/labels", predict.label, methods=["POST"]),
        Route("/livez", live),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        *page.ROUTES,
        *openapi.ROUTES,
        *inference.ROUTES,
        *adapters.ROUTES,
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            ProblemError: _problem,
            HTTPException: _http,
            Exception: _defect,
        },
    )
    app.state.service = service
    patterns = {route.endpoint: route.path for route in routes}
    return Guard(app, service.metrics, patterns, hosts=hosts, loopback=loopback, token=token)


async def live(_request: Request) -> Response:
    """The process runs."""
    return reply({"status": "ok"})


async def ready(request: Request) -> Response:
    """The model repeated its vectors before the service began to listen."""
    service: Service = request.app.state.service
    return reply({"status": "ready", "model": service.bundle.name})


async def metrics(request: Request) -> Response:
    """Counters for Prometheus."""
    service: Service = request.app.state.service
    log = service.log
    more = {} if log is None else {"log_dropped_total": log.dropped, "log_errors_total": log.errors}
    return Response(service.metrics.text(more), media_type="text/plain; version=0.0.4")


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return reply(error.as_dict(), error.status)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {
        404: f"there is nothing at {request.url.path[:200]}; /openapi.json lists what there is",
        405: f"{request.url.path[:200]} does not take {request.method}",
    }
    told = {"error": known.get(error.status_code, error.detail), "code": "H611"}
    response = reply(told, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _defect(_request: Request, _error: Exception) -> Response:
    return reply({"error": "a defect of heldout; the service goes on", "code": "H901"}, 500)
