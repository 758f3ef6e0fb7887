"""Fixtures for tests in Chromium: built sites, a server, a browser, pages, running kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from lab import FLAGS, Kernel, Lab
from needs import chromium, needs_browser
from playwright.sync_api import Browser, sync_playwright
from serve import Site

from jupyterlite_rpy.own_wheel import own_wheel

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
LABEXTENSION = ROOT / "kernels" / "lite" / "labextension"

# What the worker's global has, and the events that somebody began to listen to since.
GLOBALS = """
import js
js.eval('''{
  const real = globalThis.addEventListener;
  globalThis.listened = [];
  globalThis.addEventListener = function (type, ...rest) {
    listened.push(type);
    return real.call(this, type, ...rest);
  };
}''')
globals_before = set(js.Object.getOwnPropertyNames(js.globalThis))
"""

Serve = Callable[..., Site]
OpenLab = Callable[..., Lab]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(needs_browser)


def built(folder: Path, target: str) -> Path:
    """Return the folder of a built site, if it is there and holds this checkout's code."""
    if not (folder / "jupyter-lite.json").is_file():
        pytest.fail(f"{folder} is not built. Run: make {target}", pytrace=False)
    name, content = own_wheel()
    wheel = folder / "pypi" / name
    if not wheel.is_file() or wheel.read_bytes() != content:
        pytest.fail(f"{folder} was built from other code than this. Run: make {target}", pytrace=False)
    lab, copied = (
        path / "package.json" for path in (LABEXTENSION, folder / "extensions" / "jupyterlite-rpy")
    )
    if not lab.is_file() or not copied.is_file() or lab.read_bytes() != copied.read_bytes():
        pytest.fail(f"{folder} has another labextension than this one's. Run: make {target}", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def site_07() -> Path:
    """The demo site: JupyterLite 0.7, Pyodide 0.29 with NumPy and pandas."""
    return built(ROOT / "lite" / "_output", "site")


@pytest.fixture(scope="session")
def site_08() -> Path:
    """The same with JupyterLite 0.8 and Pyodide 314, without NumPy."""
    return built(ROOT / "lite" / "_output-0.8", "site-0.8")


# For the package, not the session: Playwright keeps an event loop running in this thread, in which the
# tests of other folders could not call asyncio.run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; pages that `Lab` opens reach this machine only."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        except Exception as error:
            pytest.fail(f"No browser: {error}\nRun: make setup", pytrace=False)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def package_stack(browser: Browser) -> Iterator[ExitStack]:
    """What is open until the last browser test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(folder, prefix="/", answers=None) -> Site`, until the end of the test."""
    with ExitStack() as stack:

        def serve(folder: Path, prefix: str = "/", answers: dict[str, Any] | None = None) -> Site:
            site = stack.enter_context(Site(folder, prefix))
            site.answers.update(answers or {})
            return site

        yield serve


@pytest.fixture
def open_lab(browser: Browser) -> Iterator[OpenLab]:
    """`open_lab(site_or_url, app="lab", script="") -> Lab`: a fresh page, until the end of the test."""
    with ExitStack() as stack:

        def open_lab(site: Site | str, app: str = "lab", script: str = "") -> Lab:
            lab = Lab(browser, site.url if isinstance(site, Site) else site, app, script)
            stack.callback(lab.close)
            return lab

        yield open_lab


@pytest.fixture(scope="package")
def lab_07(site_07: Path, browser: Browser, package_stack: ExitStack) -> Lab:
    """A page of the 0.7 site that tests share."""
    return _shared_lab(package_stack, browser, Site(site_07))


@pytest.fixture(scope="package")
def lab_08(site_08: Path, browser: Browser, package_stack: ExitStack) -> Lab:
    """A page of the 0.8 site that tests share; the site lies below a path, as on many hosts."""
    return _shared_lab(package_stack, browser, Site(site_08, prefix="/a/b/"))


def _shared_lab(stack: ExitStack, browser: Browser, site: Site) -> Lab:
    lab = Lab(browser, stack.enter_context(site).url)
    stack.callback(lab.close)
    return lab


# A kernel takes longer to start than most tests take in it, so that nearly all share these two. What the
# worker's global had is noted before anything else, for `test_boot`.
@pytest.fixture(scope="package")
def kernel_07(lab_07: Lab) -> Kernel:
    """A running kernel of the 0.7 site that tests share; its R is in a zone that changes its clocks."""
    return _shared_kernel(lab_07)


@pytest.fixture(scope="package")
def kernel_08(lab_08: Lab) -> Kernel:
    """The same on the 0.8 site, which has no NumPy and no pandas."""
    return _shared_kernel(lab_08)


# The kernel of the labextension: the same with the extension loaded and a Stop button that stops.
@pytest.fixture(scope="package")
def kernel_r_07(lab_07: Lab) -> Kernel:
    """A running kernel "Python + R" of the 0.7 site that tests share."""
    return lab_07.kernel("python-r")


@pytest.fixture(scope="package")
def kernel_r_08(lab_08: Lab) -> Kernel:
    """The same on the 0.8 site."""
    return lab_08.kernel("python-r")


def _shared_kernel(lab: Lab) -> Kernel:
    kernel = lab.kernel()
    assert lab.outside() == []  # now: later, tests may have asked others on purpose
    zone = "from jupyterlite_rpy import get_session\nget_session().settings.timezone = 'Europe/Zurich'"
    for code in (GLOBALS, zone):
        assert kernel.run(code).error == ""
    return kernel


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where tests leave screenshots."""
    folder = Path(os.environ.get("RPY_ARTIFACTS", ROOT / "tests" / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
