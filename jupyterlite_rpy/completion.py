"""Completion and help in R code: a cell and a place in it in; what may stand there, or is known of it, out.

A kernel's own answers are for Python. `install` puts ours before them: for R code, R is asked
(`r/complete.R`), if it runs; it is never started for this, and Python's guesses are not shown in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, NamedTuple

from . import python_names
from .figure import DEVICES, UNITS
from .options import OPTION_NAMES
from .place import Call, Path, Place, Region, as_path, find_place, find_region, find_subjects
from .session import Session

_PLAIN = re.compile(r"(?:[^\W\d_]|\.(?!\d))[\w.]*")
_KEYWORDS = (
    "FALSE", "Inf", "NA", "NULL", "NaN", "TRUE", "break", "else", "for", "function", "if", "in", "next",
    "repeat", "while",
)  # fmt: skip
_OF_PACKAGES = {"library", "require", "requireNamespace", "loadNamespace", "attachNamespace"}
_OF_DATA = {"with", "within", "subset", "transform", "ggplot"}
_METHODS = {"complete": ("complete", "do_complete"), "inspect": ("inspect", "do_inspect")}
_NOT_STARTED = "R has not started yet: run a cell of R, and its help is here."


class Match(NamedTuple):
    """What may stand at a place, and what that is: "function", "data.frame", "param"."""

    text: str
    type: str


class Completion:
    """Answers about R code in a notebook's cells.

    Parameters
    ----------
    session
        Whose R is asked.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def complete(self, cell: str, cursor: int) -> dict[str, Any] | None:
        """Return the content of a reply to a request for completions; None: the place is not in R code."""
        region = find_region(cell, cursor)
        if region is None:
            return None
        if region.option:
            written, matches = region.text, self._in_option(region)
        elif region.magic == "Rpush":
            written = _last_name(cell[region.start : cursor])
            matches = _typed(python_names.variables(self._python, written))
        elif region.magic in ("Rpull", "Rget"):
            written = _last_name(cell[region.start : cursor])
            matches = self._asked("complete_names", written)
        else:
            place = find_place(cell[region.start : region.end], cursor - region.start)
            written, matches = self._in_code(place)
        start = cursor - len(written)
        return {
            "status": "ok",
            "matches": [match.text for match in matches],
            "cursor_start": start,
            "cursor_end": cursor,
            "metadata": {
                "_jupyter_types_experimental": [
                    {"start": start, "end": cursor, "text": match.text, "type": match.type, "signature": ""}
                    for match in matches
                ]
            },
        }

    def inspect(self, cell: str, cursor: int, detail: int = 0) -> dict[str, Any] | None:
        """Return the content of a reply to a request for help; None: the place is not in R code."""
        region = find_region(cell, cursor)
        if region is None or region.magic != "R" or region.option:
            return None
        lines: list[str] = []
        subjects = find_subjects(cell[region.start : region.end], cursor - region.start)
        if subjects and not self._session.runtime.ready:
            lines = [_NOT_STARTED]
            subjects = []
        for subject in subjects:
            parts = self._session.ask("explain", subject.names, subject.operators, "yes" if detail else "")
            lines = parts[0] if parts else []
            if not lines and subject.names[0] == "py":
                lines = python_names.describe(self._python, subject.names[1:])
            if lines:
                break
        data = {"text/plain": "\n".join(lines)} if lines else {}
        return {"status": "ok", "found": bool(lines), "data": data, "metadata": {}}

    @property
    def _python(self) -> MutableMapping[str, Any]:
        return self._session.python.namespace

    # ---- before the code

    def _in_option(self, region: Region) -> list[Match]:
        if region.option == "-":
            return [Match(name, "option") for name in OPTION_NAMES if name.startswith(region.text)]
        if region.option in ("input", "converter", "display"):
            return _typed(python_names.variables(self._python, region.text))
        if region.option == "output":
            return self._asked("complete_names", region.text)
        choices: dict[str, Iterable[str]] = {"device": DEVICES, "units": UNITS}
        words = choices.get(region.option, ())
        return [Match(word, "option") for word in words if word.startswith(region.text)]

    # ---- in the code

    def _in_code(self, place: Place) -> tuple[str, list[Match]]:
        """What is written of the name at the place, and all that it may become."""
        call = place.calls[-1] if place.calls else None
        if place.kind == "comment":
            return "", []
        if place.kind == "string":
            return self._in_string(place.part, call)
        if place.operator:
            return place.part, self._members(place)
        part = place.part.lstrip("`")
        if place.begins_argument and call is not None and _name_of(call) in _OF_PACKAGES:
            return place.part, self._asked("complete_packages", part)
        matches = self._arguments(call, part) if place.begins_argument and call is not None else []
        matches += _quoted(self._columns(place.calls, part))
        matches += _quoted(self._asked("complete_names", part))
        if part:
            matches += [Match(word, "keyword") for word in _KEYWORDS if word.startswith(part)]
        return place.part, _distinct(matches)

    def _in_string(self, text: str, call: Call | None) -> tuple[str, list[Match]]:
        if call is not None and call.bracket == "(" and _name_of(call) in _OF_PACKAGES:
            return text, self._asked("complete_packages", text)
        if call is not None and call.bracket != "(":
            if call.function is None:
                return text, []
            parts = self._session.ask("complete_elements", call.function.names, call.function.operators, text)
            if _is_pythons(call.function, parts):
                return text, _typed(python_names.members(self._python, call.function.names[1:], text))
            return text, _matches(parts)
        folder, slash, part = text.rpartition("/")
        return part, self._asked("complete_files", folder + slash, part)

    def _members(self, place: Place) -> list[Match]:
        base, part = place.base, place.part.lstrip("`")
        if base is None:
            return []
        if place.operator.startswith("::"):
            return _quoted(self._asked("complete_exports", base.names[-1], place.operator, part))
        parts = self._session.ask("complete_members", base.names, base.operators, place.operator, part)
        if _is_pythons(base, parts):
            return _quoted(_typed(python_names.members(self._python, base.names[1:], part)))
        return _quoted(_matches(parts))

    def _arguments(self, call: Call, part: str) -> list[Match]:
        assert call.function is not None
        first: Path | None = None
        if len(call.arguments) > 1:
            first = Path(("~",), ("",)) if "~" in call.first else as_path(call.first)
        names, operators = (first.names, first.operators) if first is not None else ((), ())
        found = self._asked(
            "complete_arguments",
            call.function.names,
            call.function.operators,
            part,
            [name for name, text in call.given.items()],
            names,
            operators,
        )
        return [Match(f"{_in_backticks(match.text)} = ", match.type) for match in found]

    def _columns(self, calls: Iterable[Call], part: str) -> list[Match]:
        """The columns of the data that the calls around a place have: `lm(|, data = df)`, `with(df, |)`."""
        for call in calls:
            text = call.given.get(
                "data", call.first if _name_of(call) in _OF_DATA and len(call.arguments) > 1 else ""
            )
            data = as_path(text)
            if data is not None:
                found = self._asked("complete_columns", data.names, data.operators, part)
                if found:
                    return found
        return []

    def _asked(self, question: str, *args: str | Iterable[str]) -> list[Match]:
        given = [arg if isinstance(arg, str) else list(arg) for arg in args]
        return _matches(self._session.ask(question, *given))


