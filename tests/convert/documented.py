"""The examples of docs/conversions.md, as test cases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "conversions.md"


class Example(NamedTuple):
    """One example: code that makes a value, code that checks it on the other side, what is said of it."""

    code: str
    check: str
    remark: str


def examples(heading: str) -> list[Example]:
    """Return the examples of the table under a heading; a row without one is an error."""
    text = PAGE.read_text(encoding="utf-8")
    _, found, section = text.partition(f"# {heading}\n")
    assert found, heading
    found_examples = []
    rows = [line for line in re.split(r"\n#+ ", section)[0].splitlines() if line.startswith("| ")][1:]
    for row in rows:
        cell = row.rstrip(" |").rsplit(" | ", 1)[1]
        for part in cell.split("<br>"):
            match = re.fullmatch(r"`(.+?)` → (?:`(.+?)`)? ?([A-Za-z ]*)", part.strip())
            assert match, part
            found_examples.append(Example(match[1], match[2] or "", match[3].strip()))
    assert found_examples
    return found_examples
