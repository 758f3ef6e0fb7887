"""The start of R in a real kernel: beside another, after a restart, and with everything that can go wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import TIMEOUT, Kernel, Lab, Result
from playwright.sync_api import Browser
from serve import Answer, Site

LOAD = "%load_ext jupyterlite_rpy"
WEBR = "static/webr/"
PROGRAM = ["webr-worker.js", "R.js", "R.wasm"]
# What R's Cairo device asks the server for, once in the life of an R.
GRAPHICS = {
    "grDevices/libs.js.metadata",
    "grDevices/libs.data.gz",
    "fonts/fonts.conf",
    "fontconfig/CACHEDIR.TAG",
    "fonts/NotoSans-Regular.ttf",
    "fonts/NotoSans-Bold.ttf",
}

Serve = Callable[..., Site]
OpenLab = Callable[..., Lab]

NEW_GLOBALS = "sorted(set(js.Object.getOwnPropertyNames(js.globalThis)) - globals_before), list(js.listened)"


@pytest.fixture(scope="module")
def site(site_07: Path) -> Iterator[Site]:
    """The site below a path, as on many hosts."""
    with Site(site_07, prefix="/a/b/") as site:
        yield site


@pytest.fixture(autouse=True)
def right_answers(site: Site) -> Iterator[None]:
    yield
    site.answers = {}


@pytest.fixture(scope="module")
def lab(site: Site, browser: Browser) -> Iterator[Lab]:
    lab = Lab(browser, site.url)
    yield lab
    assert lab.outside() == []
    lab.close()


@pytest.fixture(scope="module")
def one(lab: Lab) -> Kernel:
    return lab.kernel()


@pytest.fixture(scope="module")
def other(lab: Lab) -> Kernel:
    return lab.kernel()


@pytest.fixture(scope="module")
def restarted(one: Kernel) -> Kernel:
    """The first kernel, started again, the extension loaded: it has no R yet."""
    one.restart()
    assert one.run(LOAD).status == "ok"
    return one


def progress(result: Result) -> list[str]:
    return [content["data"]["text/plain"] for content in result.displays("text/plain")]


def test_the_kernel_is_told_where_webr_is_wherever_the_site_lies(site: Site, one: Kernel) -> None:
    found = one.value(
        "import js\nfrom jupyterlite_rpy.assets import webr_url, sources_text\n"
        "from pyodide.http import pyfetch\n"
        "url = webr_url(js.location.href)\n"
        "(url, await (await pyfetch(url + 'SOURCES.txt')).string() == sources_text())"
    )
    assert found == f"('{site.url}static/webr/', True)"


@pytest.mark.parametrize("name", ["python", "python-r"])
def test_a_kernel_imports_nothing_of_its_own_from_the_notebooks_folder(lab: Lab, name: str) -> None:
    """A student's file that is called as a module of IPython's breaks nothing, and is found."""
    save = """jupyterapp.serviceManager.contents.save("decorator.py",
        {type: "file", format: "text", content: "mine = 42"})"""
    lab.page.evaluate(save)
    try:
        kernel = lab.kernel(name)
        # As in plain Jupyter: the folder is behind the standard library and before what is installed.
        assert kernel.value("import sys\nsys.path.index(''), 'decorator' in sys.modules") == "(3, True)"
        assert kernel.value("hasattr(sys.modules.pop('decorator'), 'decorate')") == "True"
        assert kernel.value("import decorator\ndecorator.mine") == "42"
        kernel.shutdown()
    finally:
        lab.page.evaluate("jupyterapp.serviceManager.contents.delete('decorator.py')")


def test_two_notebooks_have_an_r_each_that_starts_once(site: Site, one: Kernel, other: Kernel) -> None:
    site.requested.clear()
    assert one.queue(LOAD, "%%R\nx <- 'one'", "%R -n y <- 1", "%%R\nx") == ["ok"] * 4
    assert site.requested.count(WEBR + "R.wasm") == 1
    # The extension is not loaded: no hook starts R before this cell.
    concurrent = (
        "import asyncio\nimport jupyterlite_rpy\nsession = jupyterlite_rpy.get_session()\n"
        "await asyncio.gather(*(session.prepare() for _ in range(5)))\nsession.epoch"
    )
    assert other.value(concurrent) == "1"
    assert site.requested.count(WEBR + "R.wasm") == 2
    assert other.queue(LOAD, "%%R\nx <- 'other'") == ["ok", "ok"]
    assert one.run("%%R\nx").text() == '[1] "one"\n'
    assert other.run("%%R\ny").error.endswith("object 'y' not found")


def test_the_first_plot_asks_the_server_for_nothing(site: Site, lab: Lab, other: Kernel) -> None:
    other.run(LOAD)
    assert other.run("%%R\ncat(1)").text() == "1"

    def lacking() -> set[str]:
        # Each kernel of the site fetches them: the test before this has another one.
        return {name for name in GRAPHICS if sum(path.endswith(name) for path in site.requested) < 2}

    deadline = time.monotonic() + TIMEOUT
    while lacking():  # they are fetched while the kernel has nothing to do
        assert time.monotonic() < deadline, lacking()
        other.run("1")
    assert other.run("%%R\ncat(1)").text() == "1"
    before = len(site.requested)
    result = other.run("%%R\nplot(1:3, main = 'bold')")
    assert len(result.displays("image/png")) == 1
    # JupyterLab keeps its workspace in `api/`, when it likes to.
    assert [path for path in site.requested[before:] if not path.startswith("api/")] == []


FAILURES: list[tuple[str, dict[str, Answer], str]] = [
    *((f"{name} is missing", {name: Answer(404)}, rf"{re.escape(name)} answered 404") for name in PROGRAM),
    *(
        (
            f"a page instead of {name}",
            {name: Answer(content_type="text/html; charset=utf-8", body=b"<!doctype html><p>Not here")},
            rf"{re.escape(name)} is a web page \(text/html; charset=utf-8\)",
        )
        for name in PROGRAM
    ),
    ("a short R.wasm", {"R.wasm": Answer(body=b"\0asm\1\0\0\0")}, r"R\.wasm has 8 bytes instead of \d{8}"),
    (
        "a download of R.wasm that breaks off",
        {"R.wasm": Answer(body=b"\0asm\1\0\0\0", length=18_000_000)},
        r"R\.wasm .*broke off",
    ),
    (
        "a download of R.js that breaks off",
        {"R.js": Answer(body=b"var Module;", length=800_000)},
        r"R\.js .*broke off",
    ),
    (
        "another version's R.js",
        {"R.js": Answer(body=b"var Module;")},
        r"R\.js is not the file of webR 0\.6\.0",
    ),
    ("no server", {name: Answer(0) for name in PROGRAM}, r"cannot be reached .*are you offline\?"),
]


def test_a_failed_start_tells_its_cause_and_is_tried_again_by_the_next_cell(
    site: Site, restarted: Kernel, site_07: Path
) -> None:
    kernel = restarted
    wasm = bytearray((site_07 / WEBR / "R.wasm").read_bytes())
    wasm[-1] ^= 1
    failures = [
        *FAILURES,
        (
            "another version's R.wasm",
            {"R.wasm": Answer(body=bytes(wasm))},
            r"R\.wasm is not the file of webR 0\.6\.0",
        ),
    ]
    for what, answers, cause in failures:
        site.answers = {WEBR + name: answer for name, answer in answers.items()}
        result = kernel.run("%%R\n1 + 1")
        assert result.status == "error", what
        assert "RuntimeStartError" in result.error, what
        assert re.search(cause, result.error, re.DOTALL), (what, result.error)
        assert "Hint: " in result.error, what
        # Nothing of the progress stays in the cell.
        kinds = [kind for kind, _ in result.outputs]
        assert kinds[-1] == "error" and ("display_data" not in kinds or "clear_output" in kinds), what
    # A server that knows no WebAssembly still serves R.
    site.answers = {WEBR + "R.wasm": Answer(content_type="application/octet-stream")}
    result = kernel.run("%%R\ncat(exists('x'))")
    assert (result.error, result.text()) == ("", "FALSE")
    kinds = [kind for kind, _ in result.outputs]
    stages = progress(result)
    assert any(re.fullmatch(r"Downloading R \(\d+ of 18 MB\)", stage) for stage in stages)
    assert stages[-1] == "Starting R"
    # Later stages take the place of the first, and the place is gone when the cell begins.
    assert kinds[0] == "display_data" and kinds.count("display_data") == 1
    assert kinds[-2:] == ["clear_output", "stream"]
    assert progress(kernel.run("%%R\ncat('again')")) == []


def test_a_restart_leaves_other_notebooks_alone(restarted: Kernel, other: Kernel) -> None:
    assert restarted.run("%%R\ncat(exists('here'))").text() == "FALSE"
    assert other.run("%%R\ncat(1 + 1)").text() == "2"


# Nothing that is a value: NumPy and pandas need not be loaded for it.
AT_ONCE = f"{LOAD}\n%R -n cat(1 + 1)"


@pytest.mark.parametrize("version", ["07", "08"])
def test_r_starts_in_the_middle_of_a_cell_and_adds_nothing_to_the_workers_global(
    version: str, request: pytest.FixtureRequest
) -> None:
    kernel: Kernel = request.getfixturevalue(f"kernel_{version}")
    assert kernel.value("from pyodide.ffi import can_run_sync\ncan_run_sync()") == "True"
    result = kernel.run(AT_ONCE)
    assert (result.error, result.text()) == ("", "2")
    assert kernel.run("%%R\nplot(1)\nwebr::eval_js('1 + 1')").error == ""
    assert kernel.value(NEW_GLOBALS) == "([], [])"


def without_jspi(folder: Path) -> dict[str, Answer]:
    """Pyodide on a browser that cannot suspend WebAssembly, which no flag makes of Chromium."""
    answers = {}
    for name in ("static/pyodide/pyodide.js", "static/pyodide/pyodide.mjs"):
        text = (folder / name).read_bytes()
        answers[name] = Answer(body=b"delete WebAssembly.Suspending; delete WebAssembly.promising;" + text)
    return answers


def test_without_jspi_that_cell_says_what_to_do_and_the_next_one_works(
    site_07: Path, serve: Serve, open_lab: OpenLab
) -> None:
    kernel = open_lab(serve(site_07, answers=without_jspi(site_07))).kernel()
    assert kernel.value("from pyodide.ffi import can_run_sync\ncan_run_sync()") == "False"
    result = kernel.run(AT_ONCE)
    assert "RuntimeStartError" in result.error
    assert "R is being started. Hint: run this cell again" in result.error
    result = kernel.run("%R -n cat(1 + 1)")
    assert (result.error, result.text()) == ("", "2")
