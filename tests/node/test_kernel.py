"""The magics in a plain Jupyter kernel, as a notebook's front end sees them: messages in, messages out."""

from __future__ import annotations

import base64
import struct
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from needs import needs_node

pytestmark = needs_node


class Kernel:
    """An ipykernel with the extension loaded."""

    def __init__(self) -> None:
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager()
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=600)
        self.run("%load_ext jupyterlite_rpy")

    def run(self, code: str, *, interrupt_at: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Run a cell and return its outputs: (type, content). Interrupt it when this text is printed."""
        request = self.client.execute(code, allow_stdin=False)
        outputs: list[tuple[str, dict[str, Any]]] = []
        while True:
            message = self.client.get_iopub_msg(timeout=600)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return outputs
            if kind in ("stream", "display_data", "update_display_data", "execute_result", "error"):
                outputs.append((kind, content))
            if interrupt_at is not None and interrupt_at in str(content.get("text")):
                self.manager.interrupt_kernel()

    def ask(self, request: str, code: str) -> dict[str, Any]:
        """What the kernel replies to `complete` or `inspect` at the end of the code."""
        number = getattr(self.client, request)(code, len(code))
        while True:
            message = self.client.get_shell_msg(timeout=600)
            if message["parent_header"].get("msg_id") == number:
                return dict(message["content"])

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    pytest.importorskip("ipykernel")
    kernel = Kernel()
    yield kernel
    kernel.close()


def joined(outputs: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The outputs in short, texts of one stream joined."""
    short: list[str] = []
    last = ""
    for kind, content in outputs:
        name = content.get("name", kind)
        if kind == "stream" and name == last:
            short[-1] += content["text"]
        else:
            short.append(content["text"] if kind == "stream" else kind)
        last = name
    return short


def test_a_first_cell_leaves_nothing_of_the_start(kernel: Kernel) -> None:
    assert joined(kernel.run("%%R\n1 + 1")) == ["[1] 2\n"]


def test_outputs_come_in_r_s_order(kernel: Kernel) -> None:
    code = "%%R\ncat('a\\n')\nmessage('b')\nplot(1)\ncat('c\\n')\nmessage('d')\ncat('e\\n')"
    assert joined(kernel.run(code)) == ["a\n", "b\n", "display_data", "c\n", "d\n", "e\n"]


def test_python_s_prints_stand_among_r_s(kernel: Kernel) -> None:
    kernel.run("def say():\n    print('python')")
    assert joined(kernel.run("%%R -i say\nmessage('a')\ninvisible(say())\nmessage('b')")) == [
        "a\n",
        "python\n",
        "b\n",
    ]


def test_a_plot_is_a_png_with_its_shown_size(kernel: Kernel) -> None:
    ((kind, content),) = kernel.run("%%R -w 300 -h 200\nplot(1)")
    assert kind == "display_data"
    assert content["metadata"]["image/png"] == {"width": 300, "height": 200}
    png = base64.b64decode(content["data"]["image/png"])
    assert struct.unpack(">II", png[16:24]) == (600, 400)


def test_a_later_line_updates_the_plot_in_its_place(kernel: Kernel) -> None:
    outputs = kernel.run("%%R\nplot(1:3)\ncat('between\\n')\nabline(h = 2)")
    assert joined(outputs) == ["display_data", "between\n", "update_display_data"]
    ids = [content["transient"]["display_id"] for kind, content in outputs if kind != "stream"]
    assert ids[0] == ids[1]


def test_the_value_of_a_line_is_the_cell_s_result(kernel: Kernel) -> None:
    ((kind, content),) = kernel.run("%R mean(c(1, 2, 6))")
    assert kind == "execute_result"
    assert "3" in content["data"]["text/plain"]


def test_an_error_has_r_s_words_and_none_of_our_frames(kernel: Kernel) -> None:
    ((kind, content),) = kernel.run("%%R\nf <- function() stop('inner')\nf()")
    assert kind == "error"
    assert content["ename"] == "RError"
    assert content["evalue"] == "Error in f() : inner"
    traceback = "\n".join(content["traceback"])
    assert "RError" in traceback
    assert ".py" not in traceback


def test_a_syntax_error_has_a_caret(kernel: Kernel) -> None:
    ((_, content),) = kernel.run("%%R\nx <- 1 y")
    assert content["ename"] == "RParseError"
    traceback = "\n".join(content["traceback"])
    assert "^" in traceback
    assert ".py" not in traceback


def test_a_notebook_without_stdin_tells_r_so(kernel: Kernel) -> None:
    ((kind, content),) = kernel.run("%%R\nreadline('name? ')")
    assert kind == "error"
    assert content["ename"] == "RError"


def test_r_code_is_completed_and_explained_as_r_and_python_as_python(kernel: Kernel) -> None:
    kernel.run("%R frame <- data.frame(alpha = 1)")
    completed = kernel.ask("complete", "%%R\nframe$al")
    assert (completed["matches"], completed["cursor_start"], completed["cursor_end"]) == (["alpha"], 10, 12)
    assert "prin" not in kernel.ask("complete", "%%R\nprin")["matches"]
    assert "mean(x, ...)" in kernel.ask("inspect", "y = %R mean(")["data"]["text/plain"]
    assert "print" in kernel.ask("complete", "prin")["matches"]
    assert "sep" in kernel.ask("inspect", "print(")["data"]["text/plain"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_the_stop_button_stops_r_and_r_stays(kernel: Kernel) -> None:
    kernel.run("%R kept <- 7")
    outputs = kernel.run("%%R\n{ cat('go\\n'); repeat {} }", interrupt_at="go")
    assert outputs[-1][1]["ename"] in ("KeyboardInterrupt", "RInterrupt")
    assert joined(kernel.run("%%R\nkept")) == ["[1] 7\n"]


def test_the_end_of_r_s_process_is_told_without_our_frames(kernel: Kernel) -> None:
    kernel.run("from jupyterlite_rpy import get_session, r\nimport os, signal")
    end = "os.kill(get_session().runtime._child.process.pid, signal.SIGKILL)"
    for cell in ("%%R\nrepeat end()", "r('repeat end()')"):
        kernel.run(f"def end():\n    {end}\nr['end'] = end")
        ((kind, content),) = kernel.run(cell)
        assert (kind, content["ename"]) == ("error", "RCrashError")
        traceback = "\n".join(content["traceback"])
        assert "SIGKILL" in traceback and "Python code that R called" not in traceback
        assert ".py" not in traceback and "EOFError" not in traceback
