"""The value bridge in the real browser: documented examples, R's data sets, nasty and generated values."""

from __future__ import annotations

import base64
import inspect
import json
import pickle
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from convert.documented import examples
from convert.nasty import NASTY
from convert.strategies import arrays, frame_of, frame_parts, nested
from hypothesis import HealthCheck, Phase, given, settings
from lab import Kernel, Lab

SETUP = """
import collections, dataclasses, enum, inspect, math, warnings
from array import array
from collections import deque
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo
from jupyterlite_rpy import ConversionError, ConversionWarning, RFunction, RObject, get_session
from jupyterlite_rpy.convert import RFrame, RList, RVector
r = get_session()
class Color(enum.Enum):
    RED = "red"
@dataclasses.dataclass
class Point:
    x: int
    y: float
Pair = collections.namedtuple("Pair", "a b")
"""
NUMPY = """
import numpy as np, pandas as pd
from jupyterlite_rpy.convert.arrays import RArray
"""


def _true(value: Any) -> bool:
    """R's TRUE, as an array or as a list."""
    return [bool(item) for item in value] == [True]


def to_r(r: Any, rows: list[list[str]], scope: dict[str, Any]) -> list[str]:
    """Check documented values that go to R; return what was wrong."""
    wrong = []
    for code, check, remark in rows:
        try:
            exec(code, scope)
            try:
                r.set({"x": scope["x"]})
            except scope["ConversionError"]:
                assert remark == "ConversionError", "a ConversionError"
            else:
                assert remark != "ConversionError", "no ConversionError"
                assert _true(r.eval(check)), r.eval("paste(deparse(x), collapse = ' ')")
        except Exception as error:
            wrong.append(f"{code}: {type(error).__name__}: {error}")
    return wrong


def from_r(r: Any, rows: list[list[str]], scope: dict[str, Any]) -> list[str]:
    """Check documented values that come from R, and their way back."""
    wrong = []
    for code, check, _ in rows:
        try:
            r.run(f"x <- {{ {code} }}")
            assert eval(check, {**scope, "x": r.get("x")}), repr(r.get("x"))
            r.set({"back": r.get("x")})
            assert _true(r.eval("identical(back, x)")), "not identical"
        except Exception as error:
            wrong.append(f"{code}: {type(error).__name__}: {error}")
    return wrong


def trips(r: Any, codes: list[str]) -> list[str]:
    """Send R values out and back; return those that came back changed."""
    wrong = []
    for code in codes:
        try:
            r.run(f"original <- {{ {code} }}")
            r.set({"back": r.get("original")})
            if not _true(r.eval("identical(back, original)")):
                wrong.append(code)
        except Exception as error:
            wrong.append(f"{code}: {type(error).__name__}: {error}")
    return wrong


def generated(r: Any, values: Iterable[Any]) -> list[str]:
    """Send Python values to R, out and back; return those that R finds changed."""
    wrong = []
    for value in values:
        try:
            r.set({"first": value})
            r.set({"second": r.get("first")})
            if not _true(r.eval("identical(first, second)")):
                wrong.append(repr(value))
        except Exception as error:
            wrong.append(f"{value!r}: {type(error).__name__}: {error}")
    return wrong


def run(kernel: Kernel, call: str, **data: Any) -> list[str]:
    """Run one of the functions above in the kernel, where `data` are variables."""
    packed = base64.b64encode(pickle.dumps(data, protocol=5)).decode()
    sources = "\n".join(
        inspect.getsource(function) for function in (_true, to_r, from_r, trips, generated, frame_of)
    )
    code = (
        f"from collections.abc import Iterable\nfrom typing import Any\n{sources}\n"
        f"import base64, json, pickle\nglobals().update(pickle.loads(base64.b64decode({packed!r})))\n"
        "with warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore', ConversionWarning)\n"
        f"    print(json.dumps({call}))"
    )
    result = kernel.run(code)
    assert result.status == "ok", f"{result.error}\n{result.outputs}"
    return list(json.loads(result.text()))


def _set_up(kernel: Kernel, setup: str) -> Kernel:
    kernel.clear()
    for code in (SETUP, "%R 1", setup):
        result = kernel.run(code)
        assert result.status == "ok", f"{code}: {result.error}"
    return kernel


@pytest.fixture(scope="module")
def numpy_kernel(kernel_07: Kernel) -> Kernel:
    """A kernel whose R is in a zone that changes its clocks; with NumPy and pandas."""
    return _set_up(kernel_07, NUMPY)


@pytest.fixture(scope="module")
def plain_kernel(kernel_08: Kernel, lab_08: Lab) -> Iterator[Kernel]:
    """The same on the site that has neither."""
    yield _set_up(kernel_08, "")
    lab_08.forget()  # it looked for NumPy where this site's lock file says: in Pyodide's CDN


def _rows(heading: str) -> list[list[str]]:
    """Examples that need no library but NumPy and pandas; Arrow's and SciPy's are not in the test site."""
    foreign = ("pl.", "pa.", "scipy", "pyarrow", "Arrow")
    rows = [[e.code, e.check, e.remark] for e in examples(heading)]
    return [row for row in rows if not any(name in row[0] for name in foreign)]


def test_documented_examples_hold_in_the_browser(numpy_kernel: Kernel) -> None:
    rows = _rows("Python to R")
    assert len(rows) > 60
    assert run(numpy_kernel, "to_r(r, rows, globals())", rows=rows) == []
    rows = _rows("R to Python")
    assert len(rows) > 40
    assert run(numpy_kernel, "from_r(r, rows, globals())", rows=rows) == []


def test_data_sets_and_nasty_values_return_identical_in_the_browser(numpy_kernel: Kernel) -> None:
    names = "[f'datasets::`{n}`' for n in r.eval('ls(\"package:datasets\")')]"
    assert run(numpy_kernel, f"trips(r, {names})") == []
    assert run(numpy_kernel, "trips(r, codes)", codes=NASTY) == []


def test_generated_values_return_identical_in_the_browser(numpy_kernel: Kernel) -> None:
    assert run(numpy_kernel, "generated(r, values)", values=_generated(nested, 200)) == []
    assert run(numpy_kernel, "generated(r, values)", values=_generated(arrays(), 200)) == []
    frames = _generated(frame_parts(), 200)
    assert run(numpy_kernel, "generated(r, map(frame_of, parts))", parts=frames) == []


def test_values_without_numpy_return_identical_in_the_browser(plain_kernel: Kernel) -> None:
    rows = _rows("Without NumPy and pandas")
    assert run(plain_kernel, "from_r(r, rows, globals())", rows=rows) == []
    names = "[f'datasets::`{n}`' for n in r.eval('ls(\"package:datasets\")')]"
    assert run(plain_kernel, f"trips(r, {names})") == []
    assert run(plain_kernel, "trips(r, codes)", codes=[code for code in NASTY if "|>" not in code]) == []
    assert run(plain_kernel, "generated(r, values)", values=_generated(nested, 200)) == []


def _generated(strategy: Any, count: int) -> list[Any]:
    values: list[Any] = []

    @given(strategy)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    assert len(values) >= count // 2
    return values
