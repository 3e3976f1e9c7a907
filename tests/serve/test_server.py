"""The process: its address, its port, its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import httpx
import pytest

from heldout.bundle import Bundle
from heldout.core.errors import HeldoutError
from heldout.serve import serve
from small_services import GOOD

START = "import sys; from heldout.bundle import load; from heldout.serve import serve; serve(load(sys.argv[1]), port=0)"


def test_a_port_in_use(bundle: Bundle) -> None:
    """H602, exit 2, and what to do."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(HeldoutError) as caught:
            serve(bundle, port=taken.getsockname()[1])
    assert caught.value.code == "H602"
    assert caught.value.exit_code == 2
    assert "--port 0" in caught.value.do[0]


@pytest.mark.parametrize(("host", "port"), [("no.such.name.invalid", 0), ("127.0.0.1", 99_999)])
def test_an_address_that_is_not_ours(bundle: Bundle, host: str, port: int) -> None:
    """H603."""
    with pytest.raises(HeldoutError) as caught:
        serve(bundle, host=host, port=port)
    assert caught.value.code == "H603"


@pytest.mark.skipif(os.name == "nt", reason="SIGINT of POSIX")
def test_json_is_one_line_with_the_address(bundle: Bundle) -> None:
    """For programs that start the service."""
    command = [
        sys.executable,
        "-m",
        "heldout",
        "serve",
        str(bundle.path),
        "--port",
        "0",
        "--no-log",
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            assert httpx.post(told["predict"], json=GOOD).status_code == 200
            assert told["predict"].startswith(told["address"])
            assert told["log"] is None
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=20)
    assert rest == ""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT of POSIX")
def test_port_0_prints_the_address_and_ctrl_c_ends(bundle: Bundle) -> None:
    """A process of its own: prints where it is, answers, loads nothing heavy, ends in peace."""
    with subprocess.Popen(
        [sys.executable, "-c", START, str(bundle.path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            address = line.split()[-1]
            assert address.startswith("http://127.0.0.1:")
            assert httpx.post(f"{address}/predict", json=GOOD).status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""


@pytest.mark.requirement("DEPLOY-03")
def test_answering_is_light(bundle: Bundle) -> None:
    """Nothing that trains, no Polars, no SciPy, no onnx is loaded by a service."""
    code = (
        "import sys, asyncio; from heldout.bundle import load; from heldout.serve import create_app\n"
        "b = load(sys.argv[1]); create_app(b); b.predict_row({'age': 3, 'plan': None, 'member': None, 'since': None})\n"
        "heavy = 'polars sklearn scipy lightgbm keras jax onnx pandas jinja2 yaml click'.split()\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(bundle.path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
