"""Rows out of this very Python: values and calls, with R in a Node process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np
import ours
import real_rpy2
from row import Row
from timing import interleave

from jupyterlite_rpy.session import Session

CROSSINGS = [
    ("scalar", 7, 500),
    ("small", 7, 100),
    ("doubles", 7, 1),
    ("strings", 7, 1),
    ("frame", 5, 1),
    ("wide", 5, 1),
]


def measure(starts: int = 5) -> list[Row]:
    """Measure everything that is measured outside of a browser; `starts`: fresh processes of R."""
    start = Row("Node", "start", {"rpy": [_start() for _ in range(starts)]})
    beside = real_rpy2.installed()
    if not beside:
        print(real_rpy2.WITHOUT)
    session = Session()
    try:
        return [start, *_rows(session, beside)]
    finally:
        session.close()


def _start() -> float:
    """Milliseconds to the first number of a fresh R, its files in the system's cache."""
    session = Session()
    begin = perf_counter()
    try:
        session.eval("1 + 1")
        return 1000 * (perf_counter() - begin)
    finally:
        session.close()


def _rows(session: Session, beside: bool) -> Iterator[Row]:
    session.run("1 + 1")
    sums: dict[str, Any] = {"rpy": lambda: session.eval("1 + 1")}
    if beside:
        sums["rpy2"] = real_rpy2.one_plus_one()
    yield _row("one plus one", sums, 9, 500)
    for name, (work, count) in ours.calls(session).items():
        samples = asyncio.run(interleave({"rpy": work}, 7))
        yield Row("Node", name, {"rpy": [ms / count for ms in samples["rpy"]]})
    for name, times, loops in CROSSINGS:
        yield from _crossing(session, name, times, loops, beside)


def _crossing(session: Session, name: str, times: int, loops: int, beside: bool) -> Iterator[Row]:
    value = ours.PYTHON[name]()
    session.run(f"{name} <- {ours.R_CODE[name]}")
    theirs = real_rpy2.ways(name, value) if beside else {}
    json = ours.json_text(value) if name == "frame" else {}

    def free() -> None:
        session.run("pushed <- NULL; invisible(gc())")

    for way, work in ours.ways(session, name, value).items():
        contenders: dict[str, Any] = {"rpy": work}
        if name == "doubles":
            contenders["copy"] = lambda: np.copyto(np.empty_like(value), value)
        if way in theirs:
            contenders["rpy2"] = theirs[way]
        if way in json:
            contenders["JSON"] = json[way]
        yield _row(f"{name} {way}", contenders, times, loops, free if loops == 1 else None)
    session.set({"pushed": value})
    ours.check(session, name)
    session.run(f"{name} <- NULL")
    free()
    if beside:
        real_rpy2.forget(name)


def _row(name: str, contenders: dict[str, Any], times: int, loops: int = 1, between: Any = None) -> Row:
    return Row("Node", name, asyncio.run(interleave(contenders, times, loops, between)))
