"""Completion and help in a browser's real kernel, as a front end asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lab import Kernel, Lab


@pytest.fixture(scope="module")
def kernel(kernel_07: Kernel, lab_07: Lab) -> Iterator[Kernel]:
    """The shared kernel with a frame in R and a dict in Python."""
    kernel_07.clear()
    assert kernel_07.run("%R frame <- data.frame(alpha = 1:3)\ntable = {'beta': 1}").error == ""
    yield kernel_07
    assert lab_07.outside() == []


def typed(reply: dict[str, Any]) -> dict[str, str]:
    assert reply["status"] == "ok"
    return {match["text"]: match["type"] for match in reply["metadata"]["_jupyter_types_experimental"]}


def test_r_cells_are_completed_as_r_with_types(kernel: Kernel) -> None:
    reply = kernel.complete("%%R\nx <- frame$al")
    assert typed(reply) == {"alpha": "integer"}
    assert (reply["cursor_start"], reply["cursor_end"]) == (15, 17)
    assert typed(kernel.complete("%%R\nfra"))["frame"] == "data.frame"
    assert next(iter(typed(kernel.complete("%%R\nmean(frame$alpha, ")))) == "x = "
    assert typed(kernel.complete("%%R\npy$table$")) == {"beta": "int"}
    assert typed(kernel.complete("y = %R nrow(fra"))["frame"] == "data.frame"
    assert kernel.complete("%%R\n# comment pri")["matches"] == []


def test_python_cells_are_completed_as_python(kernel: Kernel) -> None:
    assert "table" in kernel.complete("tab")["matches"]
    assert "frame" not in kernel.complete("fra")["matches"]


def test_help_in_r_cells_is_r_s_and_in_python_cells_python_s(kernel: Kernel) -> None:
    text = kernel.inspect("%%R\nmean(")["data"]["text/plain"]
    assert text.startswith("mean(x, ...)\n\nArithmetic Mean {base}")
    assert "trim = 0" in text
    assert "Prints the values" in kernel.inspect("print(")["data"]["text/plain"]


ASKED = "[e.name for e in js.performance.getEntriesByType('resource') if e.name.endswith('/help.data.gz')]"
WAITING = """
import asyncio, js
from jupyterlite_rpy import get_session
fs = get_session().runtime._bridge.r.c.M.FS
for name in 'stats base utils graphics grDevices datasets methods'.split():
    help = f'/usr/lib/R/library/{name}/help'
    while fs.lookupPath(help).node.mount.mountpoint != help:
        await asyncio.sleep(0.05)
"""


def test_after_the_first_question_the_help_of_r_s_packages_is_there(kernel: Kernel) -> None:
    kernel.complete("%%R\nme")
    before = kernel.value(WAITING + ASKED)
    for name in ("median", "paste", "head", "abline", "png", "iris", "setClass"):
        assert "Usage:" in kernel.inspect(f"%%R\n{name}")["data"]["text/plain"]
    assert kernel.value(ASKED) == before


def test_help_that_the_browser_keeps_is_there_before_the_first_question(kernel: Kernel, lab_07: Lab) -> None:
    """A kernel after that one opens it without a question, and asks the server for nothing."""
    kernel.inspect("%%R\nmean(")
    kernel.value(WAITING)
    second = lab_07.kernel()
    assert second.queue("%load_ext jupyterlite_rpy", "%R 1") == ["ok", "ok"]
    sizes = ASKED.replace("e.name for", "e.transferSize for")
    assert second.value(WAITING + sizes) == "[0, 0, 0, 0, 0, 0, 0]"
    second.shutdown()
