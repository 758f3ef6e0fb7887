"""A notebook's cell and a place in it in; the R code there, and what is being written in it, out.

Nothing is evaluated, and no R is needed: this is what the code says by its letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from .options import leading

_WRAPPERS = "time|timeit|capture|prun"
"""Magics whose cell holds code in turn."""
_BEFORE = rf"(?:[ \t]*\n|[ \t]*%%(?:{_WRAPPERS})\b[^\n]*\n)*"
_CELL = re.compile(rf"{_BEFORE}[ \t]*%%R(?=\s|$)")
_OTHER = re.compile(rf"{_BEFORE}[ \t]*%%(?!(?:R|{_WRAPPERS})\b)")
_LINE = re.compile(r"[ \t]*(?:[^\W\d][\w.,\[\]'\" \t]*=[ \t]*)?%(R|Rpush|Rpull|Rget)(?=[ \t]|$)")

_NAME = r"(?:(?:[^\W\d_]|\.(?!\d))[\w.]*|`[^`\n]*`)"
_STEP = rf"(?:\s*(?:\$|@)\s*{_NAME}|\[\[\s*(?:\d+L?|\"[^\"\n]*\"|'[^'\n]*')\s*\]\])"
_CHAIN = rf"(?:{_NAME}:::?)?{_NAME}{_STEP}*"
_HEAD = re.compile(rf"(?<![\w.`$@:\])])({_CHAIN})\s*\Z")
_MEMBER = re.compile(rf"(?<![\w.`$@:\])])({_CHAIN}|{_NAME})\s*(\$|@|:::?)\s*((?:{_NAME}|`[^`\n]*)?)\Z")
_PART = re.compile(rf"(?<![\w.`])({_NAME}|`[^`\n]*)\Z")
_TAIL = re.compile(r"[\w.]*`?")
_STEPS = re.compile(rf"({_NAME})|\[\[\s*(\d+|\"[^\"\n]*\"|'[^'\n]*')L?\s*\]\]|(\$|@|:::?)")
_GIVEN = re.compile(rf"\s*({_NAME}|\"[^\"\n]*\"|'[^'\n]*')\s*=(?!=)(.*)\Z", re.DOTALL)
_RAW = re.compile(r"[rR](['\"])(-*)([(\[{])")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# These begin like calls, and have no arguments with names.
_KEYWORDS = frozenset(["if", "for", "while", "repeat", "function", "else", "in"])


@dataclass(frozen=True)
class Region:
    """Where a cell holds R code.

    Parameters
    ----------
    magic
        "%R" for a cell as well as for a line; "Rpush", "Rpull", "Rget".
    start, end
        The code, without the options before it, within the cell.
    option
        The place is in the value of this option ("input"), where an option's name may stand ("-"), or
        elsewhere before the code ("other"); empty: it is in the code.
    text
        Such an option's value, or name, as far as it stands before the place.
    """

    magic: str
    start: int
    end: int
    option: str = ""
    text: str = ""


@dataclass(frozen=True)
class Path:
    """What names an object without computing anything: `stats::lm`, `df$a`, `x[["a"]]@b`.

    Parameters
    ----------
    names
        From the variable on; what is in double brackets as it stands there.
    operators
        Before each of them: "" for the first, "::" after a package's name, "$", "@", or "[[".
    """

    names: tuple[str, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A call that is open at a place.

    Parameters
    ----------
    function
        What is called, or subset; None: it has no name.
    bracket
        "(", "[" or "[[".
    arguments
        The texts of its arguments up to the place, that around it being the last.
    after
        The texts of those behind the place.
    """

    function: Path | None
    bracket: str
    arguments: tuple[str, ...]
    after: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """Names of arguments that stand there already, and their texts."""
        found = (_GIVEN.match(text) for text in (*self.arguments, *self.after))
        return {match[1].strip("`\"'"): match[2] for match in found if match is not None}

    @property
    def first(self) -> str:
        """The text of the first argument, without its name."""
        match = _GIVEN.match(self.arguments[0])
        return (match[2] if match is not None else self.arguments[0]).strip()


