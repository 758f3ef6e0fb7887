"""A site that was visited once, without a network, in a browser that was ended in between."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from lab import FLAGS, TIMEOUT, Kernel
from needs import chromium
from playwright.sync_api import Browser, BrowserContext, Page
from serve import Site

from jupyterlite_rpy.offline import write_offline

CELL = "%%R\nplot(1:3)\ncat(sum(1:10))"
# Whether all that is kept at once is there; Playwright's own waiting does not wait for promises.
FILLED = """async seconds => {
  const until = Date.now() + 1000 * seconds;
  while (Date.now() < until) {
    for (const name of await caches.keys())
      if (await (await caches.open(name)).match("/a/b/static/jupyterlite-rpy/kept")) return true;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return false;
}"""
RUN = """async path => {
  const notebook = await jupyterapp.commands.execute("docmanager:open", { path });
  await notebook.context.ready;
  await notebook.sessionContext.ready;
  await jupyterapp.commands.execute("notebook:run-all-cells");
  return notebook.content.model.sharedModel.cells.map(cell => cell.toJSON());
}"""


@pytest.fixture
def site(site_07: Path, tmp_path: Path) -> Path:
    """The demo site with JupyterLite's setting for it turned on."""
    folder = tmp_path / "site"
    shutil.copytree(site_07, folder)
    config = folder / "jupyter-lite.json"
    settings = json.loads(config.read_text())
    settings["jupyter-config-data"]["enableServiceWorkerCache"] = True
    config.write_text(json.dumps(settings))
    write_offline(folder)
    return folder


def test_a_site_opens_and_runs_r_without_a_network_after_the_first_visit(
    site: Path, browser: Browser, tmp_path: Path, artifacts: Path
) -> None:
    # Playwright runs once in a thread, and the fixture has it running.
    chrome = browser.browser_type

    def visit(address: str) -> tuple[BrowserContext, Page]:
        context = chrome.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium(), args=FLAGS
        )
        page = context.pages[0]
        page.set_default_timeout(1000 * TIMEOUT)
        page.goto(address)
        page.wait_for_function("window.jupyterapp")
        page.evaluate("jupyterapp.restored.then(() => true)")
        return context, page

    with Site(site, prefix="/a/b/") as served:
        url = served.url
        context, page = visit(f"{url}lab/index.html")
        first = Kernel(page, "python-r").run(CELL)
        assert (first.error, first.text()) == ("", "55")
        assert page.evaluate(FILLED, TIMEOUT)
        context.close()
        asked = len(served.requested)
    context, page = visit(f"{url}lab/index.html")
    cells = page.evaluate(RUN, "first-steps.ipynb")  # which nobody has opened
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    page.screenshot(path=artifacts / "offline.png")
    assert [o for o in outputs if o["output_type"] == "error"] == []
    assert any("image/png" in o.get("data", {}) for o in outputs)
    assert len(served.requested) == asked
    context.close()
