"""Measured rows in; medians, ratios and bars, as tables for the terminal and as a page, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """What was measured of one piece of work.

    Attributes
    ----------
    host : str
        "Chromium" or "Node".
    name : str
        Which work; a key of `TITLES`.
    samples : dict
        Contender -> samples, in `unit`.
    unit : str
        "ms", or "x" for a ratio.
    """

    host: str
    name: str
    samples: dict[str, list[float]]
    unit: str = "ms"

    def of(self, contender: str) -> float:
        return median(self.samples[contender])

    def ratio(self, one: str, other: str) -> float:
        """Median over turns: those of one turn met the same machine, however busy it was."""
        return median(a / b for a, b in zip(self.samples[one], self.samples[other], strict=True))


@dataclass(frozen=True)
class Bar:
    """A limit: `measure(row)` is to be at most `limit`, or at least."""

    words: str
    measure: Callable[[Row], float]
    limit: float
    at_least: bool = False

    def met(self, row: Row) -> bool:
        value = self.measure(row)
        return value >= self.limit if self.at_least else value <= self.limit


def _ms(limit: float) -> Bar:
    return Bar(f"at most {limit:g} ms", lambda row: row.of("rpy"), limit)


def _times_of(other: str, limit: float) -> Bar:
    words = f"at most {limit:g} x {OTHERS[other]}"
    return Bar(words, lambda row: row.ratio("rpy", other), limit)


def _faster_than_webr(limit: float) -> Bar:
    words = f"at least {limit:g} x faster than webR's API"
    return Bar(words, lambda row: row.ratio("webR", "rpy"), limit, at_least=True)


def _no_slower_than_rpy2() -> Bar:
    words = "at least as fast as rpy2, if it is there"
    return Bar(
        words, lambda row: row.ratio("rpy2", "rpy") if "rpy2" in row.samples else 1.0, 1, at_least=True
    )


def _sum(row: Row) -> float:
    return sum(row.of(heap) for heap in row.samples)


OTHERS = {
    "webR": "webR's API",
    "copy": "a bare copy",
    "rpy2": "rpy2 with native R",
    "JSON": "JSON, Python's half",
    "Python": "a Python cell",
    "own": "R's own memory file",
    "empty": "without them",
}

TITLES = {
    "start": "start: R's first number in Python",
    "one plus one": "`1 + 1` in R, the number in Python",
    "cell": "a cell: `%%R` with `1 + 1`; Python's `1 + 1`",
    "first plot": "a cell with the first plot",
    "later plot": "a cell with a later plot",
    "scalar to R": "a number to R",
    "scalar to Python": "a number to Python",
    "small to R": "a frame of 10 rows to R",
    "small to Python": "a frame of 10 rows to Python",
    "doubles to R": "10,000,000 doubles to R",
    "doubles to Python": "10,000,000 doubles to Python",
    "strings to R": "1,000,000 strings, 1,000 distinct, to R",
    "strings to Python": "1,000,000 strings, 1,000 distinct, to Python",
    "frame to R": "a frame of 1,000,000 x 6 to R",
    "frame to Python": "a frame of 1,000,000 x 6 to Python",
    "wide to R": "a frame of 10 x 10,000 to R",
    "wide to Python": "a frame of 10 x 10,000 to Python",
    "R calls Python": "R calls a Python function with a number, for a number",
    "Python calls R": "Python calls an R function (`RFunction`) with a number, for a number",
    "Python calls R by name": "the same by `session.call` and the function's name",
    "objects of R": "100,000 R functions to Python, made and dropped",
    "objects of Python": "100,000 Python objects to R, made and dropped",
    "start, site": "a kernel's start and first cell, 5,000 files and one of 200 MB on the site",
    "start, kept": "the same, in the folder whose files stay",
    "kept save": "saving after a cell that changed a small file, 500 MB kept",
    "readBin of 50 MB": "R: `readBin` of 50 MB from a file of Python's",
    "read.csv of 11 MB": "R: `read.csv` of 11 MB from a file of Python's",
    "readLines of 11 MB": "R: `readLines` of 11 MB from a file of Python's",
    "1,000 small files opened and read": "R: 1,000 small files of Python's opened and read",
    "memory to R": "growth of both heaps, 400 MB to R, in sizes of the value",
    "memory to Python": "growth of both heaps, 400 MB to Python, in sizes of the value",
}

_A_SECOND = Bar("at least 100,000 a second", lambda row: 1000 / row.of("rpy"), 1e5, True)
_VALUES = {"doubles": [_times_of("copy", 3), _faster_than_webr(20)], "strings": [_faster_than_webr(10)]}
_VALUES |= {"frame": [_faster_than_webr(10)], "wide": [_ms(1000)], "scalar": [_ms(0.2)], "small": [_ms(1)]}

BARS: dict[tuple[str, str], list[Bar]] = {
    ("Chromium", "start"): [_times_of("webR", 1.1)],
    ("Chromium", "one plus one"): [_ms(0.2)],
    ("Chromium", "cell"): [
        Bar("at most 30 ms more than Python's", lambda row: row.of("rpy") - row.of("Python"), 30)
    ],
    ("Chromium", "first plot"): [_ms(300)],
    ("Chromium", "R calls Python"): [_A_SECOND],
    ("Chromium", "Python calls R"): [_A_SECOND],
    ("Chromium", "objects of R"): [_ms(500)],
    ("Chromium", "objects of Python"): [_ms(500)],
    ("Chromium", "start, site"): [_times_of("empty", 1.1)],
    ("Chromium", "kept save"): [_ms(50)],
    ("Node", "readBin of 50 MB"): [_times_of("own", 1.5)],
    ("Node", "read.csv of 11 MB"): [_times_of("own", 1.5)],
    ("Node", "1,000 small files opened and read"): [_times_of("own", 2)],
    ("Node", "objects of R"): [_ms(500)],
    ("Node", "objects of Python"): [_ms(500)],
    **{
        (("Chromium"), f"{value} {way}"): bars
        for value, bars in _VALUES.items()
        for way in ("to R", "to Python")
    },
    ("Node", "start"): [_ms(2000)],
    ("Node", "one plus one"): [_ms(0.5)],
    **{("Node", f"doubles {way}"): [_times_of("copy", 6)] for way in ("to R", "to Python")},
    **{("Node", f"frame {way}"): [_no_slower_than_rpy2()] for way in ("to R", "to Python")},
    # One copy more, and the room that Emscripten's heap takes in advance when it grows (20 %).
    **{("Chromium", f"memory {way}"): [Bar("at most 1.25", _sum, 1.25)] for way in ("to R", "to Python")},
}


def number(value: float) -> str:
    """Three digits that count."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def lines(rows: Iterable[Row]) -> list[list[str]]:
    """One list of cells for each row: what, rpy, others, how they compare, bar, met."""
    table = []
    for row in rows:
        bars = BARS.get((row.host, row.name), [])
        others = [name for name in row.samples if name in OTHERS]
        if "rpy" in row.samples:
            ours = f"{number(row.of('rpy'))} {row.unit}"
        else:
            ours = ", ".join(f"{heap} {number(row.of(heap))}" for heap in row.samples)
        table.append(
            [
                TITLES[row.name],
                ours,
                ", ".join(f"{OTHERS[name]} {number(row.of(name))}" for name in others),
                ", ".join(f"{number(row.ratio(name, 'rpy'))} x" for name in others),
                "; ".join(f"{bar.words}: {number(bar.measure(row))}" for bar in bars),
                "" if not bars else "yes" if all(bar.met(row) for bar in bars) else "NO",
            ]
        )
    return table


