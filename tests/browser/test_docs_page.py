"""A page of the built documentation: its examples run in it, by the JupyterLite site beside the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lab import TIMEOUT
from playwright.sync_api import Browser
from serve import Site

Serve = Callable[..., Site]

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def docs(site_07: Path) -> Path:
    """The built documentation, if it holds the demo site as it is now."""
    folder = ROOT / ".cache" / "docs"
    ours, beside = (path / "jupyter-lite.json" for path in (site_07, folder / "lite"))
    if not beside.is_file() or ours.read_bytes() != beside.read_bytes():
        pytest.fail(
            "The documentation was built beside another site than this one. Run: make docs", pytrace=False
        )
    return folder


def test_an_example_of_a_page_runs_in_it_with_those_above(
    docs: Path, serve: Serve, browser: Browser, artifacts: Path
) -> None:
    site = serve(docs, prefix="/a/b/")
    context = browser.new_context(viewport={"width": 1100, "height": 1200})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.set_default_timeout(1000 * TIMEOUT)
    page.goto(f"{site.url}tutorial/")
    blocks = page.locator(".highlight.live")
    second = blocks.nth(1)
    second.locator("code").fill(
        "%%R\nfit <- lm(dist ~ speed, cars)\nround(coef(fit), 3)  # changed by a reader\n"
    )
    second.get_by_role("button", name="Run").click()
    outputs = page.locator(".live-output")
    outputs.nth(1).get_by_text("-17.579").wait_for()
    assert "42.98" in outputs.nth(0).inner_text()
    plot = outputs.nth(0).locator("img")
    assert plot.evaluate("image => [image.naturalWidth, image.width]") == [960, 480]
    assert blocks.nth(2).get_by_role("button", name="Run", exact=True).count() == 1  # has not run
    # What R says when something is wrong, and a value of Python's.
    third = blocks.nth(2)
    third.locator("code").fill("%R log('a')")
    third.get_by_role("button", name="Run").click()
    outputs.nth(2).get_by_text("RError: Error in log", exact=False).first.wait_for()
    page.screenshot(path=artifacts / "docs-page.png")
    hosts = {urlsplit(address).netloc for address in asked if address.startswith("http")}
    assert hosts == {urlsplit(site.url).netloc}
    context.close()
