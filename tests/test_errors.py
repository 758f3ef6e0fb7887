from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from jupyterlite_rpy import errors
from jupyterlite_rpy.errors import (
    ConversionError,
    ConversionWarning,
    ObjectNotFoundError,
    RClosedError,
    RCrashError,
    RError,
    RInterrupt,
    RParseError,
    RpyError,
    RuntimeStartError,
    StaleObjectError,
)
from jupyterlite_rpy.replies import from_reply

REPLIES: list[tuple[dict[str, Any], type[BaseException], str]] = [
    (
        {
            "kind": "error",
            "message": "boom",
            "call": "f(1)",
            "class": ["simpleError", "error"],
            "traceback": ["f(1)"],
        },
        RError,
        "Error in f(1) : boom",
    ),
    ({"kind": "error", "message": "boom", "call": None, "class": ["e"]}, RError, "Error: boom"),
    (
        {
            "kind": "parse",
            "message": "unexpected ')'",
            "line": 2,
            "column": 3,
            "source": "1: x\n2: 1 )\n     ^",
        },
        RParseError,
        "Error: unexpected ')' (<R>:2:3)\n1: x\n2: 1 )\n     ^",
    ),
    ({"kind": "interrupt", "message": ""}, RInterrupt, "R was interrupted"),
    (
        {"kind": "missing", "message": "object 'x' not found", "name": "x"},
        ObjectNotFoundError,
        "Error: object 'x' not found",
    ),
    ({"kind": "value", "message": "too large", "name": "x"}, ConversionError, "x: too large"),
    (
        {"kind": "trap", "message": "memory", "kept": ["a"], "lost": ["b"]},
        RCrashError,
        "R crashed and was restarted: memory\nVariables kept: a\nVariables lost: b",
    ),
    ({"kind": "closed"}, RClosedError, "the session with R is closed"),
    ({"kind": "news", "message": "?"}, RpyError, "unexpected reply from R: {'kind': 'news', 'message': '?'}"),
]


@pytest.mark.parametrize(("reply", "kind", "text"), REPLIES, ids=lambda value: str(value)[:20])
def test_every_kind_of_reply_has_its_exception(reply: dict[str, Any], kind: type, text: str) -> None:
    made = from_reply(reply)
    assert type(made) is kind
    assert str(made) == text


@pytest.mark.parametrize("reply", [reply for reply, _, _ in REPLIES], ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_exceptions_pickle_with_their_fields(reply: dict[str, Any], again: Any) -> None:
    made = from_reply(reply)
    other = again(made)
    assert type(other) is type(made) and str(other) == str(made) and other.args == made.args
    assert other.__dict__ == made.__dict__
    if isinstance(made, RParseError):
        assert (other.lineno, other.offset, other.text) == (2, 3, "1 )")


def test_they_are_what_a_python_user_would_catch() -> None:
    for kind, builtin in (
        (RError, RuntimeError),
        (RParseError, SyntaxError),
        (ObjectNotFoundError, KeyError),
        (ConversionError, TypeError),
        (StaleObjectError, ReferenceError),
        (RuntimeStartError, RuntimeError),
        (RClosedError, RuntimeError),
        (RInterrupt, KeyboardInterrupt),
        (ConversionWarning, UserWarning),
    ):
        assert issubclass(kind, builtin)
    assert issubclass(RCrashError, RError) and not issubclass(RInterrupt, Exception)


def test_the_docstring_is_the_tree() -> None:
    assert errors.__doc__ is not None
    for name in errors.__all__:
        if name != "from_reply":
            assert f" {name}" in errors.__doc__ or errors.__doc__.count(name) > 0


def test_long_calls_have_the_message_on_a_line_of_its_own() -> None:
    call = "a_function(" + ", ".join(f"argument{i}" for i in range(6)) + ")"
    assert str(RError("boom", call=call)) == f"Error in {call} :\n  boom"


def test_a_python_exception_is_the_cause() -> None:
    cause = ValueError("mine")
    made = from_reply({"kind": "error", "message": "m", "python": 7}, python={7: cause}.get)
    assert made.__cause__ is cause
    assert from_reply({"kind": "error", "message": "m", "python": 7}, python={}.get).__cause__ is None


def test_hints_are_in_the_text() -> None:
    assert str(RuntimeStartError("no Node", hint="install it")) == "no Node\nHint: install it"


def test_ipython_shows_where_the_code_is_wrong() -> None:
    from IPython.core.ultratb import SyntaxTB

    error = from_reply(REPLIES[2][0])
    text = SyntaxTB(theme_name="nocolor").text(RParseError, error, None) if _has_themes() else str(error)
    assert "1 )" in text and "unexpected ')'" in text


def _has_themes() -> bool:
    import inspect

    from IPython.core.ultratb import SyntaxTB

    return "theme_name" in inspect.signature(SyntaxTB).parameters
