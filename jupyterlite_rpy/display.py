"""Outputs of R in, cells of the notebook out: text, pictures, HTML, progress, errors - in R's order."""

from __future__ import annotations

import base64
import contextlib
import functools
import sys
import traceback
import types
from collections.abc import Iterator
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import clear_output, publish_display_data

from .errors import RCrashError, RError, RpyError
from .result import Display, Output, Stream

_show: Any = publish_display_data  # IPython gives it no types
_clear: Any = clear_output

_OWN = ("jupyterlite_rpy", "IPython.core")
_LONGEST_CHAIN = 5
OPTION_SOURCE = "<option of %R>"
"""What the source of an expression in a magic's line is called."""


def publish(output: Output) -> None:
    """Show one output now.

    Text goes through `sys.stdout` and `sys.stderr` as they are at this moment, so that `%%capture` and
    `redirect_stdout` work; it is flushed before anything that travels another way.
    """
    if isinstance(output, Stream):
        target, other = (sys.stdout, sys.stderr) if output.name == "stdout" else (sys.stderr, sys.stdout)
        other.flush()
        target.write(output.text)
        return
    sys.stdout.flush()
    sys.stderr.flush()
    _show(
        data={output.mime: _text(output.data), "text/plain": output.text or f"<R {_KINDS[output.mime]}>"},
        metadata=_metadata(output),
        transient={"display_id": output.id},
        update=output.update,
    )


_KINDS = {"image/png": "plot", "image/svg+xml": "plot", "text/html": "HTML"}


def _text(data: bytes | str) -> str:
    return data if isinstance(data, str) else base64.b64encode(data).decode("ascii")


def _metadata(output: Display) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if output.width is not None and output.height is not None:
        details = {"width": round(output.width), "height": round(output.height)}
    if output.mime == "image/svg+xml":
        details["isolated"] = True  # two plots on a page must not share the ids inside them
    return {output.mime: details} if details else {}


class _StartProgress:
    """One line of the running cell that says how far the start of R is."""

    def __init__(self, alone: bool) -> None:
        self.shown = False
        self._alone = alone
        self._text = ""
        self._id = f"jupyterlite_rpy-start-{id(self):x}"

    def __call__(self, stage: str, loaded: int, total: int) -> None:
        if not (self.shown or self._alone or total):
            return  # too short to be worth a place among what the cell shows
        size = f" ({loaded / 1e6:.0f} of {total / 1e6:.0f} MB)" if total >= 1e6 else ""
        text = f"{stage}{size}"
        if text != self._text:
            self._text = text
            self.publish(text)

    def publish(self, text: str) -> None:
        _show(data={"text/plain": text}, transient={"display_id": self._id}, update=self.shown)
        self.shown = True


@contextlib.contextmanager
def start_progress(*, alone: bool = False) -> Iterator[_StartProgress]:
    """Show in the running cell how far the start of R is, and take it away at the end.

    Parameters
    ----------
    alone
        The cell shows nothing else yet: all of it is cleared at the end, and no empty place is left.
    """
    progress = _StartProgress(alone)
    try:
        yield progress
    finally:
        if progress.shown:
            if alone:
                _clear()
            else:
                progress.publish("")


def shorten(error: BaseException) -> None:
    """Have this error shown without frames of ours: it is about what the user wrote."""
    vars(error)["_render_traceback_"] = functools.partial(render_error, error)


def render_error(error: BaseException) -> list[str]:
    """The lines that a notebook shows for an error of R or of a conversion: none of our own frames.

    What is left of the Python traceback is the user's code; where that is only a `%%R` cell, nothing is left.
    R's own traceback follows.
    """
    with _short_chain(error):
        lines = _python_lines(error)
    calls = getattr(error, "traceback", ())
    if len(calls) > 1:
        lines.append("R traceback (most recent call last):")
        lines += (f"{number:3}: {call}" for number, call in enumerate(calls, 1))
    return lines


@contextlib.contextmanager
def _short_chain(error: BaseException) -> Iterator[None]:
    """For the time of a display, take the middle out of a long chain of causes.

    R and Python that call each other without end leave one for each level; IPython needs a second for each.
    """
    chain = [error]
    while (cause := chain[-1].__cause__) is not None and cause not in chain:
        chain.append(cause)
    if len(chain) <= _LONGEST_CHAIN:
        yield
        return
    chain[1].__cause__ = chain[-1]
    try:
        yield
    finally:
        chain[1].__cause__ = chain[2]


def _python_lines(error: BaseException) -> list[str]:
    trace = _only_user(error.__traceback__)
    # The cause of another error (a pipe that broke) is in its message already.
    called = isinstance(error, RError) and not isinstance(error, RCrashError)
    cause = error.__cause__ if called else None
    link = cause
    while link is not None:
        trim = _only_user if isinstance(link, RpyError) else _from_user
        link.__traceback__ = trim(link.__traceback__)
        link = link.__cause__
    shell: Any = get_ipython()
    if shell is None:
        return traceback.format_exception(type(error), error, trace)
    render = shell.InteractiveTB.structured_traceback
    syntax = isinstance(error, SyntaxError)  # R's: its text has the place and a caret
    if trace is not None and not syntax:
        return list(render(type(error), error, trace, tb_offset=0))
    lines: list[str] = []
    if cause is not None:
        lines += render(type(cause), cause, cause.__traceback__, tb_offset=0)
        lines.append("\nThe above exception was raised by Python code that R called.\n")
    red, usual = ("", "") if str(shell.colors).lower() == "nocolor" else ("\x1b[31m", "\x1b[39m")
    return [*lines, f"{red}{type(error).__name__}{usual}: {error}"]


def show_syntax_error(
    shell: Any, kind: type[BaseException], error: BaseException, trace: object, tb_offset: int | None = None
) -> list[str]:
    """Show an error of R's parser. IPython would show a SyntaxError as one of Python's, with all frames."""
    lines = render_error(error)
    shell._showtraceback(kind, error, lines)
    return lines


def _is_own(trace: types.TracebackType) -> bool:
    name = trace.tb_frame.f_globals.get("__name__", "")
    return name.startswith(_OWN) or trace.tb_frame.f_code.co_filename == OPTION_SOURCE


def _from_user(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback from its first frame of the user's on; the whole if it has none: then the bug is ours."""
    entry = trace
    while entry is not None and _is_own(entry):
        entry = entry.tb_next
    return entry or trace


def _only_user(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A copy of a traceback with the frames of this package and of IPython's machinery left out."""
    entries: list[types.TracebackType] = []
    while trace is not None:
        if trace.tb_frame.f_code.co_name == "run_cell_magic" and _is_own(trace) and entries:
            entries.pop()  # the cell's only line is our magic's name with R code in quotes
        elif not _is_own(trace):
            entries.append(trace)
        trace = trace.tb_next
    result: types.TracebackType | None = None
    for entry in reversed(entries):
        result = types.TracebackType(result, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return result
