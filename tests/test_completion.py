from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_runtime import FakeRuntime, ok

from jupyterlite_rpy import completion as completion_module
from jupyterlite_rpy import python_names
from jupyterlite_rpy.completion import Completion
from jupyterlite_rpy.session import Session


class BrowserKernel:
    """Answers as a Pyodide kernel does."""

    def complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        return {"matches": ["python's"], "cursor": cursor_pos}

    def inspect(self, code: str, cursor_pos: int, detail_level: int) -> dict[str, Any]:
        return {"found": True, "detail": detail_level}


class NativeKernel:
    """Answers as ipykernel does."""

    def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        return {"matches": ["python's"], "cursor": cursor_pos}

    def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        return {"found": True, "detail": detail_level}


@pytest.mark.parametrize("kernel", [BrowserKernel(), NativeKernel()])
def test_the_kernel_answers_what_is_not_about_r(kernel: Any, session: Session, fake: FakeRuntime) -> None:
    shell = SimpleNamespace(kernel=kernel)
    complete, inspect = (
        ("complete", "inspect") if isinstance(kernel, BrowserKernel) else ("do_complete", "do_inspect")
    )
    for _ in range(2):  # loading the extension again does not stack one on the other
        completion_module.install(shell, Completion(session))
    assert getattr(kernel, complete)("prin", 4) == {"matches": ["python's"], "cursor": 4}
    assert getattr(kernel, inspect)("prin", 4, 1) == {"found": True, "detail": 1}
    assert getattr(kernel, complete)("%%R\nprin", 8)["matches"] == []
    assert getattr(kernel, inspect)("%%R\n1 + 1", 9, 0)["found"] is False
    assert not fake.requests
    assert not fake.ready
    completion_module.remove(shell)
    assert getattr(kernel, complete)("%%R\nprin", 8)["matches"] == ["python's"]
    assert vars(kernel) == {}


def test_a_shell_without_a_kernel_is_left_alone(session: Session) -> None:
    shell = SimpleNamespace()
    completion_module.install(shell, Completion(session))
    completion_module.remove(shell)
    assert vars(shell) == {}


def test_r_is_asked_with_what_the_code_says(session: Session, fake: FakeRuntime) -> None:
    session.start()
    fake.script = [ok(parts=[["n ", "mean"], ["numeric", "function"]])]
    reply = Completion(session).complete("%%R\ndf$me", 9)
    assert fake.requests == [
        {"op": "ask", "function": "complete_members", "args": [("df",), ("",), "$", "me"]}
    ]
    assert reply is not None
    assert reply["matches"] == ["`n `", "mean"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (7, 9)


def test_positions_are_counted_in_characters(session: Session, fake: FakeRuntime) -> None:
    session.start()
    cell = "%%R\n'𝒳é'; ab"
    fake.script = [ok(parts=[["abc"], ["numeric"]])]
    reply = Completion(session).complete(cell, len(cell))
    assert reply is not None
    assert cell[reply["cursor_start"] : reply["cursor_end"]] == "ab"


class Watched:
    def __init__(self) -> None:
        self.kept = 1

    @property
    def computed(self) -> int:
        raise AssertionError("it was asked")

    def method(self) -> None:
        """Does nothing."""


def test_python_s_names_are_found_without_running_anything() -> None:
    names = {"object": Watched(), "table": {"a": 1, 2: 3}, "_hidden": 1}
    assert python_names.variables(names, "") == {"object": "Watched", "table": "dict"}
    assert python_names.members(names, ["table"], "") == {"a": "int"}
    assert python_names.members(names, ["object"], "") == {
        "computed": "property", "kept": "int", "method": "function"
    }  # fmt: skip
    assert python_names.members(names, ["object", "computed"], "") == {}
    assert python_names.members(names, ["nothing"], "") == {}
    assert python_names.describe(names, ["object", "method"]) == [
        "method: Python function",
        "",
        "Does nothing.",
    ]
    assert python_names.describe(names, ["object", "computed"]) == []
    assert python_names.describe(names, ["object"]) == ["object: Python Watched"]
