"""Every exception of this package.

The tree::

    RpyError(Exception)
    ├── RError(RuntimeError)               R signalled an error
    │   ├── RParseError(SyntaxError)       R could not parse the code
    │   ├── ObjectNotFoundError(KeyError)  R has no object of that name
    │   └── RCrashError                    R itself died and was started afresh
    ├── ConversionError(TypeError)         a value cannot cross between Python and R
    ├── StaleObjectError(ReferenceError)   an object of an R that is no more
    ├── RuntimeStartError(RuntimeError)    R could not be started
    ├── RPackageError(RuntimeError)        an R package cannot be installed
    ├── FetchError(OSError)                a file cannot be fetched
    └── RClosedError(RuntimeError)         the session with R was closed

    RInterrupt(KeyboardInterrupt)          R was stopped by the user: `except Exception` must not swallow it
    ConversionWarning(UserWarning)         a value crossed, but something of it was lost
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "ConversionError",
    "ConversionWarning",
    "FetchError",
    "ObjectNotFoundError",
    "RClosedError",
    "RCrashError",
    "RError",
    "RInterrupt",
    "RPackageError",
    "RParseError",
    "RpyError",
    "RuntimeStartError",
    "StaleObjectError",
]

# Where R's own console breaks the line between the call and the message (R's LONGWARN).
_LONG_LINE = 77


class RpyError(Exception):
    """Root of the errors that this package raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle as class(*args), which fails for keyword-only fields: rebuild from the fields.
        return _rebuild, (type(self), self.args, self.__dict__)


class RError(RpyError, RuntimeError):
    """R signalled an error; `str()` reads as in R's console.

    Parameters
    ----------
    message : str
        The condition's message.
    call : str, optional
        The call that signalled it, as R writes it.
    rclass : sequence of str
        Class vector of the R condition, most specific first.
    traceback : sequence of str
        The calls that led there, outermost first.
    """

    message: str
    call: str | None
    rclass: list[str]
    traceback: list[str]

    def __init__(
        self,
        message: str,
        *,
        call: str | None = None,
        rclass: Sequence[str] = ("simpleError", "error", "condition"),
        traceback: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.call = call
        self.rclass = list(rclass)
        self.traceback = list(traceback)

    def __str__(self) -> str:
        if self.call is None:
            return f"Error: {self.message}"
        first = self.message.split("\n", 1)[0]
        # R: "Error in <call> : <message>" on one line if it fits, else the message on a line of its own.
        gap = " " if len(self.call) + len(first) + len("Error in  : ") <= _LONG_LINE else "\n  "
        return f"Error in {self.call} :{gap}{self.message}"


class RParseError(RError, SyntaxError):
    """R could not parse the code.

    A `SyntaxError`, so that IPython and editors show the line and the caret instead of a traceback.

    Parameters
    ----------
    message : str
        R's message without the position, such as ``unexpected symbol``.
    line, column : int, optional
        Position, both counted from 1.
    source : str, optional
        R's own excerpt of the code with a caret under the place.
    name : str, optional
        What the code is called, such as ``<cell 3>``.
    """

    line: int | None
    column: int | None
    source: str | None

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        source: str | None = None,
        name: str | None = None,
        rclass: Sequence[str] = ("parseError", "error", "condition"),
    ) -> None:
        super().__init__(message, rclass=rclass)
        self.line = line
        self.column = column
        self.source = source
        # The fields by which SyntaxError's displays work.
        self.msg = message
        self.filename = name or "<R>"
        self.lineno = line
        self.offset = column
        self.text = _line_of(source, line)

    def __str__(self) -> str:
        where = self.filename or "<R>"
        place = where if self.line is None else f"{where}:{self.line}:{self.column or 0}"
        text = f"Error: {self.message} ({place})"
        return text if self.source is None else f"{text}\n{self.source}"

    def __reduce__(self) -> tuple[Any, ...]:
        # SyntaxError keeps these outside __dict__.
        fields = {key: getattr(self, key) for key in ("msg", "filename", "lineno", "offset", "text")}
        return _rebuild, (type(self), self.args, {**self.__dict__, **fields})


class ObjectNotFoundError(RError, KeyError):
    """R has no object of that name.

    Parameters
    ----------
    name : str
        The name that was looked for.
    """

    name: str

    def __init__(self, name: str, message: str | None = None) -> None:
        super().__init__(message or f"object '{name}' not found")
        self.name = name


class RCrashError(RError):
    """R itself died (a WebAssembly trap); a fresh R was started.

    Parameters
    ----------
    message : str
        What happened.
    kept, lost : sequence of str
        Names of the global variables that were carried into the fresh R, and of those that were not.
    """

    kept: list[str]
    lost: list[str]

    def __init__(self, message: str, *, kept: Sequence[str] = (), lost: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kept = list(kept)
        self.lost = list(lost)

    def __str__(self) -> str:
        parts = [f"R crashed and was restarted: {self.message}"]
        if self.kept:
            parts.append("Variables kept: " + ", ".join(self.kept))
        if self.lost:
            parts.append("Variables lost: " + ", ".join(self.lost))
        return "\n".join(parts)


class RInterrupt(KeyboardInterrupt):
    """R was stopped by the user."""


class ConversionError(RpyError, TypeError):
    """A value cannot cross between Python and R.

    Parameters
    ----------
    message : str
        What is wrong and what to do next.
    path : str
        The variable, column or element, such as ``df["x"][3]``; empty if it has no name.
    """

    path: str

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class StaleObjectError(RpyError, ReferenceError):
    """An object that lived in an R which has since been restarted, or that was closed."""


class RuntimeStartError(RpyError, RuntimeError):
    """R could not be started.

    Parameters
    ----------
    message : str
        What failed.
    hint : str
        What to do next.
    """

    hint: str

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message}\nHint: {hint}" if hint else message)
        self.hint = hint


class RPackageError(RpyError, RuntimeError):
    """An R package cannot be installed. The library is as it was.

    Parameters
    ----------
    message : str
        What is wrong.
    package : str
        Its name; empty if that is not known.
    hint : str
        What to do next.
    """

    package: str
    hint: str

    def __init__(self, message: str, *, package: str = "", hint: str = "") -> None:
        super().__init__(f"{message}\nHint: {hint}" if hint else message)
        self.package = package
        self.hint = hint


class FetchError(RpyError, OSError):
    """A file cannot be fetched.

    Parameters
    ----------
    message : str
        Its address and what happened.
    status : int, optional
        What the server answered; None: nothing, or the download broke off.
    """

    status: int | None

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RClosedError(RpyError, RuntimeError):
    """The session with R was closed."""


class ConversionWarning(UserWarning):
    """A value crossed between Python and R, but something of it was lost or changed."""


def _line_of(source: str | None, line: int | None) -> str | None:
    """Take the faulty line out of R's excerpt, whose lines read ``2: x <- (``."""
    if source is None or line is None:
        return None
    for text in source.splitlines():
        number, separator, rest = text.partition(": ")
        if separator and number.strip() == str(line):
            return rest
    return None


def _rebuild(cls: type[RpyError], args: tuple[Any, ...], state: dict[str, Any]) -> RpyError:
    exception = cls.__new__(cls, *args)
    exception.args = args
    for key, value in state.items():
        setattr(exception, key, value)
    return exception
