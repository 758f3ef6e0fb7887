"""The kernel "Python + R": the extension is there before the first cell, and R soon after, in 0.7 and 0.8."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lab import TIMEOUT, Kernel, Lab
from serve import Answer, Site

NEW_NOTEBOOK = """async () => {
  const panel = await jupyterapp.commands.execute("notebook:create-new", { kernelName: "python-r" });
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  return panel.sessionContext.kernelDisplayName;
}"""
CELLS = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => cell.toJSON())"""


@pytest.fixture(params=["07", "08"])
def kernel(request: pytest.FixtureRequest) -> Kernel:
    found: Kernel = request.getfixturevalue(f"kernel_r_{request.param}")
    return found


def test_the_magics_are_there(kernel: Kernel) -> None:
    assert kernel.run("%%R\n1 + 1").text() == "[1] 2\n"


def test_loading_the_extension_again_says_nothing(kernel: Kernel) -> None:
    result = kernel.run("%load_ext jupyterlite_rpy")
    assert (result.status, result.text(), result.text("stderr")) == ("ok", "", "")


def test_nothing_of_ours_is_among_the_names_of_the_user(kernel: Kernel) -> None:
    assert kernel.value("[n for n in ('page', 'json', 'shell', 'connect') if n in globals()]") == "[]"


@pytest.mark.parametrize("version", ["07", "08"])
def test_a_notebook_as_a_user_has_it(version: str, request: pytest.FixtureRequest, artifacts: object) -> None:
    lab: Lab = request.getfixturevalue(f"lab_{version}")
    page = lab.page
    assert page.evaluate(NEW_NOTEBOOK) == "Python + R"
    # R starts by itself: nothing has asked for it.
    page.wait_for_function("document.querySelector('.jp-rpy-Status')?.textContent === 'R: ready (R 4.6.0)'")
    page.locator(".jp-rpy-Status").hover()
    page.wait_for_function("/Memory of R: [1-9]/.test(document.querySelector('.jp-rpy-Status').title)")
    editor = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    editor.fill("6 * 7")
    editor.press("Shift+Enter")
    page.wait_for_function("document.querySelector('.jp-OutputArea-output')?.textContent.includes('42')")
    second = page.locator(".jp-Notebook .jp-CodeCell .cm-content").last
    second.fill("%%R\nkept <- 1\ncat('go\\n')\nrepeat {}")
    second.press("Shift+Enter")
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-OutputArea-output')].at(-1).textContent.includes('go')"
    )
    page.wait_for_function("document.querySelector('.jp-rpy-Status').textContent === 'R: busy'")
    page.locator(".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel']").click()
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-OutputArea-output')].at(-1).textContent.includes('RInterrupt')"
    )
    page.wait_for_function("document.querySelector('.jp-rpy-Status').textContent === 'R: ready (R 4.6.0)'")
    page.screenshot(path=f"{artifacts}/stopped-cell.png")
    first, second_cell, *_ = page.evaluate(CELLS)
    assert [first["execution_count"], first["outputs"][0]["execution_count"]] == [1, 1]
    assert second_cell["execution_count"] == 2

    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.evaluate(
        "jupyterapp.shell.currentWidget.context.save().then(() => jupyterapp.shell.currentWidget.close())"
    )


def test_a_cell_says_once_that_memory_runs_out(kernel: Kernel) -> None:
    assert "Browsers end a tab" not in kernel.run("1").text("stderr")
    said = kernel.run("%Roptions memory_warning=10").text("stderr")
    assert re.search(r"Python uses \d+ MB and R \d+ MB\. Browsers end a tab at about 4 GB", said)
    assert kernel.run("1").text("stderr") == ""


def settings(folder: Path, **values: object) -> dict[str, Answer]:
    """A site whose author has set these for all its users."""
    config = json.loads((folder / "jupyter-lite.json").read_text("utf-8"))
    overrides = config["jupyter-config-data"].setdefault("settingsOverrides", {})
    overrides["jupyterlite-rpy:kernel"] = values
    return {"jupyter-lite.json": Answer(body=json.dumps(config).encode())}


PROGRAM = {"static/webr/R.wasm", "static/webr/R.js", "static/webr/webr-worker.js"}
BY_ITSELF = (
    "import jupyterlite_rpy.page as own\n(own._page.starting is not None, own._page.session.runtime.ready)"
)


def test_first_use_in_the_plain_python_kernel_of_a_page_without_a_service_worker(
    site_07: Path, serve: Callable[..., Site], open_lab: Callable[..., Lab]
) -> None:
    site = serve(site_07, answers=settings(site_07, start="first use", loadInPython=True))
    # As in a private window. Playwright's way to block them leaves JupyterLite believing that there is one.
    kernel = open_lab(site, script="delete Navigator.prototype.serviceWorker").kernel("python")
    deadline = time.monotonic() + TIMEOUT
    while not set(site.requested) >= PROGRAM:  # the page fetches them when it finds the time
        assert time.monotonic() < deadline
        kernel.run("1")
    assert kernel.value("import sys\n'jupyterlite_rpy.page' in sys.modules") == "True"
    first, second = kernel.run("%%R\n1 + 1"), kernel.run("%%R\n1 + 2")
    assert (first.text(), second.text()) == ("[1] 2\n", "[1] 3\n")
    assert "no service worker" in first.text("stderr")
    assert second.text("stderr") == ""
    assert kernel.value(BY_ITSELF) == "(False, True)"


def test_the_page_fetches_the_program_once_for_its_kernels_and_says_why_it_has_none(
    site_07: Path, serve: Callable[..., Site], open_lab: Callable[..., Lab]
) -> None:
    wasm = "static/webr/R.wasm"
    site = serve(site_07, answers={wasm: Answer(404)})
    lab = open_lab(site)
    kernel = lab.kernel("python-r")
    failed = kernel.run("%%R\n1 + 1")
    assert re.search(
        r"RuntimeStartError'>.*R\.wasm answered 404.*Hint: build the site again", failed.error, re.DOTALL
    )
    site.answers = {}
    # Now the kernel fetches by itself.
    assert kernel.run("%%R\n1 + 1").text() == "[1] 2\n"
    before = site.requested.count(wasm)
    assert lab.kernel("python-r").run("%%R\n1 + 2").text() == "[1] 3\n"
    kernel.restart()
    assert kernel.run("%%R\n1 + 3").text() == "[1] 4\n"
    assert site.requested.count(wasm) - before == 1


def test_off_fetches_nothing_before_a_cell_uses_r(
    site_08: Path, serve: Callable[..., Site], open_lab: Callable[..., Lab]
) -> None:
    site = serve(site_08, answers=settings(site_08, start="off"))
    kernel = open_lab(site).kernel("python-r")
    assert kernel.run("1").status == "ok"
    assert PROGRAM & set(site.requested) == set()
    result = kernel.run("%%R\n1 + 1")
    assert (result.text(), result.text("stderr")) == ("[1] 2\n", "")
    assert kernel.value(BY_ITSELF) == "(False, True)"


def test_after_a_restart_all_begins_anew(kernel: Kernel) -> None:
    kernel.run("%%R\nkept <- 1")
    kernel.restart()
    result = kernel.run("%R exists('kept')")
    assert [c["execution_count"] for kind, c in result.outputs if kind == "execute_result"] == [1]
    assert result.reply["execution_count"] == 1
    assert "False" in str(result.value)
    assert kernel.value("len(In), In[-1]") == "(3, 'len(In), In[-1]')"
