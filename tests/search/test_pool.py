"""Worker processes: answers, errors, deadlines, deaths, no orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from heldout.core.clock import now
from heldout.search.pool import GRACE, Pool, Reply


def answers(pool: Pool, count: int, seconds: float = 30.0) -> list[Reply]:
    found: list[Reply] = []
    end = now() + seconds
    while len(found) < count and now() < end:
        found += pool.wait(1.0)
    return found


def test_more_messages_than_workers_are_all_answered(pool: Pool) -> None:
    tickets = [pool.submit({"do": "echo", "value": i}) for i in range(7)]
    found = answers(pool, 7)
    assert {r.ticket: r.value["value"] for r in found} == dict(zip(tickets, range(7), strict=True))
    assert pool.open_tickets == 0
    assert pool.idle == 2


def test_an_exception_is_told_and_the_worker_goes_on(pool: Pool) -> None:
    before = pool.pids
    pool.submit({"do": "echo", "fail": "no such thing"})
    (reply,) = answers(pool, 1)
    assert (reply.end, reply.ok) == ("error", False)
    assert reply.words == "ValueError: no such thing"
    assert "Traceback" in reply.trace
    assert pool.pids == before


def test_a_worker_that_overruns_is_ended_half_a_second_later_and_replaced(pool: Pool) -> None:
    pool.submit({"do": "echo"})
    answers(pool, 1)
    before = set(pool.pids)
    start = now()
    pool.submit({"do": "echo", "seconds": 60}, until=start + 0.1)
    (reply,) = answers(pool, 1)
    assert reply.end == "overran"
    assert 0.1 + GRACE <= now() - start < 0.1 + GRACE + 1.0
    assert len(set(pool.pids) - before) == 1
    pool.submit({"do": "echo", "value": "again"})
    assert answers(pool, 1)[0].value["value"] == "again"


def test_a_killed_worker_is_noticed_and_replaced(pool: Pool) -> None:
    for _ in range(2):
        pool.submit({"do": "echo", "seconds": 60})
    os.kill(pool.pids[0], signal.SIGKILL)
    (reply,) = answers(pool, 1)
    assert reply.end == "died"
    assert "signal 9" in reply.words
    pool.cancel_all()
    assert [r.end for r in answers(pool, 1)] == ["cancelled"]


def test_cancel_forgets_what_waits_and_what_runs(pool: Pool) -> None:
    tickets = [pool.submit({"do": "echo", "seconds": 60}) for _ in range(3)]
    for ticket in reversed(tickets):
        pool.cancel(ticket)
    assert [r.end for r in answers(pool, 3)] == ["cancelled"] * 3
    assert pool.idle == 2


def test_wait_returns_at_once_when_there_is_nothing_to_wait_for(pool: Pool) -> None:
    start = now()
    assert pool.wait(5.0) == []
    assert now() - start < 0.5


def test_a_script_without_a_main_guard_works_and_leaves_no_process(tmp_path: Path) -> None:
    script = tmp_path / "three_lines.py"
    script.write_text(
        "from heldout.search.pool import Pool\n"
        "pool = Pool(workers=1)\n"
        "pool.submit({'do': 'echo', 'value': 5})\n"
        "print(pool.wait(60)[0].value['value'], pool.pids[0])\n",
        encoding="utf-8",
    )
    (tmp_path / "numpy.py").write_text("raise SystemExit('a file of the user, not the library')\n")
    done = subprocess.run(
        [sys.executable, "-P", str(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    value, pid = done.stdout.split()
    assert value == "5"
    assert gone(int(pid))


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_workers_die_with_their_parent_even_in_the_middle_of_work() -> None:
    code = (
        "from heldout.search.pool import Pool\n"
        "pool = Pool(workers=2)\n"
        "for _ in range(2): pool.submit({'do': 'echo', 'seconds': 60})\n"
        "print(*pool.pids, flush=True)\n"
        "pool.wait(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert all(gone(pid) for pid in pids)


def gone(pid: int) -> bool:
    """Whether the process ends within a few seconds."""
    end = now() + 10
    while now() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_workers_wait_passively_and_use_one_thread() -> None:
    from heldout.search.process import environment

    found = environment(1)
    assert found["OMP_WAIT_POLICY"] == "PASSIVE"
    assert found["OMP_NUM_THREADS"] == "1"
    assert found["PYTHONHASHSEED"] == "0"
