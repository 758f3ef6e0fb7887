"""A row in; what it is called, and whether it is where it must be, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from row import Row


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


def _mean(row: Row) -> float:
    return fmean(row.of(work) for work in row.samples)


def _worst(row: Row) -> float:
    return max(row.of(work) for work in row.samples)


def _more_than(other: str, limit: float) -> Bar:
    words = f"at most {limit:,g} ms more than {OTHERS[other]}"
    return Bar(words, lambda row: row.of("rpy") - row.of(other), limit)


OTHERS = {
    "webR": "webR's API",
    "copy": "a bare copy",
    "rpy2": "rpy2 with native R",
    "JSON": "JSON, Python's half",
    "Python": "a Python cell",
    "own": "R's own memory file",
    "empty": "without them",
    "without": "without it",
    "plain": "Python's in the plain kernel",
    "beside": "Python's beside R",
}

TITLES = {
    "start": "start: R's first number in Python",
    "one plus one": "`1 + 1` in R, the number in Python",
    "cell": "a cell: `%%R` with `1 + 1`; Python's `1 + 1`",
    "first plot": "a cell with the first plot",
    "later plot": "a cell with a later plot",
    "completion": "Tab in an R cell, from the page and back",
    "first completion": "the first Tab of a kernel, after `library(`",
    "help": "Shift-Tab in an R cell, from the page and back",
    "first help": "the first Shift-Tab of a kernel",
    "first other help": "the first about each other package of R's own",
    "Stop, R": "R's work with the Stop button, in times without it",
    "Stop, Python": "Python's work with the Stop button, in times without it",
    "Stop, texts": "the same, where Python looks each time: `str()` and `repr()` of a value",
    "R: lm()": "R itself: `lm()`, 30 times",
    "R: summary(glm())": "R itself: `summary(glm())`, 15 times",
    "R: merge()": "R itself: `merge()` of 2,000 rows",
    "R: new()": "R itself: S4's `new()`, 500 times",
    "R: for": "R itself: a `for` loop of 300,000 steps",
    "R: sapply": "R itself: `sapply()` with a function, 30,000 times",
    "labextension": "the labextension, compressed",
    "opening": "opening the page, with the labextension",
    "first value": 'the first value of a fresh page: `%%R` with `1 + 1`, "Python + R"',
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
    ("Chromium", "cell"): [_more_than("Python", 30)],
    ("Chromium", "first plot"): [_ms(300)],
    ("Chromium", "R calls Python"): [_A_SECOND],
    ("Chromium", "Python calls R"): [_A_SECOND],
    ("Chromium", "objects of R"): [_ms(500)],
    ("Chromium", "objects of Python"): [_ms(500)],
    ("Chromium", "start, site"): [_times_of("empty", 1.1)],
    ("Chromium", "kept save"): [_ms(50)],
    **{("Chromium", name): [_ms(50)] for name in ("completion", "first completion", "help", "first help")},
    ("Chromium", "first other help"): [_ms(50)],
    ("Chromium", "Stop, R"): [Bar("at most 1.02 on average", _mean, 1.02)],
    ("Chromium", "Stop, Python"): [
        Bar("at most 1.08 on average", _mean, 1.08),
        Bar("at most 1.25 for the worst", _worst, 1.25),
    ],
    ("Chromium", "Stop, texts"): [Bar("at most 1.25 for the worst", _worst, 1.25)],
    ("Chromium", "labextension"): [Bar("at most 150 kB", lambda row: row.of("rpy"), 150)],
    ("Chromium", "opening"): [_more_than("without", 50)],
    ("Chromium", "first value"): [_more_than("plain", 1000)],
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
