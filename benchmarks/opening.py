"""A built site in, rows out: what a user waits for who opens a page, with the bridge and without."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import unattended
from browser import AS_USERS
from lab import Lab
from needs import chromium
from playwright.sync_api import Browser, sync_playwright
from row import Row
from serve import Site

EXTENSION = "jupyterlite-rpy"
# When the page has put itself together, told to the moment.
NOTE = """
Object.defineProperty(window, "jupyterapp", {
  configurable: true,
  set(app) {
    Object.defineProperty(window, "jupyterapp", { value: app, writable: true });
    app.restored.then(() => (window.restoredAt = performance.now()));
  },
});
"""
CELLS = {
    "plain": ("python", "1 + 1"),
    "beside": ("python-r", "1 + 1"),
    "rpy": ("python-r", "%%R\n1 + 1"),
}
"""Kernel and first cell."""


def measure(site: Path, starts: int = 5) -> list[Row]:
    """Measure in Chromium; `starts`: fresh pages of each."""
    size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in _files(site))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=AS_USERS)
        return [
            Row("Chromium", "labextension", {"rpy": [size / 1000]}, "kB"),
            _openings(browser, site, 2 * starts),
            _first_values(site, starts),
        ]


def _files(site: Path) -> list[Path]:
    """What a page may load of the labextension."""
    return [file for file in (site / "extensions" / EXTENSION / "static").rglob("*") if file.is_file()]


def _openings(browser: Browser, site: Path, times: int) -> Row:
    """From the navigation to `jupyterapp.restored`, with the labextension and without it."""
    samples: dict[str, list[float]] = {"rpy": [], "without": []}
    with ExitStack() as stack:
        labs: dict[str, Lab] = {}
        for name, folder in {"rpy": site, "without": stack.enter_context(_without(site))}.items():
            labs[name] = Lab(browser, stack.enter_context(Site(folder)).url, script=NOTE)
            stack.callback(labs[name].close)
        for turn in range(times + 1):
            for name, lab in labs.items() if turn % 2 else reversed(labs.items()):
                page = lab.context.new_page()
                page.goto(f"{lab.url}lab/index.html")
                page.wait_for_function("window.restoredAt")
                loaded = page.evaluate(f"jupyterapp.hasPlugin('{EXTENSION}:plugin')")
                assert loaded is (name == "rpy")
                if turn > 0:
                    samples[name].append(page.evaluate("restoredAt"))
                page.close()
    return Row("Chromium", "opening", samples)


def _first_values(site: Path, starts: int) -> Row:
    """From the request for a kernel to its first value, each in a fresh page; the cache is full."""
    samples: dict[str, list[float]] = {name: [] for name in CELLS}
    with unattended.pages(site) as run:
        for turn in range(starts + 1):
            for label, cell in CELLS.items():
                found = run("first", *cell)["first"]
                if turn > 0:
                    samples[label].append(found)
    return Row("Chromium", "first value", samples)


@contextmanager
def _without(site: Path) -> Iterator[Path]:
    """The site without the labextension."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for entry in site.iterdir():
            if entry.name != "jupyter-lite.json":
                (folder / entry.name).symlink_to(entry.resolve())
        settings: dict[str, Any] = json.loads((site / "jupyter-lite.json").read_text("utf-8"))
        data = settings["jupyter-config-data"]
        data["federated_extensions"] = [
            one for one in data["federated_extensions"] if one["name"] != EXTENSION
        ]
        (folder / "jupyter-lite.json").write_text(json.dumps(settings))
        yield folder
