"""Whose process R is: several sessions, forks, threads, and what is left when Python ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import Any

import pytest
from needs import needs_node

from jupyterlite_rpy import RClosedError, Session
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime

pytestmark = [needs_node, pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")]

# Seconds after which a process that should have ended never will; R starts in one, and on a machine that does
# much else in a hundred.
PATIENCE = 600

START = """
import os, sys
from jupyterlite_rpy import get_session
s = get_session()
s.run('x <- 1')
pid = s.runtime._child.process.pid
"""


def first(value: Any) -> Any:
    return next(iter(value))


def python(code: str) -> subprocess.Popen[str]:
    program = START + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def ends(pid: int, seconds: float = PATIENCE) -> bool:
    """Whether a process that is no child of this one ends."""
    until = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return False
        time.sleep(0.01)
    return True


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")


@needs_proc
@pytest.mark.parametrize("busy", ["sys.stdin.read()", "s.run('repeat {}')", "s.run('Sys.sleep(1000)')"])
def test_r_does_not_outlive_a_python_that_was_killed(busy: str) -> None:
    process = python(f"sys.stdin = open(os.pipe()[0])\nprint(pid, flush=True)\n{busy}")
    assert process.stdout is not None
    with process.stdout:
        pid = int(process.stdout.readline())
        process.kill()
        process.wait()
    assert ends(pid)


@needs_proc
def test_r_does_not_outlive_a_killed_python_whose_fork_lives_on() -> None:
    process = python(
        """
        child = os.fork()
        if child == 0:
            os.close(1)
            os.read(os.pipe()[0], 1)
        print(pid, child, flush=True)
        os.read(os.pipe()[0], 1)
        """
    )
    assert process.stdout is not None
    with process.stdout:
        pid, fork = map(int, process.stdout.readline().split())
        process.kill()
        process.wait()
    try:
        assert ends(pid)
        assert is_running(fork)
    finally:
        os.kill(fork, signal.SIGKILL)


def test_a_fork_has_an_r_of_its_own_and_ends_without_ending_its_parent_s() -> None:
    process = python(
        """
        child = os.fork()
        if child == 0:
            own = s.eval("exists('x')")
            print("fork", bool(own[0]), s.runtime._child.process.pid != pid, flush=True)
            s.run("x <- 2")
            sys.exit()  # runs what is registered for the end of Python
        os.waitpid(child, 0)
        print("parent", s.get("x")[0], s.runtime._child.process.pid == pid)
        """
    )
    out, _ = process.communicate(timeout=PATIENCE)
    assert out == "fork False True\nparent 1.0\n".replace("1.0\n", "1.0 True\n")


def test_a_pool_of_processes_uses_r() -> None:
    code = """
        import multiprocessing
        def work(n):
            return float(s.eval(f"{n} + 1")[0])
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map(work, [1, 2, 3]))
        print(s.get("x")[0])
    """
    out, _ = python(code).communicate(timeout=PATIENCE)
    assert out == "[2.0, 3.0, 4.0]\n1.0\n"


def test_several_sessions_have_an_r_each() -> None:
    sessions = [Session(NodeRuntime(StartOptions())) for _ in range(3)]
    try:
        for number, session in enumerate(sessions):
            session.run(f"x <- {number}")
        assert [first(session.get("x")) for session in sessions] == [0, 1, 2]
        sessions[0].close()
        assert [first(session.get("x")) for session in sessions[1:]] == [1, 2]
    finally:
        for session in sessions:
            session.close()


def test_closing_in_the_middle_of_a_call_is_told(fresh: Session) -> None:
    with pytest.raises(RClosedError, match="ended by Python"):
        fresh.run("close(1)", {"close": lambda n: fresh.close()})
    assert first(fresh.eval("1 + 1")) == 2


def test_closing_twice_is_closing_once(fresh: Session) -> None:
    fresh.run("x <- 1")
    fresh.close()
    fresh.close()
    assert not first(fresh.eval("exists('x')"))
