"""What R asks of Python: the name of an operation and its arguments in, a value out.

`r/reticulate.R` gives these operations the names that R users know. Whether a value then crosses to R, or
stays here behind a reference, is decided elsewhere (`events`).
"""

from __future__ import annotations

import builtins
import codeop
import contextlib
import io
import linecache
import sys
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from itertools import count
from pathlib import Path
from types import MethodType, TracebackType
from typing import Any

from .operations import OPERATIONS

__all__ = ["Python", "stays"]

Namespace = MutableMapping[str, Any]

_PACKAGE = str(Path(__file__).parent)  # as frames spell it: not resolved
_sources = count(1)


class Python:
    """Python as one R sees it.

    Parameters
    ----------
    namespace : mapping, optional
        The variables that R's ``py$x`` means; a notebook's. Without it: those of `__main__`.

    Attributes
    ----------
    last_error : BaseException or None
        The latest exception that R was told of, for ``py_last_error()``.
    installer : callable
        Does what R's ``install.packages`` asks for; returns what went wrong, or nothing.
    """

    def __init__(self, namespace: Namespace | None = None) -> None:
        self._namespace = namespace
        self._captures: list[contextlib.ExitStack] = []
        self._captured: list[io.StringIO] = []
        self.last_error: BaseException | None = None
        self.installer: Callable[..., str] = _cannot_install

    @property
    def namespace(self) -> Namespace:
        """The variables that ``py`` shows, themselves."""
        return vars(sys.modules["__main__"]) if self._namespace is None else self._namespace

    @namespace.setter
    def namespace(self, namespace: Namespace | None) -> None:
        self._namespace = namespace

    def operation(self, name: str) -> Callable[..., Any]:
        """Return the function that does an operation; `KeyError` if there is none of that name."""
        function = OPERATIONS.get(name)
        return function if function is not None else MethodType(_OWN[name], self)

    def install_packages(self, *arguments: Any) -> str:
        return self.installer(*arguments)

    # ---- the notebook's variables

    def main_get(self, name: str) -> Any:
        try:
            return self.namespace[name]
        except KeyError:
            raise NameError(f"name '{name}' is not defined in Python") from None

    def main_set(self, name: str, value: object) -> None:
        self.namespace[name] = value

    def main_del(self, name: str) -> None:
        if name not in self.namespace:
            raise NameError(f"name '{name}' is not defined in Python")
        del self.namespace[name]

    def main_has(self, name: str) -> bool:
        return name in self.namespace

    def main_names(self) -> list[str]:
        return sorted(name for name in self.namespace if not name.startswith("_"))

    # ---- code

    def eval(self, code: str) -> Any:
        text = textwrap.dedent(code).strip()
        return builtins.eval(_compiled(text, "eval"), self._globals())

    def exec(self, code: str, local: bool = False, name: str | None = None) -> dict[str, Any]:
        """Run code among the notebook's variables, or (`local`) in a copy; return the names that it made."""
        scope = self._globals()
        if local:
            scope = dict(scope)
        before = dict(scope)
        compiled = _compiled(textwrap.dedent(code), "exec", name)
        builtins.exec(compiled, scope)
        return {
            key: value
            for key, value in scope.items()
            if not (key in before and before[key] is value) and not key.startswith("__")
        }

    def exec_file(self, path: str, local: bool = False) -> dict[str, Any]:
        file = Path(path).expanduser()
        return self.exec(file.read_text("utf-8"), local, str(file))

    def repl(self) -> None:
        """Ask for code, run it and print values and errors, as Python's own prompt does, until `exit`."""
        lines: list[str] = []
        while True:
            line = input("... " if lines else ">>> ")
            if not lines and line.strip() in ("exit", "quit", "exit()", "quit()"):
                return
            lines.append(line)
            try:
                compiled = codeop.compile_command("\n".join(lines), "<prompt>", "single")
                if compiled is None:
                    continue  # more must come
                with _printing_values():
                    builtins.exec(compiled, self._globals())
            except Exception as error:
                print(_story(error), end="", file=sys.stderr)
            lines = []

    def _globals(self) -> dict[str, Any]:
        namespace = self.namespace
        # exec() takes no other mapping; a copy would lose the assignments.
        if not isinstance(namespace, dict):
            raise TypeError("code from R needs a dict as the namespace")
        return namespace

    # ---- what is printed meanwhile

    def capture_begin(self, streams: list[str]) -> None:
        text, stack = io.StringIO(), contextlib.ExitStack()
        if "stdout" in streams:
            stack.enter_context(contextlib.redirect_stdout(text))
        if "stderr" in streams:
            stack.enter_context(contextlib.redirect_stderr(text))
        self._captures.append(stack)
        self._captured.append(text)

    def warnings_begin(self) -> None:
        stack = contextlib.ExitStack()
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        self._captures.append(stack)
        self._captured.append(io.StringIO())

    def capture_end(self) -> str:
        self._captures.pop().close()
        return self._captured.pop().getvalue()

    # ---- contexts and errors

    def exit(self, context: Any, message: str | None = None, from_python: bool = False) -> bool:
        """Leave a context, with R's error if there is one; tell whether it called the error off."""
        error = None if message is None else RuntimeError(message)
        raised = self.last_error if from_python and self.last_error is not None else error
        if raised is None:
            return bool(type(context).__exit__(context, None, None, None))
        return bool(type(context).__exit__(context, type(raised), raised, raised.__traceback__))

    def error_last(self) -> dict[str, Any] | None:
        error = self.last_error
        if error is None:
            return None
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
        return {
            "type": type(error).__name__,
            "value": str(error),
            "message": text,
            "traceback": _story(error).splitlines(),
        }

    def error_clear(self) -> None:
        self.last_error = None


def _cannot_install(*args: object) -> str:
    return "packages cannot be installed here"


_OWN: dict[str, Callable[..., Any]] = {
    name: function
    for name, function in vars(Python).items()
    if callable(function) and not name.startswith("_") and name != "operation"
}


def stays(value: object) -> bool:
    """Tell whether a value stays in Python although R wants it converted: it can be read only once."""
    return isinstance(value, Iterator)


@contextlib.contextmanager
def _printing_values() -> Iterator[None]:
    """Values of single statements are printed, and not shown as the output of the notebook's cell."""
    before = sys.displayhook
    sys.displayhook = lambda value: None if value is None else print(repr(value))
    try:
        yield
    finally:
        sys.displayhook = before


def _compiled(code: str, mode: str, name: str | None = None) -> Any:
    """Compile code under a name by which tracebacks find its lines."""
    name = name or f"<Python in R {next(_sources)}>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    return compile(code, name, mode)


def _story(error: BaseException) -> str:
    """The traceback, and those of its causes, without frames of this package."""
    seen: set[int] = set()
    exception: BaseException | None = error
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        exception.__traceback__ = _only_user(exception.__traceback__)
        exception = exception.__cause__ or exception.__context__
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def _only_user(trace: TracebackType | None) -> TracebackType | None:
    entries = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            entries.append(trace)
        trace = trace.tb_next
    result: TracebackType | None = None
    for entry in reversed(entries):
        result = TracebackType(result, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return result
