"""Measured rows in; medians, ratios and bars, as tables for the terminal and as a page, out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bars import BARS, OTHERS, TITLES
from row import Row


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
- **R itself** is R code by `Session.run` and by webR's `evalRVoid`: the bridge's R evaluates syntax trees,
  webR's byte code ([why](how-it-works.md#syntax-trees-instead-of-byte-code)). Both have run it twice before.
- The first Tab or Shift-Tab is that of a kernel whose R has just started, with the pages of help in the
  browser's cache; what is asked next finds the help of R's own packages there.
- What the Stop button costs is the same work in turn with it and without it, in a kernel "Python + R".
- The page opens with the labextension beside a copy of the site without it, from the navigation to
  `jupyterapp.restored`. The first value is counted from the request for the kernel, on an open page.
- R itself, Tab, Shift-Tab, Stop and the first value are measured in a browser that nobody looks into. In one
  that a program drives, exceptions in a worker take sixty times as long, and R has one for each `return()`.
- The start is measured with a running Python, files in the browser's or the system's cache.
- The memory of a WebAssembly heap grows in steps, and never shrinks.

{tables}
"""
