"""DNS rebinding, tokens, headers."""

from __future__ import annotations

import httpx
import pytest

from heldout.bundle import Bundle
from heldout.serve.guard import Guard
from heldout.serve.metrics import Metrics
from small_services import GOOD, asking


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_another_host_is_refused(client: httpx.Client, host: str) -> None:
    """Its name points here, but it is not ours."""
    reply = client.post("/predict", json=GOOD, headers={"host": host})
    assert reply.status_code in (400, 403)
    assert host == "" or reply.json()["code"] == "H604"


def test_pages_of_others_are_refused(client: httpx.Client) -> None:
    """The browser says where a page is from."""
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        reply = client.post("/predict", json=GOOD, headers={"origin": origin})
        assert reply.status_code == 403
    own = str(client.base_url).rstrip("/")
    assert client.post("/predict", json=GOOD, headers={"origin": own}).status_code == 200
    port = client.base_url.port
    assert client.get("/livez", headers={"host": f"localhost:{port}"}).status_code == 200
    assert client.get("/livez", headers={"host": f"[::1]:{port}"}).status_code == 200


def test_beyond_loopback_addresses_and_given_names_are_taken() -> None:
    """An address cannot be rebound, a name can."""

    async def app(scope: object, receive: object, send: object) -> None: ...

    guard = Guard(app, Metrics("m", "d"), {}, hosts=["churn.example"], loopback=False)
    assert guard._known("192.168.1.7")
    assert guard._known("churn.example")
    assert not guard._known("evil.example")


def test_a_token(bundle: Bundle) -> None:
    """Asked of everything but health."""
    with asking(bundle, token="s3cret") as client:
        assert client.get("/livez").status_code == 200
        for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "s3cret"}):
            reply = client.post("/predict", json=GOOD, headers=headers)
            assert reply.status_code == 401
            assert reply.headers["www-authenticate"] == "Bearer"
            assert reply.json()["code"] == "H605"
            assert "s3cret" not in reply.text
        headers = {"authorization": "Bearer s3cret"}
        assert client.post("/predict", json=GOOD, headers=headers).status_code == 200


def test_every_reply_has_its_headers(client: httpx.Client) -> None:
    """No frame, no sniffing, no script but the page's own."""
    for path in ("/", "/predict", "/nothing", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "server" not in headers