HEAD = ["work", "this bridge", "others (ms)", "others / bridge", "bar: measured", "met"]


def text(rows: list[Row]) -> str:
    """The tables for a terminal."""
    parts = []
    for host in dict.fromkeys(row.host for row in rows):
        table = [HEAD, *lines(row for row in rows if row.host == host)]
        widths = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
        body = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in table
        ]
        parts.append("\n".join([host, *body]))
    return "\n\n".join(parts)


def page(result: dict[str, Any]) -> str:
    """docs/performance.md."""
    rows = [Row(**row) for row in result["rows"]]
    machine = "\n".join(f"- {name}: {value}" for name, value in result["machine"].items())
    tables = []
    for host in dict.fromkeys(row.host for row in rows):
        body = [HEAD, ["---"] * len(HEAD), *lines(row for row in rows if row.host == host)]
        tables.append(f"## {_HOSTS[host]}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in body))
    return _PAGE.format(date=result["date"], machine=machine, tables="\n\n".join(tables))


_HOSTS = {
    "Chromium": "In Chromium: a JupyterLite page, Pyodide's kernel",
    "Node": "Outside of a browser: Python, and R in a Node process",
}

_PAGE = """<!-- Written by benchmarks/run.py from a kept result; change benchmarks/report.py instead. -->
# Performance

`make bench` measures this on your machine. The figures below are medians, measured on {date} on:

{machine}

Milliseconds unless another unit is named. All contenders of a row took turns in one page; ratios are medians
over the turns, so that they hold on a busy machine and on other machines, too.

- **webR's API** is webR's public API for JavaScript, with R in a worker of its own and messages between the
  two (the way that needs no special response headers); it is called from the worker in which Python runs. Its
  times contain what a user of it must do besides: turn Python's values into JavaScript's, and build the array
  or frame from what comes back.
- **a bare copy** is one `TypedArray.set` of as many bytes between two fresh WebAssembly memories (in Node:
  NumPy copying the array). Its target is fresh in each turn, the bridge's only in the first: later ones find
  memory that a value before has left, so compare the first turn as well (all samples are in the kept file).
- **rpy2 with native R** is rpy2 in the same Python, with its converters for NumPy and pandas. R is a library
  of that process there, and nothing but a copy lies between the two. It is compared where it is installed.
- **JSON, Python's half** is pandas writing the frame as JSON text, or reading it; R would have to read or
  write that text as well.
- The frame of 1,000,000 x 6 has a column each of integers, doubles, text, a factor, dates, and logicals with
  NA.
- **R's own memory file** is the same reading in the file system of R alone, before the two are one tree.
- The start is measured with a running Python, files in the browser's or the system's cache.
- The memory of a WebAssembly heap grows in steps, and never shrinks.

{tables}
"""
