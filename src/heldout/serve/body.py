"""Read a request's body with limits, and decode it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from heldout.serve.problem import ProblemError

LARGEST_BODY = 8_000_000
MOST_ROWS = 10_000
LONGEST_TEXT = 65_536
SECONDS = 30.0


async def read_json(request: Request) -> Any:
    """The decoded body. Raises 415, 413, 408, 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ProblemError(
            415,
            "H606",
            f'the body must be JSON (Content-Type: application/json), not "{kind[:60]}"',
        )
    body = await read(request)
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        hint = "; write null for a missing value, not NaN" if b"NaN" in body[:10_000] else ""
        raise ProblemError(400, "H606", f"the body is not valid JSON: {error}{hint}") from error
    except RecursionError as error:
        raise ProblemError(400, "H606", "the body is nested too deeply") from error


async def read(request: Request) -> bytes:
    """The raw body, no longer than 8 MB and no slower than 30 seconds."""
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > LARGEST_BODY:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > LARGEST_BODY:
                    raise _too_large()
                parts.append(part)
    except TimeoutError:
        raise ProblemError(408, "H607", f"the body took longer than {SECONDS:.0f} s") from None
    except ClientDisconnect:
        raise ProblemError(400, "H606", "the connection was closed before the body ended") from None
    return b"".join(parts)


def _too_large() -> ProblemError:
    return ProblemError(
        413,
        "H607",
        f"the body is larger than {LARGEST_BODY // 1_000_000} MB; send fewer rows at once",
    )
