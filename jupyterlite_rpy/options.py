"""The line of a magic in: its options, the names they list, and the R code after them, untouched.

The options are those that notebooks written for rpy2 use. They stand before the code, which begins at the
first word that is no option; or at the end of the line, where what they say could be no R code. Values end at
a blank outside of quotes and brackets, but lists may have blanks after (or before) commas: `-i a, b`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .figure import UNITS, Figure

EXAMPLE = "%%R -i df,n=len(df) -o fit -w 600 -h 400"


class OptionError(ValueError):
    """The line of a magic cannot be understood. The message has an example."""

    def __init__(self, message: str, example: str = EXAMPLE) -> None:
        super().__init__(f"{message}\nExample: {example}")


@dataclass(frozen=True)
class Options(Figure):
    """What a line says: of plots, which is a figure, and of all else.

    Parameters
    ----------
    input, output
        Pairs (name in R, Python expression) and (name in R, name in Python).
    noreturn
        Whether the line is to have no value.
    converter, display
        Python expressions: of `Converters`, of a function that shows the last value.
    """

    input: list[tuple[str, str]] = field(default_factory=list)
    output: list[tuple[str, str]] = field(default_factory=list)
    noreturn: bool = False
    converter: str | None = None
    display: str | None = None


_OPTIONS = {
    "-i": "input", "--input": "input",
    "-o": "output", "--output": "output",
    "-w": "width", "--width": "width",
    "-h": "height", "--height": "height",
    "-u": "units", "--units": "units",
    "-r": "res", "--res": "res",
    "-p": "pointsize", "--pointsize": "pointsize",
    "-b": "background", "--bg": "background", "--background": "background",
    "--device": "device", "--graphics-device": "device",
    "-n": "noreturn", "--noreturn": "noreturn",
    "-c": "converter", "--converter": "converter",
    "-d": "display", "--display": "display",
    "--noisolation": None,  # old options that no longer mean anything
    "--type": "",
}  # fmt: skip
OPTION_NAMES = [name for name, field in _OPTIONS.items() if field]
"""Those that mean something."""
_FLAGS = {"noreturn", None}
# An option after the code: an operator, a name and another name without an operator between them are no R
# code. `x -n` is, so a single letter without a value is never an option there.
_LAST = re.compile(
    r"""(?<=[^\s,(+*/^=<>&|~-])\s+(?:
        (-[iowhurpbcd])\s+(?=[\w.{$"'`#])
        |(--(?:noreturn|noisolation))(?=\s|$)
        |(--[a-z][a-z-]*)(?:=|\s+)(?=[\w.{$"'`#])
    )""",
    re.VERBOSE,
)
# A value may follow without a blank (`-w400`), but only a number: `-pi` is R code.
_OPTION = re.compile(r"\s*(?:(--[a-z][a-z-]*|-[a-z])(?:=|(?=\s|$))|(-[whrp])(?=[\d.]))")
_R_NAME = r"(?:[^\W\d_]|\.(?!\d))[\w.]*|`[^`]+`"
_NAMED = re.compile(rf"({_R_NAME})\s*=(?!=)\s*(.+)", re.DOTALL)
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def parse(line: str, evaluate: Callable[[str], Any]) -> tuple[Options, str]:
    """Split a line into its options and the code.

    Parameters
    ----------
    line
        What stands after `%R` or `%%R`.
    evaluate
        Gives the value of a Python expression: an option's value may be `{expression}` or `$name`.

    Raises
    ------
    OptionError
        An option has no value, or one that it cannot have.
    """
    said, code = _parse(line, evaluate)
    try:
        return Options(**said), code
    except ValueError as error:  # of a figure that cannot be
        raise OptionError(str(error), "%%R -w 5 -h 4 -u in -r 100") from None


def _parse(line: str, evaluate: Callable[[str], Any]) -> tuple[dict[str, Any], str]:
    """What the options of a line say, by the names that `Options` has for it, and the code."""
    said: dict[str, Any] = {}
    at = 0
    while True:
        match = _OPTION.match(line, at)
        option = (match[1] or match[2]) if match is not None else ""
        if match is None or option not in _OPTIONS:
            break
        name = _OPTIONS[option]
        if name in _FLAGS:
            at = match.end()
            if name is not None:
                said[name] = True
            continue
        value, at = _value(line, match.end(), several=name in ("input", "output"))
        _take(said, option, value, evaluate)
    code = line[at:].lstrip(" \t")
    end = _last_options(code)
    if end is None or not code[:end].strip():
        return said, code
    last, rest = _parse(code[end:], evaluate)
    if rest:  # something else follows: then it was no option
        return said, code
    for name in ("input", "output"):
        if name in said and name in last:
            last[name] = said[name] + last[name]
    return said | last, code[:end].rstrip()


def leading(line: str) -> tuple[int, str]:
    """Where the options that begin a line end, complete or not; and whose value the line ends in, if any."""
    at = 0
    while (match := _OPTION.match(line, at)) is not None and (match[1] or match[2]) in _OPTIONS:
        name = _OPTIONS[match[1] or match[2]]
        at = match.end()
        if name in _FLAGS:
            continue
        value, at = _value(line, at, several=name in ("input", "output"))
        if at == len(line):
            return at, name if name and (value or line[-1:].isspace()) else ""
    return at, ""


def _take(said: dict[str, Any], option: str, value: str, evaluate: Callable[[str], Any]) -> None:
    """Take note of what one option says; of two that are the same, the last has the last word."""
    name = _OPTIONS[option]
    if not value:
        raise OptionError(f"{option} needs a value")
    if name == "input":
        said[name] = [*said.get(name, ()), *map(parse_input, split_list(value))]
    elif name == "output":
        said[name] = [*said.get(name, ()), *map(parse_output, split_list(value))]
    elif name:
        said[name] = _scalar(option, name, value, evaluate)


def _last_options(code: str) -> int | None:
    """Where options that follow the code begin, if there are any."""
    outside = {at for at, depth in _depths(code) if depth == 0}
    for match in _LAST.finditer(code):
        if match.start() not in outside or "#" in code[: match.start()]:
            continue
        option = match[1] or match[2] or match[3]
        if option in _OPTIONS:
            return match.start()
    return None


def parse_input(item: str) -> tuple[str, str]:
    """`x`, `a.b` or `name=expression` in; the name in R and the Python expression out."""
    named = _NAMED.fullmatch(item)
    if named is not None:
        return named[1].strip("`"), named[2]
    if not _PATH.fullmatch(item):
        raise OptionError(
            f"{item!r} is not a variable; give its value a name in R", "%%R -i first=df['a'][0]"
        )
    return item, item


def parse_output(item: str) -> tuple[str, str]:
    """`x` or `python_name=r_name` in; the name in R and the one in Python out.

    A name of R's with dots, which Python cannot say, gets underscores instead.
    """
    python, equals, r = (part.strip() for part in item.partition("="))
    r = (r if equals else python).strip("`")
    python = python if equals else r.replace(".", "_")
    if not python.isidentifier():
        raise OptionError(f"{python!r} cannot be the name of a Python variable", "%%R -o name=`an R name`")
    if not r:
        raise OptionError(f"{item!r} does not say which R variable", "%%R -o python_name=r.name")
    return r, python


def split_list(text: str, separators: str = ",") -> list[str]:
    """Split at separators outside of quotes and brackets."""
    items, start = [], 0
    for at, depth in _depths(text):
        if depth == 0 and text[at] in separators:
            items.append(text[start:at].strip())
            start = at + 1
    items.append(text[start:].strip())
    return [item for item in items if item]


def _value(line: str, at: int, *, several: bool) -> tuple[str, int]:
    """The value that begins at or after `at`, and where it ends."""
    at += len(line[at:]) - len(line[at:].lstrip())
    rest = line[at:]
    end = len(rest)
    for index, depth in _depths(rest):
        if depth == 0 and rest[index].isspace():
            before, after = rest[:index].rstrip(), rest[index:].lstrip()
            if several and after and not after.startswith("-") and (before.endswith(",") or after[0] == ","):
                continue
            end = index
            break
    value = rest[:end]
    if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]:
        value = value[1:-1]
    return value, at + end


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each place outside of quotes, with the number of brackets open there."""
    expected: list[str] = []
    quote = ""
    for at, character in enumerate(text):
        if quote:
            if character == quote and text[at - 1] != "\\":
                quote = ""
            continue
        if character in "'\"`":
            quote = character
        elif character in _CLOSING:
            expected.append(_CLOSING[character])
        elif expected and character == expected[-1]:
            expected.pop()
        else:
            yield at, len(expected)


def _scalar(option: str, name: str, text: str, evaluate: Callable[[str], Any]) -> Any:
    value: Any = text
    if text.startswith("{") and text.endswith("}"):
        value = evaluate(text[1:-1])
    elif text.startswith("$"):
        value = evaluate(text[1:])
    if name in ("width", "height", "res", "pointsize"):
        try:
            return float(value)
        except (TypeError, ValueError):
            raise OptionError(
                f"{option} needs a number, not {value!r}",
                f"%%R {option} 600   or, from a variable: {option} {{n}}",
            ) from None
    if name == "units" and value not in UNITS:
        raise OptionError(f"{option} must be one of {', '.join(UNITS)}, not {value!r}", "%%R -w 5 -h 4 -u in")
    return str(value)
