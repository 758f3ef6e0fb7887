"""A session in, work for the clock out: values and calls each way, in the browser as in Node."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

DOUBLES = 10_000_000
STRINGS = 1_000_000
ROWS = 1_000_000
COLUMNS = 10_000
OBJECTS = 100_000
CALLS = 20_000

R_CODE = {
    "scalar": "1.5",
    "small": "data.frame(x = 1:10 / 2, y = 1:10, z = letters[1:10])",
    "doubles": f"as.double(seq_len({DOUBLES}))",
    "strings": f"rep_len(sprintf('string %d', 1:1000), {STRINGS})",
    "wide": f"as.data.frame(matrix(as.double(1:10), 10, {COLUMNS}))",
    "frame": f"""local({{
        n <- {ROWS}
        data.frame(
            i = seq_len(n), d = seq_len(n) / 7, t = rep_len(sprintf('text %d', 1:1000), n),
            f = factor(rep_len(c('low', 'middle', 'high'), n)),
            day = as.Date('2020-01-01') + rep_len(0:3652, n), b = rep_len(c(TRUE, FALSE, NA), n)
        )
    }})""",
}
"""How R makes each value."""


def _small() -> pd.DataFrame:
    columns = {"x": np.arange(1, 11) / 2, "y": np.arange(1, 11, dtype="int32"), "z": list("abcdefghij")}
    return pd.DataFrame(columns)


def _strings(what: str, count: int) -> np.ndarray:
    return np.resize(np.array([f"{what} {i}" for i in range(1, 1001)], dtype=object), count)


def _wide() -> pd.DataFrame:
    matrix = np.repeat(np.arange(1.0, 11.0)[:, None], COLUMNS, axis=1)
    return pd.DataFrame(matrix, columns=[f"V{i}" for i in range(1, COLUMNS + 1)])


def _frame() -> pd.DataFrame:
    rows = np.arange(1, ROWS + 1, dtype="int32")
    days = np.datetime64("2020-01-01") + np.arange(3653)
    return pd.DataFrame(
        {
            "i": rows,
            "d": rows / 7,
            "t": _strings("text", ROWS),
            "f": pd.Categorical.from_codes(np.resize([1, 2, 0], ROWS), ["high", "low", "middle"]),
            "day": np.resize(days.astype("datetime64[s]"), ROWS),
            "b": pd.array(np.resize(np.array([True, False, None], dtype=object), ROWS), dtype="boolean"),
        }
    )


PYTHON: dict[str, Callable[[], Any]] = {
    "scalar": lambda: 1.5,
    "small": _small,
    "doubles": lambda: np.arange(1.0, DOUBLES + 1),
    "strings": lambda: _strings("string", STRINGS),
    "wide": _wide,
    "frame": _frame,
}
"""How Python makes the same."""


def ways(session: Any, name: str, value: Any) -> dict[str, Callable[[], Any]]:
    """Work: a value to R as `pushed`, and the one that R has as `name` to Python."""
    return {"to R": lambda: session.set({"pushed": value}), "to Python": lambda: session.get(name)}


def json_text(value: pd.DataFrame) -> dict[str, Callable[[], Any]]:
    """Work: Python's half of handing a frame over as JSON text; R's half would come on top."""
    text = value.to_json()
    return {"to R": lambda: value.to_json(), "to Python": lambda: pd.read_json(io.StringIO(text))}


def check(session: Any, name: str) -> None:
    """What was pushed is what R itself makes, so that a fast wrong answer does not count."""
    difference = session.eval(f"as.character(all.equal(pushed, {name}))")
    assert list(difference) == ["TRUE"], f"{name}: {difference}"


def calls(session: Any) -> dict[str, tuple[Callable[[], Any], int]]:
    """Work of many small things, and how many count: calls with a number, objects that stay (as one)."""
    session.set({"f": lambda x: x})
    root = session.get("sqrt")
    session.run(f"functions <- lapply(1:{OBJECTS}, function(i) function() i)")
    objects = [object() for _ in range(OBJECTS)]
    fewer = CALLS // 10

    def out() -> None:
        for _ in range(CALLS):
            root(2.0)

    def by_name() -> None:
        for _ in range(fewer):
            session.call("sqrt", 2.0)

    def functions() -> None:
        session.get("functions")
        session.run("NULL")  # which tells R that they were dropped

    def held() -> None:
        session.set({"held": objects})
        session.run("rm(held); invisible(gc())")

    return {
        "objects of R": (functions, 1),
        "objects of Python": (held, 1),
        "R calls Python": (lambda: session.run(f"for (i in 1:{CALLS}) f(1.5)"), CALLS),
        "Python calls R": (out, CALLS),
        "Python calls R by name": (by_name, fewer),
    }
