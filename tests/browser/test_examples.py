"""The example notebooks in Chromium, one of them as a user runs it: their outputs are the golden ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import golden_outputs
import nbformat
import pytest
from lab import Kernel, Lab
from serve import Site

Serve = Callable[..., Site]
OpenLab = Callable[..., Lab]

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.ipynb"))
FAIL_ON_PURPOSE = {"errors-and-messages"}


def _needs_pandas(name: str) -> bool:
    text = (ROOT / "examples" / f"{name}.ipynb").read_text("utf-8")
    return re.search(r"\b(?:import|from) (?:numpy|pandas)\b|rpy2", text) is not None


# NumPy and pandas for Pyodide 314 are on Pyodide's CDN only, which cannot be reached from here.
ON_08 = [name for name in EXAMPLES if not _needs_pandas(name)]


@pytest.fixture
def update(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("update_golden"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_stored_without_outputs(name: str) -> None:
    notebook = nbformat.read(ROOT / "examples" / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.metadata.kernelspec.name, notebook.metadata.kernelspec.display_name) == (
        "python-r",
        "Python + R",
    )
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
    fails = any("raises-exception" in cell.metadata.get("tags", ()) for cell in cells)
    assert fails == (name in FAIL_ON_PURPOSE)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_its_outputs(name: str, kernel_07: Kernel, lab_07: Lab, update: bool) -> None:
    golden_outputs.check(name, run(name, kernel_07), update=update)
    assert lab_07.outside() == []


@pytest.mark.parametrize("name", ON_08)
def test_an_example_gives_its_outputs_in_jupyterlite_08(
    name: str, kernel_08: Kernel, lab_08: Lab, update: bool
) -> None:
    golden_outputs.check(name, run(name, kernel_08), numpy=False, update=update)
    assert {host(address) for address in lab_08.outside()} <= {"cdn.jsdelivr.net"}


def run(name: str, kernel: Kernel) -> list[dict[str, Any]]:
    """The notebook's cells after they ran in a kernel with nothing of other tests."""
    kernel.clear()
    notebook = nbformat.read(ROOT / "examples" / f"{name}.ipynb", as_version=4)
    return golden_outputs.without_loading(kernel.run_notebook(notebook.cells))


def test_first_steps_with_the_mouse(
    site_07: Path, serve: Serve, open_lab: OpenLab, artifacts: Path, pytestconfig: pytest.Config
) -> None:
    lab = open_lab(serve(site_07, prefix="/a/b/"))
    page = lab.page
    page.get_by_role("region", name="File Browser Section").get_by_text("first-steps.ipynb").dblclick()
    # Without a kernel, Run All does nothing: JupyterLab's own, and no hand is as quick as this.
    page.wait_for_function("jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    cells = open_notebook(lab, wait=True)
    golden_outputs.check("first-steps", cells)
    assert lab.outside() == []
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    page.set_viewport_size({"width": 1000, "height": 1080})
    page.locator("p", has_text="How much fuel").evaluate("e => e.scrollIntoView()")
    picture = page.locator(".jp-RenderedImage img").first
    picture.wait_for()
    assert picture.evaluate("image => [image.naturalWidth, image.width, image.height]") == [960, 480, 480]
    path = artifacts / "first-steps-page.png"
    if pytestconfig.getoption("update_images"):
        path = ROOT / "docs" / "images" / "first-steps.png"
    page.screenshot(path=path)


def open_notebook(lab: Lab, *, wait: bool) -> list[dict[str, Any]]:
    """The cells of the notebook that is shown, once its last code cell has run."""
    if wait:
        lab.page.wait_for_function(
            """() => {
              const cells = jupyterapp.shell.currentWidget.content.model.sharedModel.cells;
              const code = cells.filter(cell => cell.cell_type === "code");
              return code.at(-1).execution_count !== null;
            }"""
        )
    script = "jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => cell.toJSON())"
    return list(lab.page.evaluate(script))


def host(address: str) -> str:
    return (urlsplit(address).netloc or address).split(":")[0]
