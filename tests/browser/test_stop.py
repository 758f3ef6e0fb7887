"""The Stop button: what runs ends, in R, in Python and where they call each other; what was there stays."""

from __future__ import annotations

import re

import pytest
from lab import Kernel

NESTED = """
def outer():
    r_loop()
def python_loop():
    while True:
        pass
from jupyterlite_rpy import r
r("before <- 1; loop <- function() { on.exit(ended <<- TRUE); cat('go\\\\n'); repeat {} }; ended <- FALSE")
r_loop = r.loop
"""


@pytest.fixture(params=["07", "08"])
def kernel(request: pytest.FixtureRequest) -> Kernel:
    found: Kernel = request.getfixturevalue(f"kernel_r_{request.param}")
    found.value(NESTED)
    return found


R_CODE = [
    "loop()",
    "{ cat('go\\n'); Sys.sleep(600) }",
    "{ cat('go\\n'); for (i in 1:1e9) sqrt(i) }",
    "tryCatch(loop(), error = function(e) 'swallowed')",
    "for (i in 1:1e6) tryCatch(loop(), error = function(e) NULL)",
]
PYTHON_CODE = [
    "while True: pass",
    "sum(i * i for i in range(10**12))",
    "while True: [i for i in range(1000)]",
    "import time; time.sleep(600)",
    "import asyncio; await asyncio.sleep(600)",
    "while True:\n    try:\n        while True: pass\n    except Exception: pass",
]


@pytest.mark.parametrize("code", R_CODE)
def test_running_r_is_stopped_and_stays_as_it_was(kernel: Kernel, code: str) -> None:
    result = kernel.stop(f"%%R\n{code}")
    assert "RInterrupt" in result.error
    assert kernel.run("%%R\nbefore").text() == "[1] 1\n"
    if "loop()" in code:
        assert kernel.run("%%R\nended").text() == "[1] TRUE\n"


@pytest.mark.parametrize("code", PYTHON_CODE)
def test_running_python_is_stopped(kernel: Kernel, code: str) -> None:
    result = kernel.stop(f"print('go')\n{code}")
    assert re.search("KeyboardInterrupt|CancelledError", result.error)
    assert kernel.value("1 + 1") == "2"


@pytest.mark.parametrize(
    "code",
    [
        "%%R -i outer\ntryCatch(outer(), error = function(e) 'swallowed')\nlate <- TRUE",
        "%%R -i python_loop\ncat('go\\n')\ntryCatch(python_loop(), error = function(e) 1)\nlate <- TRUE",
        "try:\n    outer()\nexcept Exception:\n    pass\nr('late <- TRUE')",
    ],
)
def test_every_level_ends(kernel: Kernel, code: str) -> None:
    kernel.run("r('late <- FALSE')")
    result = kernel.stop(code)
    assert re.search("KeyboardInterrupt|RInterrupt", result.error)
    assert kernel.run("%%R\nlate").text() == "[1] FALSE\n"


def test_stop_with_nothing_running_stops_nothing_later(kernel: Kernel) -> None:
    kernel.interrupt()
    assert kernel.value("import time\ntime.sleep(1)\n'done'") == "'done'"


def test_stop_works_again_in_a_cell_that_goes_on(kernel: Kernel) -> None:
    again = "print('go')\ntry:\n    while True: pass\nexcept KeyboardInterrupt: print('go on')\nimport time\n"
    result = kernel.stop(again + "while True: pass", presses=2)
    assert "KeyboardInterrupt" in result.error
    assert "go on" in result.text()


def test_a_time_limit_ends_r_and_python_that_r_calls(kernel: Kernel) -> None:
    kernel.run("%Roptions timeout=0.5")
    for code in (
        "%%R\nrepeat {}",
        "%%R -i python_loop\ntryCatch(python_loop(), error = function(e) 'swallowed')",
    ):
        assert "reached elapsed time limit" in kernel.run(code).error
    kernel.run("%Roptions timeout=0")
    assert kernel.run("%%R\nSys.sleep(1.5)\nbefore").text() == "[1] 1\n"
