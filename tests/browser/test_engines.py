"""The site in Firefox and WebKit: a cell, a plot, a frame, NA apart from NaN, errors, Stop."""

from __future__ import annotations

from typing import Any

import pytest
from engine import ENGINES, firefox, run_cells, webkit
from needs import CI
from serve import Site

_FOUND = {"firefox": firefox, "webkit": webkit}

_NA = """%%R
na <- list(
  d = c(1, NA, NaN, -0.0, Inf), d1 = NA_real_, n1 = NaN, i = c(1L, NA), i1 = NA_integer_,
  l = c(TRUE, NA), l1 = NA,
  s = c("NA", NA), s1 = NA_character_, z = c(1+2i, NA), named = c(a = NA, b = 2), f = factor(c("x", NA)),
  day = as.Date(c("1850-01-01", NA)),
  time = as.POSIXct(c("2026-03-29 01:30:00", NA), tz = "Europe/Berlin"))"""

CELLS = {
    "load": "%load_ext jupyterlite_rpy",
    "lm": "%%R\nfit <- lm(mpg ~ wt, mtcars)\nround(coef(fit), 3)",
    "plot": "%%R\nplot(1:3)",
    "na": _NA,
    "out": "%%R -o na,airquality\nairquality <- airquality",
    "back": "%%R -i back=na,air=airquality\ncat(identical(na, back), identical(airquality, air))",
    "frame": "(airquality.shape, int(airquality['Ozone'].isna().sum()), na['d1'].shape)",
    "callback": "%%R -i same=(lambda x: x)\n"
    "for (x in list(NA_real_, NaN, NA_integer_, NA, NA_character_, 1.5, na$d))"
    " cat(identical(same(x), x), '')",
    "python": "def fails(): raise ValueError('no')",
    "error": "%%R -i fails\ntryCatch(fails(), python.ValueError = function(e) conditionMessage(e))\nlog('a')",
    "recursion": "%%R\ng <- function() g()\ng()",
    # Where Stop does not work these end all the same, in another way.
    "stop_r": "%%R\n{ cat('press Stop\\n'); end <- Sys.time() + 60; while (Sys.time() < end) {} }",
    "stop_python": "import time\nprint('press Stop')\n"
    "end = time.monotonic() + 60\nwhile time.monotonic() < end: pass",
    "alive": "%R sum(1:10)",
}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def results(request: pytest.FixtureRequest, site_07: Any) -> dict[str, dict[str, Any]]:
    """What each cell gave, run in one kernel of the engine."""
    if not CI and _FOUND[request.param]() is None:
        pytest.skip(f"needs {request.param}: `make setup` gets it where apt-get can be used")
    with Site(site_07) as site:
        return dict(zip(CELLS, run_cells(request.param, site, list(CELLS.values())), strict=True))


def _text(result: dict[str, Any], name: str = "stdout") -> str:
    return "".join(c["text"] for kind, c in result["outputs"] if kind == "stream" and c["name"] == name)


def _value(result: dict[str, Any]) -> str:
    return "".join(c["data"]["text/plain"] for kind, c in result["outputs"] if kind == "execute_result")


def test_r_prints_and_draws(results: dict[str, dict[str, Any]]) -> None:
    assert "37.285" in _text(results["lm"]), results["lm"]
    (plot,) = [c for kind, c in results["plot"]["outputs"] if kind == "display_data"]
    assert plot["data"]["image/png"].startswith("iVBOR")


def test_missing_values_and_frames_cross_exactly(results: dict[str, dict[str, Any]]) -> None:
    assert results["out"]["status"] == "ok", results["out"]
    assert _text(results["back"]) == "TRUE TRUE", results["back"]
    assert _value(results["frame"]) == "((153, 6), 37, (1,))"


def test_missing_values_survive_a_call_of_python(results: dict[str, dict[str, Any]]) -> None:
    assert _text(results["callback"]).split() == ["TRUE"] * 7, results["callback"]


def test_errors_leave_both_languages_alive(results: dict[str, dict[str, Any]]) -> None:
    assert '"no"' in _text(results["error"]), results["error"]
    assert "non-numeric argument" in results["error"]["error"]
    assert "too close to the limit" in results["recursion"]["error"]
    assert "55" in _value(results["alive"])


def test_stop_ends_what_runs(results: dict[str, dict[str, Any]]) -> None:
    assert "RInterrupt" in str(results["stop_r"]["outputs"]), results["stop_r"]
    assert "KeyboardInterrupt" in str(results["stop_python"]["outputs"]), results["stop_python"]
