"""The error of a reply in, the exception to raise for it out: the one place where R's become Python's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .errors import (
    ConversionError,
    ObjectNotFoundError,
    RClosedError,
    RCrashError,
    RError,
    RInterrupt,
    RParseError,
    RpyError,
)

__all__ = ["from_reply"]


def from_reply(
    error: Mapping[str, Any], *, python: Callable[[int], object] | None = None
) -> RpyError | RInterrupt:
    """Make the exception for the error of a reply (the wire's form, one mapping for all kinds).

    Parameters
    ----------
    error : mapping
        ``kind``, ``message`` and the further fields of the wire's error.
    python : callable, optional
        Finds the Python exception that a callback raised, by its id; it becomes the ``__cause__``.

    Returns
    -------
    RpyError or RInterrupt
        Not raised. An unknown kind is an error of the bridge itself and comes back as `RpyError`.
    """
    make = _KINDS.get(str(error.get("kind")), _unknown)
    exception = make(error)
    if python is not None and error.get("python") is not None:
        cause = python(error["python"])
        if isinstance(cause, BaseException):
            exception.__cause__ = cause
    return exception


def _error(error: Mapping[str, Any]) -> RpyError:
    return RError(
        error.get("message") or "",
        call=error.get("call"),
        rclass=error.get("class") or (),
        traceback=error.get("traceback") or (),
    )


def _parse(error: Mapping[str, Any]) -> RpyError:
    return RParseError(
        error.get("message") or "",
        line=error.get("line"),
        column=error.get("column"),
        source=error.get("source"),
        name=error.get("name"),
        rclass=error.get("class") or ("parseError", "error", "condition"),
    )


def _interrupt(error: Mapping[str, Any]) -> RInterrupt:
    return RInterrupt(error.get("message") or "R was interrupted")


def _missing(error: Mapping[str, Any]) -> RpyError:
    return ObjectNotFoundError(error.get("name") or "", error.get("message"))


def _value(error: Mapping[str, Any]) -> RpyError:
    return ConversionError(error.get("message") or "", path=error.get("name") or "")


def _trap(error: Mapping[str, Any]) -> RpyError:
    return RCrashError(error.get("message") or "", kept=error.get("kept") or (), lost=error.get("lost") or ())


def _closed(error: Mapping[str, Any]) -> RpyError:
    return RClosedError(error.get("message") or "the session with R is closed")


def _unknown(error: Mapping[str, Any]) -> RpyError:
    return RpyError(f"unexpected reply from R: {dict(error)!r}")


_KINDS: dict[str, Callable[[Mapping[str, Any]], RpyError | RInterrupt]] = {
    "error": _error,
    "parse": _parse,
    "interrupt": _interrupt,
    "missing": _missing,
    "value": _value,
    "trap": _trap,
    "closed": _closed,
}
