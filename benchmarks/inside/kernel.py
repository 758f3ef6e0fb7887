"""What is measured inside JupyterLite's Python kernel: the bridge beside webR's public API, in one worker.

Each function prints one line of JSON: samples in milliseconds by contender.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import js
import numpy as np
import ours
import pandas as pd
import pyodide_js
from pyodide.code import run_js
from pyodide.ffi import jsnull, to_js
from timing import interleave

from jupyterlite_rpy.session import get_session

_loaded: dict[str, Any] = {}


async def _module() -> Any:
    """Import the JavaScript half, once."""
    if "module" not in _loaded:
        _loaded["module"] = await run_js("url => import(url)")(f"{js.location.origin}/bench/webr_api.mjs")
    return _loaded["module"]


async def webr_api() -> Any:
    """Start webR in its own worker, or find it running."""
    if "api" not in _loaded:
        origin = js.location.origin
        _loaded["api"] = await (await _module()).open(f"{origin}/bench/webr.js", f"{origin}/static/webr/")
    return _loaded["api"]


async def start(first: str) -> None:
    """From nothing to the first number out of R, by one contender and then by the other."""

    async def bridge() -> None:
        session = get_session()
        # What the kernel does before a cell, and the cell.
        await session.prepare("x = %R 1 + 1")
        assert session.eval("1 + 1")[0] == 2

    async def webr() -> None:
        assert await (await webr_api()).evalNumber("1 + 1") == 2

    await _module()
    contenders = {"rpy": bridge, "webR": webr}
    names = [first, *(name for name in contenders if name != first)]
    found = await interleave({name: contenders[name] for name in names}, 1)
    _loaded.pop("api").close()
    print(json.dumps(found))


async def background_work() -> None:
    """Wait until what the first plot needs has been fetched and loaded behind the user's back."""
    wanted = {"libs.data.gz", "NotoSans-Bold.ttf", "NotoSans-Regular.ttf", "fonts.conf"}
    while True:
        entries = js.performance.getEntriesByType("resource")
        if wanted <= {str(entry.name).rpartition("/")[2] for entry in entries if entry.responseEnd > 0}:
            break
        await asyncio.sleep(0.05)
    # Loading begins 0.3 s later and then keeps this thread busy until it is done.
    await asyncio.sleep(1)


async def help_fetched() -> None:
    """Wait until the help of R's packages is there, which the first question for help has fetched."""
    while True:
        entries = js.performance.getEntriesByType("resource")
        pages = [e for e in entries if str(e.name).endswith("/help.data.gz") and e.responseEnd > 0]
        if len({str(page.name) for page in pages}) == 7:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


async def one_plus_one(times: int, loops: int) -> None:
    """R code in, its number out."""
    session = get_session()
    other = await webr_api()
    contenders = {"rpy": lambda: session.eval("1 + 1"), "webR": lambda: other.evalNumber("1 + 1")}
    print(json.dumps(await interleave(contenders, times, loops)))


async def calls(times: int) -> None:
    """Milliseconds a call."""
    works = ours.calls(get_session())
    found = await interleave({name: work for name, (work, _) in works.items()}, times)
    print(json.dumps({name: [ms / works[name][1] for ms in samples] for name, samples in found.items()}))


async def crossing(name: str, times: int, loops: int) -> None:
    """One value to R and back, by each; samples for each way."""
    session = get_session()
    other = await webr_api()
    value = ours.PYTHON[name]()
    session.run(f"{name} <- {ours.R_CODE[name]}")
    await other.run(f"{name} <- {ours.R_CODE[name]}")
    to_webr, from_webr = _BY_WEBR[name]
    contenders: dict[str, dict[str, Any]] = {
        way: {"rpy": f} for way, f in ours.ways(session, name, value).items()
    }
    contenders["to R"]["webR"] = lambda: to_webr(other, value)
    contenders["to Python"]["webR"] = lambda: from_webr(other, name)
    if name == "doubles":
        copy = (await _module()).copyBetweenFreshHeaps
        for works in contenders.values():
            works["copy"] = lambda: float(copy(value.nbytes))
    if name == "frame":
        for way, work in ours.json_text(value).items():
            contenders[way]["JSON"] = work

    async def free() -> None:
        session.run("pushed <- NULL; invisible(gc())")
        await other.run("pushed <- NULL; invisible(gc())")

    between = free if loops == 1 else None
    found = {way: await interleave(works, times, loops, between) for way, works in contenders.items()}
    session.set({"pushed": value})
    ours.check(session, name)
    session.run(f"{name} <- NULL")
    await other.run(f"{name} <- NULL")
    await free()
    print(json.dumps(found))