@dataclass(frozen=True)
class Place:
    """What is being written at a place.

    Parameters
    ----------
    kind
        "code", "string", or "comment".
    part
        The name, or the text within quotes, as far as it stands before the place.
    base, operator
        What stands before a member's name: `df`, `$`. The operator without a base: it is no path.
    calls
        Those that are open, the outermost first.
    """

    kind: str
    part: str = ""
    base: Path | None = None
    operator: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def begins_argument(self) -> bool:
        """Is this where the name of an argument may stand?"""
        if self.kind != "code" or self.operator or not self.calls:
            return False
        call = self.calls[-1]
        return call.bracket == "(" and call.function is not None and call.arguments[-1].strip() == self.part


def find_region(cell: str, cursor: int) -> Region | None:
    """The R code around a place in a cell; None: it is Python's, or the name of a magic."""
    match = _CELL.match(cell)
    if match is not None:
        if cursor <= match.end():
            return None
        return _region("R", cell, match.end(), len(cell), cursor)
    if _OTHER.match(cell):
        return None
    begin, end = cell.rfind("\n", 0, cursor) + 1, cell.find("\n", cursor)
    end = len(cell) if end < 0 else end
    match = _LINE.match(cell[begin:end])
    if match is None or cursor <= begin + match.end():
        return None
    return _region(match[1], cell, begin + match.end(), end, cursor)


def _region(magic: str, cell: str, start: int, end: int, cursor: int) -> Region:
    """Tell options from code in what stands after a magic's name, at `start`."""
    newline = cell.find("\n", start)
    line_end = end if newline < 0 else newline
    if magic != "R":
        return Region(magic, start, end)
    if cursor <= line_end:
        before = cell[start:cursor]
        at, option = leading(before)
        rest = before[at:].lstrip()
        if option:
            return Region(magic, cursor, end, option, before[max(map(before.rfind, " ,=")) + 1 :])
        if rest.startswith("-") and not re.search(r"\s", rest) and not rest[1:2].isdigit():
            return Region(magic, cursor, end, "-", rest)
    code = start + leading(cell[start:line_end])[0]
    return Region(magic, code, end, "" if cursor >= code else "other")


def find_place(code: str, cursor: int) -> Place:
    """What is being written at a place of R code."""
    kind, masked, opened, since = _scan(code[:cursor])
    calls = tuple(_call(code, masked, cursor, *entry) for entry in opened if entry[0] != "{")
    if kind == "comment":
        return Place("comment")
    if kind == "string":
        return Place("string", code[since:cursor], calls=calls)
    member = _MEMBER.search(masked)
    if member is not None:
        part = code[member.start(3) : cursor]
        return Place("code", part, path(code[member.start(1) : member.end(1)]), member[2], calls)
    match = _PART.search(masked)
    start = match.start() if match is not None else cursor
    part = code[start:cursor]
    before = masked[:start].rstrip()
    if before.endswith(("$", "@", "::")) or (not part and re.search(r"[\w.]\Z", masked)):
        return Place("code", part, None, before[-1:] or "0", calls)  # of a value, or within a number
    return Place("code", part, calls=calls)


def find_subjects(code: str, cursor: int) -> list[Path]:
    """What a place may be asked about: the name there, then the functions of the calls around it."""
    found = []
    end = cursor + len(_TAIL.match(code, cursor)[0])  # type: ignore[index]  # it matches an empty text
    kind, masked, opened, _ = _scan(code[:end])
    if kind == "code" and (match := _HEAD.search(masked)) is not None and match.end(1) == end:
        found.append(path(code[match.start(1) : match.end(1)]))
    if kind == "comment":
        return []
    _, masked, opened, _ = _scan(code[:cursor])
    for bracket, at, *_ in reversed(opened):
        match = _HEAD.search(masked[:at]) if bracket == "(" else None
        if match is not None and match[1] not in _KEYWORDS:
            found.append(path(code[match.start(1) : match.end(1)]))
    return found


