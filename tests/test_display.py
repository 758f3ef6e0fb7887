from __future__ import annotations

import base64
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise
from typing import Any

import pytest

from jupyterlite_rpy.display import publish, render_error, start_progress
from jupyterlite_rpy.errors import RError
from jupyterlite_rpy.result import Display, Stream

PNG = b"\x89PNG\r\n"


class Noting(io.StringIO):
    """A stream that notes when it is written to and flushed."""

    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__()
        self.name, self.log = name, log

    def write(self, text: str) -> int:
        self.log.append(f"{self.name}: {text}")
        return super().write(text)

    def flush(self) -> None:
        self.log.append(f"{self.name} flushed")


@pytest.fixture
def log() -> list[str]:
    return []


def test_text_goes_where_python_prints_at_that_moment(log: list[str]) -> None:
    with redirect_stdout(Noting("out", log)), redirect_stderr(Noting("err", log)):
        publish(Stream("stdout", "a"))
        publish(Stream("stderr", "b"))
        publish(Stream("stdout", "c"))
    assert [entry for entry in log if ":" in entry] == ["out: a", "err: b", "out: c"]


def test_one_stream_is_flushed_before_the_other_is_written_to(log: list[str]) -> None:
    with redirect_stdout(Noting("out", log)), redirect_stderr(Noting("err", log)):
        publish(Stream("stdout", "a"))
        publish(Stream("stderr", "b"))
    assert log.index("out flushed") < log.index("err: b")


def test_a_plot_has_its_displayed_size_and_can_be_updated(published: list[dict[str, Any]]) -> None:
    publish(Display("p1", "image/png", PNG, width=480, height=320.4))
    publish(Display("p1", "image/png", PNG, update=True, width=480, height=320.4))
    first, second = published
    assert base64.b64decode(first["data"]["image/png"]) == PNG
    assert first["metadata"] == {"image/png": {"width": 480, "height": 320}}
    assert first["transient"] == second["transient"] == {"display_id": "p1"}
    assert (first["update"], second["update"]) == (False, True)


def test_an_svg_is_text_and_isolated(published: list[dict[str, Any]]) -> None:
    publish(Display("p", "image/svg+xml", "<svg/>"))
    assert published[0]["data"]["image/svg+xml"] == "<svg/>"
    assert published[0]["metadata"] == {"image/svg+xml": {"isolated": True}}


def test_text_is_flushed_before_a_plot(published: list[dict[str, Any]], log: list[str]) -> None:
    with redirect_stdout(Noting("out", log)), redirect_stderr(Noting("err", log)):
        publish(Stream("stdout", "a"))
        publish(Display("p", "text/html", "<b>x</b>"))
    assert log[-2:] == ["out flushed", "err flushed"]
    assert published[0]["data"]["text/html"] == "<b>x</b>"


def test_progress_is_one_place_that_is_taken_away(
    published: list[dict[str, Any]], shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: list[bool] = []
    monkeypatch.setattr(shell.display_pub, "clear_output", lambda wait=False: cleared.append(wait))
    with start_progress(alone=True) as progress:
        progress("Loading R.wasm", 1_200_000, 18_000_000)
        progress("Loading R.wasm", 1_300_000, 18_000_000)
        progress("Starting R", 0, 0)
    assert [sent["data"]["text/plain"] for sent in published] == ["Loading R.wasm (1 of 18 MB)", "Starting R"]
    assert [sent["update"] for sent in published] == [False, True]
    assert len({sent["transient"]["display_id"] for sent in published}) == 1
    assert cleared == [False]


def test_progress_among_other_outputs_leaves_them_alone(published: list[dict[str, Any]]) -> None:
    with start_progress() as progress:
        progress("Starting R", 0, 0)
    assert published == []
    with start_progress() as progress:
        progress("Loading R.wasm", 1_200_000, 18_000_000)
    assert [sent["data"]["text/plain"] for sent in published] == ["Loading R.wasm (1 of 18 MB)", ""]


def test_progress_ends_when_the_start_fails(published: list[dict[str, Any]]) -> None:
    with pytest.raises(RuntimeError), start_progress() as progress:
        progress("Loading R.wasm", 1_200_000, 18_000_000)
        raise RuntimeError("404")
    assert published[-1]["data"]["text/plain"] == ""


def test_an_error_can_be_rendered_outside_of_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlite_rpy.display.get_ipython", lambda: None)
    try:
        raise RError("inner", call="f()", traceback=["f()", "stop()"])
    except RError as error:
        text = "".join(render_error(error))
    assert "RError: Error in f() : inner" in text
    assert "f()" in text
    assert sys.exc_info() == (None, None, None)


def test_a_long_chain_of_causes_is_shown_by_its_ends_and_stays_whole(shell: Any) -> None:
    chain = [RError(f"level <{number}>") for number in range(30)]
    for error, cause in pairwise(chain):
        error.__cause__ = cause
    text = "".join(render_error(chain[0]))
    assert [number for number in range(30) if f"<{number}>" in text] == [0, 1, 29]
    assert [error.__cause__ for error in chain] == [*chain[1:], None]
