"""What every request passes first: Host, Origin, token; what every reply carries.

A page on the internet can make a browser talk to a service on loopback (DNS rebinding). The
browser then sends the page's own name as Host or Origin, and that is refused here.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

import msgspec

from heldout.core.clock import now
from heldout.serve.metrics import Metrics
from heldout.serve.problem import ProblemError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OPEN = frozenset({"/livez", "/readyz", "/ping", "/v2/health/live", "/v2/health/ready"})
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        b"img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
]


class Guard:
    """ASGI middleware around the whole service."""

    def __init__(
        self,
        app: App,
        metrics: Metrics,
        patterns: Mapping[Any, str],
        *,
        hosts: Iterable[str] = (),
        loopback: bool = True,
        token: str | None = None,
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.patterns = patterns
        self.hosts = LOOPBACK | {h.lower() for h in hosts}
        self.loopback = loopback
        if not loopback:
            self.hosts |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, pass on, count."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, seen = now(), [500]

        async def reply(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                seen[0] = message["status"]
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        try:
            self._check(scope)
            await self.app(scope, receive, reply)
        except ProblemError as problem:
            await _send_problem(problem, reply)
        finally:
            # the route's pattern, so that counters do not grow with what strangers ask for
            route = self.patterns.get(scope.get("endpoint"), "other")
            self.metrics.request(route, seen[0], now() - start)

    def _check(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._known(_name(host)):
            raise ProblemError(
                403,
                "H604",
                f'the Host header says "{host[:100]}"; ask for this service by its own name',
            )
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if origin and origin.partition("://")[2] != host:
            raise ProblemError(403, "H604", f'pages of "{origin[:100]}" may not use this service')
        if self.token is not None and scope["path"] not in OPEN:
            said = headers.get(b"authorization", b"")
            if not hmac.compare_digest(said, f"Bearer {self.token}".encode()):
                raise ProblemError(401, "H605", "the header Authorization: Bearer TOKEN is needed")

    def _known(self, name: str) -> bool:
        if name in self.hosts:
            return True
        if self.loopback:
            return False
        try:  # a rebinding attack needs a name; an address cannot be rebound
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _name(host: str) -> str:
    """The name in a Host header, without port.

    >>> _name("[::1]:8000"), _name("localhost:80"), _name("example.org")
    ('::1', 'localhost', 'example.org')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


async def _send_problem(problem: ProblemError, send: Send) -> None:
    headers = [(b"content-type", b"application/json")]
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    body = msgspec.json.encode(problem.as_dict())
    await send({"type": "http.response.body", "body": body})