def path(text: str) -> Path:
    """The steps of a text that names an object."""
    names: list[str] = []
    operators: list[str] = []
    operator = ""
    for name, index, found in _STEPS.findall(text):
        if found:
            operator = found
            continue
        names.append(index or name.strip("`"))
        operators.append("[[" if index else operator)
        operator = ""
    return Path(tuple(names), tuple(operators))


def as_path(text: str) -> Path | None:
    """The same; None: the text is something else."""
    return path(text.strip()) if re.fullmatch(_CHAIN, text.strip()) else None


class _Open(NamedTuple):
    """A bracket that is open: which, where, and the commas in it so far."""

    bracket: str
    at: int
    commas: list[int]


def _scan(code: str) -> tuple[str, str, list[_Open], int]:
    """Read code to its end.

    Returns
    -------
    kind, masked, opened, since
        What the end is in; the code with blanks for comments and for what is in quotes; the brackets that are
        open; where the string began that the end is in.
    """
    masked = list(code)
    opened: list[_Open] = []
    at = 0
    while at < len(code):
        character = code[at]
        if character == "#":
            end = code.find("\n", at)
            if end < 0:
                return "comment", "".join(masked), opened, at
            masked[at:end] = " " * (end - at)
            at = end
            continue
        raw = _RAW.match(code, at) if not (at and (code[at - 1].isalnum() or code[at - 1] in "._")) else None
        if raw is not None:
            closing = _CLOSING[raw[3]] + raw[2] + raw[1]
            begin = raw.end()
            end = code.find(closing, begin)
            if end < 0:
                return "string", "".join(masked), opened, begin
            after = end + len(closing)
            masked[at:after] = f'"{" " * (after - at - 2)}"'
            at = after
            continue
        if character in "'\"":
            end = _end_of_string(code, at)
            if end < 0:
                return "string", "".join(masked), opened, at + 1
            masked[at + 1 : end] = " " * (end - at - 1)
            at = end + 1
            continue
        if character == "`":
            end = code.find("`", at + 1)
            if end < 0:
                break
            at = end + 1
            continue
        if character == "[" and code.startswith("[[", at):
            opened.append(_Open("[[", at, []))
            at += 2
            continue
        if character in "([{":
            opened.append(_Open(character, at, []))
        elif opened and character == _CLOSING[opened[-1].bracket[0]]:
            if opened.pop().bracket == "[[" and code.startswith("]]", at):
                at += 1
        elif character == "," and opened:
            opened[-1].commas.append(at)
        at += 1
    return "code", "".join(masked), opened, 0


def _end_of_string(code: str, at: int) -> int:
    quote = code[at]
    at += 1
    while at < len(code):
        if code[at] == "\\":
            at += 1
        elif code[at] == quote:
            return at
        at += 1
    return -1


def _call(code: str, masked: str, cursor: int, bracket: str, at: int, commas: list[int]) -> Call:
    match = _HEAD.search(masked[:at])
    function = None
    if match is not None and match[1] not in _KEYWORDS:
        function = path(code[match.start(1) : match.end(1)])
    starts = [at + len(bracket), *(comma + 1 for comma in commas)]
    ends = [*commas, cursor]
    before = tuple(code[a:b] for a, b in zip(starts, ends, strict=True))
    return Call(function, bracket, before, _arguments_after(code, starts[-1]))


def _arguments_after(code: str, start: int) -> tuple[str, ...]:
    """The texts of the arguments of a call behind that which begins at `start`."""
    masked = _scan(code[start:])[1]
    depth, texts, begin = 0, [], -1
    for at, character in enumerate(masked):
        depth += (character in "([{") - (character in ")]}")
        if depth < 0 or (depth == 0 and character == ","):
            if begin >= 0:
                texts.append(code[start + begin : start + at])
            begin = at + 1
        if depth < 0:
            break
    return tuple(texts)