def memory(way: str, doubles: int) -> None:
    """How far both heaps grow when one vector crosses, in sizes of the vector."""
    session = get_session()
    size = 8 * doubles

    def heaps() -> tuple[int, int]:
        reply, _ = session._exchange.send({"op": "state"})
        return int(pyodide_js._module.HEAPU8.length), int(reply["memory"])

    if way == "to R":
        value = np.ones(doubles)
        before = heaps()
        session.set({"x": value})
    else:
        session.run(f"x <- numeric({doubles})")
        before = heaps()
        value = session.get("x")
    python, r = (after - start for after, start in zip(heaps(), before, strict=True))
    assert len(value) == doubles
    print(json.dumps({"Python's": [python / size], "R's": [r / size]}))


# ---- values by webR's public API, as a user of it would write them


async def _to_double(other: Any, value: Any) -> None:
    await other.bind("pushed", "RDouble", to_js(value))


async def _from_double(other: Any, name: str) -> np.ndarray:
    return np.asarray((await other.toTypedArray(name)).to_py())


async def _from_number(other: Any, name: str) -> float:
    return float(await other.evalNumber(name))


async def _to_character(other: Any, value: np.ndarray) -> None:
    await other.bind("pushed", "RCharacter", to_js(value.tolist()))


async def _from_character(other: Any, name: str) -> np.ndarray:
    return np.array((await other.toArray(name)).to_py(), dtype=object)


async def _to_frame(other: Any, value: pd.DataFrame) -> None:
    """Columns of numbers and of text: one object for all."""
    columns = {name: value[name].tolist() for name in value.columns}
    await other.bind("pushed", "RDataFrame", to_js(columns, dict_converter=js.Object.fromEntries))


async def _to_mixed_frame(other: Any, value: pd.DataFrame) -> None:
    """Column by column: an object with NA is refused, and webR's API knows neither factors nor dates."""
    days = value["day"].to_numpy().astype("datetime64[D]").astype("float64")
    truth = [jsnull if one is pd.NA else one for one in value["b"]]
    for constructor, name, column in (
        ("RInteger", "i", value["i"].to_numpy()),
        ("RDouble", "d", value["d"].to_numpy()),
        ("RCharacter", "t", value["t"].tolist()),
        ("RCharacter", "f", value["f"].tolist()),
        ("RDouble", "day", days),
        ("RLogical", "b", truth),
    ):
        await other.bind(name, constructor, to_js(column))
    await other.run(
        "pushed <- data.frame(i, d, t, f = factor(f), day = as.Date(day), b); rm(i, d, t, f, day, b)"
    )


async def _from_frame(other: Any, name: str) -> pd.DataFrame:
    return pd.DataFrame((await other.toObject(name)).to_py())


async def _from_mixed_frame(other: Any, name: str) -> pd.DataFrame:
    columns = (await other.toObject(name)).to_py()
    columns["f"] = pd.Categorical(columns["f"])
    columns["day"] = np.array(columns["day"]).astype("datetime64[D]").astype("datetime64[s]")
    columns["b"] = pd.array([None if one is jsnull else one for one in columns["b"]], dtype="boolean")
    return pd.DataFrame(columns)


_BY_WEBR: dict[str, Any] = {
    "scalar": (_to_double, _from_number),
    "small": (_to_frame, _from_frame),
    "doubles": (_to_double, _from_double),
    "strings": (_to_character, _from_character),
    "wide": (_to_frame, _from_frame),
    "frame": (_to_mixed_frame, _from_mixed_frame),
}
