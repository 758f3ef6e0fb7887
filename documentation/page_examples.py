"""A page of the documentation in; its examples, and which of them a reader can run in the page, out."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["STILL", "Example", "examples", "mark_live"]

STILL = "<!-- still -->"
"""Above a block of code: one that is not run, as it is a part of something or needs what is not there."""

_FENCE = re.compile(
    r"(?ms)^(?P<still><!-- still -->\n)?```(?P<language>\w+)\n(?P<code>.*?)^```$"
    r"(?:\n\n(?P<shown>(?:    [^\n]*\n|\n(?=    ))+))?"
)
_BLOCK = re.compile(r'(?P<still><!-- still -->\s*)?<div class="language-(?P<language>python|r) highlight">')


class Example(NamedTuple):
    """A block of code.

    Parameters
    ----------
    code
        A cell of a notebook.
    line
        Where it begins in the page, counted from 1.
    shown
        The text that the page says it prints; empty: nothing is said.
    """

    code: str
    line: int
    shown: str


def examples(markdown: str) -> list[Example]:
    """Return the blocks of a page that can be run, in order."""
    found = []
    for block in _FENCE.finditer(markdown):
        if block["still"] or not _is_cell(block["language"], block["code"]):
            continue
        shown = re.sub(r"(?m)^    ", "", block["shown"] or "").strip("\n")
        line = markdown.count("\n", 0, block.start("code")) + 1
        found.append(Example(block["code"].rstrip("\n"), line, shown))
    return found


def mark_live(html: str, markdown: str) -> str:
    """Give a rendered page's blocks that can be run the class `live`, which `live.mjs` looks for."""
    cells = iter(
        not block["still"] and _is_cell(block["language"], block["code"])
        for block in _FENCE.finditer(markdown)
        if block["language"] in ("python", "r")
    )

    def mark(block: re.Match[str]) -> str:
        live = " live" if next(cells) else ""
        return f'<div class="language-{block["language"]} highlight{live}">'

    return _BLOCK.sub(mark, html)


def _is_cell(language: str, code: str) -> bool:
    return language == "python" or (language == "r" and code.startswith("%%"))
