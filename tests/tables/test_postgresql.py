"""A real PostgreSQL server on loopback: tables, queries, what it refuses, and the password."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from heldout.core.errors import HeldoutError
from heldout.tables.answering import chunks
from heldout.tables.read import read

SECRET = "s3cr:t/p@ss"
CODED = "s3cr%3At%2Fp%40ss"
ROWS = 400


def binaries() -> Path | None:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parent.parent.name)
    )
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def as_user(command: list[str], user: str | None) -> None:
    more = {"user": user, "group": user, "extra_groups": []} if user else {}
    subprocess.run(
        command,
        check=True,
        capture_output=True,
        cwd="/",
        timeout=60,
        **more,  # type: ignore[call-overload]
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """``HOST:PORT`` of a cluster of our own, with a password, in a folder that is removed."""
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    where = binaries()
    if where is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL should be here: apt install postgresql")
        pytest.skip("PostgreSQL's server is not installed")
    user = None
    if hasattr(os, "getuid") and os.getuid() == 0:
        user = "postgres"  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="heldout-pg-"))
    (folder / "pw").write_text(SECRET)
    if user:
        shutil.chown(folder, user)
        shutil.chown(folder / "pw", user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    as_user(
        [str(where / "initdb"), "-D", data, "-U", "me", "-A", "scram-sha-256", "-E", "UTF8",
         "--no-sync", "--pwfile", str(folder / "pw")], user,
    )  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB"
    log = str(folder / "log")
    try:
        as_user([str(where / "pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "start"], user)
        with psycopg.connect(
            host="127.0.0.1",
            port=port,
            user="me",
            password=SECRET,
            dbname="postgres",
            autocommit=True,
        ) as base:
            base.execute(
                "create table people (age int, word text, size numeric, day date, ok boolean)"
            )
            base.execute(
                "insert into people select i % 70, case when i % 3 = 0 then 'a, \"b\"' when i % 3 = 1 "
                "then E'two\\nlines' end, i / 4.0, date '2020-01-01' + i, i % 2 = 0 "
                f"from generate_series(1, {ROWS}) i"
            )
            base.execute('create schema other; create table other."odd name" (a int, b int)')
            base.execute('insert into other."odd name" values (1, 2), (3, 4)')
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run(
            [str(where / "pg_ctl"), "-D", data, "-m", "immediate", "stop"],
            check=False, capture_output=True, cwd="/", **({"user": user} if user else {}),
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)


def refused(source: str, code: str, *words: str) -> None:
    with pytest.raises(HeldoutError) as caught:
        read(source)
    error = caught.value
    told = error.text() + str(error.as_dict()) + repr(error.__cause__) + repr(error.__context__)
    assert error.code == code, told
    assert SECRET not in told and CODED not in told and "s3cr" not in error.text()
    for word in words:
        assert word in " ".join(error.text().split()), error.text()


def test_a_table_and_a_query(server: str) -> None:
    base = f"postgresql://me:{CODED}@{server}/postgres"
    table = read(f"{base}?table=people")
    assert table.rows == ROWS and table.schema.names == ["age", "word", "size", "day", "ok"]
    kinds = [c.kind for c in table.schema]
    assert kinds == ["number", "category", "number", "date", "boolean"]
    assert table.frame["size"].to_list()[:2] == [0.25, 0.5]
    assert table.frame["word"].to_list()[:3] == ["two\nlines", None, 'a, "b"']
    assert "s3cr" not in f"{table.source}{table.notes}{table.guesses}"
    assert read(f"{base}?query=select age, size from people where age < 10").schema.names == [
        "age",
        "size",
    ]
    assert read(base, table="people").rows == ROWS
    assert read(f"{base}#other.odd name").rows == read(f"{base}#odd name").rows == 2
    got = list(chunks(f"{base}?table=people", table.schema, rows=150))
    assert [c.rows for c in got] == [150, 150, 100]


def test_a_sample_where_memory_is_short(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELDOUT_MEMORY", "50KB")
    source = f"postgresql://me:{CODED}@{server}/postgres?table=people"
    table, again = read(source), read(source)
    assert 50 < table.rows < ROWS and table.frame.equals(again.frame)
    assert any("drawn by the hash" in note for note in table.notes)


def test_what_is_refused(server: str) -> None:
    base = f"postgresql://me:{CODED}@{server}/postgres"
    refused(f"{base}?table=peple", "H221", '"people"')
    refused(base, "H221", "none was named")
    refused(f"{base}?query=select nothing from people", "H223", "nothing")
    refused(f"{base}?query=with x as (delete from people returning 1) select * from x", "H223")
    refused(f"postgresql://me:s3cr3t@{server}/postgres?table=people", "H224", "PGPASSWORD")
    refused(f"postgresql://me:{CODED}@{server}/absent?table=people", "H224", "absent")
    refused(f"postgresql://me:{CODED}@127.0.0.1:1/postgres?table=people", "H224", "no connection")


def test_a_run_writes_no_password(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heldout.cli.main import main

    monkeypatch.chdir(tmp_path)
    source = f"postgresql://me:{CODED}@{server}/postgres?table=people"
    command = [
        "run",
        source,
        "--target",
        "ok",
        "--work",
        "2",
        "--quiet",
        "--out",
        str(tmp_path / "r"),
    ]
    monkeypatch.setattr("sys.argv", ["heldout", *command])
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code in (0, 4)
    files = [p for p in (tmp_path / "r").rglob("*") if p.is_file()]
    assert len(files) > 4
    for path in files:
        body = path.read_bytes()
        assert b"s3cr" not in body, path
    assert "postgresql://me@" in (tmp_path / "r" / "spec.yaml").read_text()
