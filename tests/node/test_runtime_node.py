"""The transport itself: interrupts, big values, events that fail, and what R's process leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
from needs import needs_node

from jupyterlite_rpy import RError, Session
from jupyterlite_rpy.runtime import StartOptions
from jupyterlite_rpy.runtime.node import NodeRuntime

pytestmark = [needs_node, pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")]


def first(value: Any) -> Any:
    return next(iter(value))


def interrupt_when(started: threading.Event) -> None:
    """Send this process an interrupt, as Jupyter does, once R is at work."""

    def send() -> None:
        assert started.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send, daemon=True).start()


@pytest.mark.parametrize("code", ["repeat {}", "Sys.sleep(1e6)", "tryCatch(repeat {}, error = identity)"])
def test_an_interrupt_stops_r_and_leaves_it_as_it_was(r: Session, code: str) -> None:
    r.run("before <- 1")
    started = threading.Event()
    interrupt_when(started)
    with pytest.raises(KeyboardInterrupt):
        r.run(f"{{ message('go'); {code} }}", on_output=lambda output: started.set())
    assert first(r.get("before")) == 1
    assert r.epoch == 1


def test_an_interrupt_in_a_python_callback_ends_the_whole_call(r: Session) -> None:
    started = threading.Event()
    interrupt_when(started)

    def work() -> None:
        started.set()
        while True:
            pass

    with pytest.raises(KeyboardInterrupt):
        r.run("tryCatch(work(), error = identity)\nlate <- TRUE", {"work": work})
    assert first(r.eval("1 + 1")) == 2


def test_an_output_that_cannot_be_shown_ends_the_call_and_no_more(r: Session) -> None:
    def refuse(output: object) -> None:
        raise BrokenPipeError("the notebook is gone")

    with pytest.raises(BrokenPipeError):
        r.run("for (i in 1:3) { cat(i, '\\n'); message(i) }", on_output=refuse)
    assert first(r.eval("1 + 1")) == 2


def test_values_larger_than_any_pipe_cross_both_ways(r: Session) -> None:
    data = os.urandom(1 << 20) * 64
    assert bytes(r.run("x", {"x": data}, value=True).value) == data


def test_large_values_cross_in_the_midst_of_others(r: Session) -> None:
    """What waits in the shared file is taken before R's next question has an answer there."""
    first_, second = os.urandom(3 << 20), os.urandom(2 << 20)
    got: list[bytes] = []

    def change(value: Any) -> bytes:
        got.append(bytes(value))
        r.set({"inner": second})
        return second

    code = "back <- change(x); stopifnot(identical(back, inner), identical(x, y), !identical(x, back)); back"
    for _ in range(3):
        inputs = {"x": first_, "change": change, "y": first_, "text": ["ü" * 400_000, "b"]}
        assert bytes(r.run(code, inputs, value=True).value) == second
        assert got.pop() == first_
        assert first(r.eval("nchar(text[1])")) == 400_000


def test_memory_of_a_very_large_value_is_given_back(r: Session) -> None:
    child = r.runtime._child  # type: ignore[attr-defined]
    if child.shared_out is None:
        pytest.skip("no shared files on this system")
    data = bytes(160 << 20)
    assert len(r.run("x", {"x": data}, value=True).value) == len(data)
    r.run("rm(x); invisible(gc())")
    assert [os.fstat(file.descriptor).st_size for file in (child.shared_out, child.shared_in)] == [0, 0]


def test_without_shared_files_the_pipes_carry_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    session = Session(NodeRuntime(StartOptions()))
    try:
        data = os.urandom(3 << 20)
        assert bytes(session.run("x", {"x": data}, value=True).value) == data
        assert session.runtime._child.shared_out is None  # type: ignore[attr-defined]
    finally:
        session.close()


def test_languages_call_each_other_40_levels_deep_and_more_is_an_error(r: Session) -> None:
    deepest = 0

    def down(n: float) -> Any:
        nonlocal deepest
        deepest = max(deepest, int(n))
        return r.run("down(n + 1)", {"n": n, "down": down}, value=True).value

    with pytest.raises(RError):
        down(0.0)
    assert deepest >= 40
    assert first(r.eval("1 + 1")) == 2


def test_the_process_ends_with_python() -> None:
    code = (
        "from jupyterlite_rpy import get_session\n"
        "s = get_session()\n"
        "s.run('x <- 1')\n"
        "print(s.runtime._child.process.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def test_importing_the_package_imports_neither_ipython_nor_data_frames() -> None:
    code = (
        "import sys, jupyterlite_rpy\n"
        "print({'IPython', 'numpy', 'pandas', 'polars', 'pyarrow', 'subprocess'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
