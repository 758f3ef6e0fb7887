"""Node's end at any moment: nothing is lost in Python, nothing hangs, and the next call has a fresh R.

Each kill costs the start of a fresh R: one second on an idle machine, four on one with two cores that runs
other tests as well, as in CI. A hundred would take up to seven minutes there, so a run takes twenty, at other
moments than the run before. RPY_KILLS=100 asks for the hundred.
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from needs import needs_node

from jupyterlite_rpy import RCrashError, Session

pytestmark = [needs_node, pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")]

KILLS = int(os.environ.get("RPY_KILLS", "20"))
SEED = 20260
HANG_SECONDS = 600


@pytest.fixture
def watchdog() -> Iterator[None]:
    """End the test run, with every thread's stack, if something hangs."""
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def first(value: Any) -> Any:
    return next(iter(value))


def process_of(session: Session) -> Any:
    return session.runtime._child.process  # type: ignore[attr-defined]


def work(session: Session, data: bytes, seen: list[Any]) -> dict[str, Callable[[], object]]:
    """What a busy session does, each for some tens of milliseconds."""

    def callback(x: Any) -> float:
        seen.append(x)
        return 1.0

    def nested(n: Any) -> Any:
        return session.run("n + 1", {"n": n}, value=True).value

    return {
        "run": lambda: session.run("for (i in 1:20000) x <- i"),
        "print": lambda: session.run("for (i in 1:300) { cat(i, '\\n'); message('m', i) }"),
        "set": lambda: session.set({"data": data}),
        "get": lambda: session.run("data <- as.raw(rep(1:2, 2e6))\ninvisible()", outputs=["data"]),
        "callbacks": lambda: session.run("for (i in 1:60) callback(i)", {"callback": callback}),
        "nested": lambda: session.run("for (i in 1:20) nested(i)", {"nested": nested}),
        "plot": lambda: session.run("plot(1:10)"),
        "call": lambda: session.call("stats::rnorm", 1000),
    }


def test_r_may_be_killed_at_any_moment(fresh: Session, watchdog: None) -> None:
    random_ = random.Random(SEED)
    data = random_.randbytes(4 << 20)
    seen: list[Any] = []
    jobs = work(fresh, data, seen)
    crashes = 0
    for number in range(KILLS):
        fresh.run("")  # a fresh R after the last kill
        epoch, process = fresh.epoch, process_of(fresh)
        threading.Timer(random_.uniform(0, 0.12), process.send_signal, [signal.SIGKILL]).start()
        while True:
            name = random_.choice(list(jobs))
            try:
                jobs[name]()
            except RCrashError as error:
                assert "SIGKILL" in str(error), (number, name)
                crashes += 1
                break
            assert fresh.epoch == epoch, (number, name)
        assert process.poll() is not None
    assert crashes == KILLS
    assert first(fresh.eval("1 + 1")) == 2
    assert bytes(fresh.run("x", {"x": data}, value=True).value) == data
    assert data == random.Random(SEED).randbytes(4 << 20)


def test_what_was_printed_before_the_end_is_kept(fresh: Session, watchdog: None) -> None:
    fresh.run("x <- 1")
    shown: list[Any] = []
    kept: list[Any] = []

    def keep(value: Any) -> None:
        kept.append(value)
        process_of(fresh).kill()

    with pytest.raises(RCrashError, match="SIGKILL"):
        fresh.run("cat('before\\n')\nkeep('value')\nrepeat {}", {"keep": keep}, on_output=shown.append)
    assert "".join(output.text for output in shown) == "before\n"
    assert len(kept) == 1
    assert not first(fresh.eval("exists('x')"))


def test_an_idle_r_that_was_killed_is_told_once(fresh: Session, watchdog: None) -> None:
    fresh.run("x <- 1")
    process_of(fresh).kill()
    process_of(fresh).wait()
    with pytest.raises(RCrashError):
        fresh.run("x")
    assert first(fresh.eval("1 + 1")) == 2


def test_a_start_that_is_killed_is_tried_again(fresh: Session, watchdog: None) -> None:
    killed = threading.Event()

    def kill() -> None:
        while getattr(fresh.runtime, "_child", None) is None:
            time.sleep(0.001)
        process_of(fresh).kill()
        killed.set()

    threading.Thread(target=kill, daemon=True).start()
    with pytest.raises(RuntimeError, match="SIGKILL"):
        fresh.run("1")
    assert killed.wait(10)
    assert first(fresh.eval("1 + 1")) == 2
