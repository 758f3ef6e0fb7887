"""What it costs that R and Python ask whether Stop was pressed: the same work with and without, in turn.

Each function prints one line of JSON: ratios by the name of the work.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pyodide_js
from timing import interleave

from jupyterlite_rpy.session import get_session

SECONDS = 0.8
"""About how long a sample takes: two questions."""

_python = pyodide_js._module
_stop: Any = get_session().runtime.stop  # type: ignore[attr-defined]


def _loop() -> None:
    total = 0
    for i in range(100_000):
        total += i & 3


def _while() -> None:
    i = 0
    while i < 100_000:
        i += 1


def _calls() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    for i in range(30_000):
        add(i, 1)


def _methods() -> None:
    class Counter:
        def __init__(self) -> None:
            self.count = 0

        def step(self) -> None:
            self.count += 1

    counter = Counter()
    for _ in range(30_000):
        counter.step()


def _comprehension() -> None:
    [i * 2 for i in range(100_000) if i % 3]
    {i: i * 2 for i in range(50_000)}


def _sort() -> None:
    sorted(range(30_000), key=lambda i: -i)


_RECORDS = [{"id": i, "name": f"name {i}", "values": [i / 7, None, True]} for i in range(1000)]
_TEXT = json.dumps(_RECORDS)


def _str() -> None:
    for i in range(30_000):
        str(i)


def _json() -> None:
    json.loads(json.dumps(_RECORDS))


def _indented() -> None:
    json.dumps(_RECORDS, indent=1)


_PYTHON: dict[str, Callable[[], None]] = {
    "a loop": _loop,
    "while": _while,
    "calls": _calls,
    "methods": _methods,
    "comprehensions": _comprehension,
    "sorting": _sort,
    "JSON text": _json,
    "JSON with indent": _indented,
}
# Python itself looks for signals in each of these, whatever the number of jumps.
_TEXTS = {"str()": _str}
_R = {
    "a loop": "x <- 0; for (i in 1:200000) x <- x + i %% 3",
    "sapply": "invisible(sapply(1:20000, function(i) i + 1))",
    "lm": "for (i in 1:20) lm(mpg ~ wt + hp, mtcars)",
}


async def Python(times: int) -> None:
    """With Python's evaluation loop looking after each fifty jumps and calls, or never."""
    print(json.dumps({name: await _ratios(work, times) for name, work in _PYTHON.items()}))


async def texts(times: int) -> None:
    print(json.dumps({name: await _ratios(work, times) for name, work in _TEXTS.items()}))


async def R(times: int) -> None:
    """With R's own look, each 0.1 seconds, asking the page each 0.4, or never."""
    session = get_session()
    works = {name: lambda code=code: session.run(code) for name, code in _R.items()}
    print(json.dumps({name: await _ratios(work, times) for name, work in works.items()}))


async def _ratios(work: Callable[[], Any], times: int) -> list[float]:
    work()
    begin = perf_counter()
    work()
    loops = max(1, round(SECONDS / (perf_counter() - begin)))

    def run(armed: bool) -> Callable[[], float]:
        def repeat() -> float:
            _python.HEAP8[_python._Py_EMSCRIPTEN_SIGNAL_HANDLING] = int(armed)
            _stop.running = armed
            begin = perf_counter()
            for _ in range(loops):
                work()
            return 1000 * (perf_counter() - begin)

        return repeat

    assert _stop.urls.length > 0, "there is no Stop button in this page"
    try:
        samples = await interleave({"with": run(True), "without": run(False)}, times)
    finally:
        _python.HEAP8[_python._Py_EMSCRIPTEN_SIGNAL_HANDLING] = 1
        _stop.running = True
    return [a / b for a, b in zip(samples["with"], samples["without"], strict=True)]