def install(shell: Any, completion: Completion) -> None:
    """Answer the requests of a kernel's front end about R code; the kernel answers the others as before."""
    remove(shell)
    kernel = getattr(shell, "kernel", None)
    for answer, names in _METHODS.items():
        name = next((name for name in names if hasattr(kernel, name)), None)
        if name is not None:
            wrapped = _wrapped(getattr(completion, answer), getattr(kernel, name))
            setattr(kernel, name, wrapped)


def remove(shell: Any) -> None:
    """Let the kernel answer for itself."""
    kernel = getattr(shell, "kernel", None)
    for name in (name for names in _METHODS.values() for name in names):
        if getattr(vars(kernel).get(name) if kernel is not None else None, "for_r", False):
            delattr(kernel, name)


def _wrapped(ours: Callable[..., Any], kernels: Callable[..., Any]) -> Callable[..., Any]:
    """An instance's attribute in front of its class's method: the same arguments, ours asked first."""

    def answer(code: str, cursor_pos: int | None = None, *args: Any, **kwargs: Any) -> Any:
        detail = {"detail": args[0]} if args else {}
        if "detail_level" in kwargs:
            detail = {"detail": kwargs["detail_level"]}
        reply = ours(code, len(code) if cursor_pos is None else cursor_pos, **detail)
        return kernels(code, cursor_pos, *args, **kwargs) if reply is None else reply

    answer.for_r = True  # type: ignore[attr-defined]
    return answer


def _last_name(text: str) -> str:
    found = re.search(r"[\w.]*\Z", text)
    return found[0] if found is not None else ""


def _name_of(call: Call) -> str:
    return call.function.names[-1] if call.function is not None else ""


def _matches(parts: list[list[str]] | None) -> list[Match]:
    """The names and types of R's answer."""
    return [Match(*pair) for pair in zip(parts[0], parts[1], strict=True)] if parts else []


def _typed(names: dict[str, str]) -> list[Match]:
    return [Match(*pair) for pair in names.items()]


def _is_pythons(base: Path, parts: list[list[str]] | None) -> bool:
    """Does R say that its `py` is meant, or, as it does not run, can nothing else be?"""
    return base.names[0] == "py" and parts in (None, [], [["python"]])


def _in_backticks(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _KEYWORDS else f"`{name}`"


def _quoted(matches: Iterable[Match]) -> list[Match]:
    """Names that are no names of R's as they must be written."""
    return [Match(_in_backticks(match.text), match.type) for match in matches]


def _distinct(matches: Iterable[Match]) -> list[Match]:
    return list({match.text: match for match in reversed(list(matches))}.values())[::-1]
