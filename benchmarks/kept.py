"""A built site in, rows out: what many and large files cost, on the site and kept in the browser."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from browser import AS_USERS
from lab import Kernel, Lab
from needs import chromium
from playwright.sync_api import BrowserContext, BrowserType, sync_playwright
from row import Row
from serve import Site

ROOT = Path(__file__).parent.parent
MANY = 5_000
LARGE = 200_000_000
WRITE = f"""
import os
os.makedirs('/persist/many')
for i in range({MANY}):
    open(f'/persist/many/{{i}}.csv', 'w').write(f'a,b\\n{{i}},1\\n')
with open('/persist/large.bin', 'wb') as file:
    for _ in range({LARGE} // 1_000_000):
        file.write(os.urandom(1_000_000))
"""
FILL = """
import os, time
from jupyterlite_rpy import files
await files.persist('/kept')
for i in range(50):
    open(f'/kept/{i}', 'wb').write(os.urandom(10_000_000))
    await files.save()
"""
SAVE = """
import json, time
samples = []
for i in range(21):
    open('/kept/small.txt', 'w').write(f'{i}')
    begin = time.perf_counter()
    await files.save()
    samples.append(1000 * (time.perf_counter() - begin))
print(json.dumps(samples[1:]))
"""
NEW = """path => jupyterapp.serviceManager.contents.newUntitled({ path, type: "notebook" })
  .then(({ path }) => path)"""


class _Profile:
    """A browser that stores on the disk, as a user's does; the windows of tests store in memory."""

    def __init__(self, kind: BrowserType, folder: str) -> None:
        self._kind, self._folder = kind, folder

    def new_context(self, **options: Any) -> BrowserContext:
        return self._kind.launch_persistent_context(
            self._folder, executable_path=chromium(), args=AS_USERS, **options
        )


def measure(site: Path, starts: int = 3) -> list[Row]:
    """Measure in Chromium; `starts`: kernels for each contender."""
    with sync_playwright() as playwright, ExitStack() as stack:

        def page(folder: Path) -> Lab:
            profile = _Profile(playwright.chromium, stack.enter_context(tempfile.TemporaryDirectory()))
            lab = Lab(profile, stack.enter_context(Site(folder)).url)  # type: ignore[arg-type]
            stack.callback(lab.close)
            return lab

        empty, full = page(site), page(stack.enter_context(_with_files(site)))
        rows = [_starts("start, site", {"empty": (empty, ""), "rpy": (full, "many")}, starts)]
        full.close()
        filled = page(site)
        kernel = Kernel(filled.page, "python-r", filled.page.evaluate(NEW, "Kept:"))
        assert (done := kernel.run(WRITE, timeout=300)).error == "", done.outputs
        kernel.shutdown()
        rows.append(_starts("start, kept", {"empty": (empty, "Kept:"), "rpy": (filled, "Kept:many")}, starts))
        filled.close()
        kernel = empty.kernel()
        assert (done := kernel.run(FILL, timeout=300)).error == "", done.outputs
        return [*rows, Row("Chromium", "kept save", {"rpy": json.loads(kernel.run(SAVE).text())})]


def tree() -> list[Row]:
    """R's reading of files by the one tree, and from its own memory, in Node (files.mjs)."""
    command = ["node", "--stack-size=1968", str(ROOT / "benchmarks" / "files.mjs"), "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [Row("Node", name, samples) for name, samples in found.items()]


def _starts(name: str, contenders: dict[str, tuple[Lab, str]], starts: int) -> Row:
    """From the request for a notebook's kernel to the end of its first cell; the first does not count."""
    samples: dict[str, list[float]] = {contender: [] for contender in contenders}
    for turn in range(starts + 1):
        for contender, (lab, folder) in contenders.items():
            notebook = lab.page.evaluate(NEW, folder)
            begin = perf_counter()
            kernel = Kernel(lab.page, "python-r", notebook)
            assert kernel.run("1 + 1").value == "2"
            if turn > 0:
                samples[contender].append(1000 * (perf_counter() - begin))
            kernel.shutdown()
            lab.page.evaluate("jupyterapp.shell.currentWidget.dispose()")
    return Row("Chromium", name, samples)


@contextmanager
def _with_files(site: Path) -> Iterator[Path]:
    """The site with many files and a large one among its contents."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for entry in site.iterdir():
            if entry.name not in ("api", "files"):
                (folder / entry.name).symlink_to(entry.resolve())
        contents, files = folder / "api" / "contents", folder / "files"
        (contents / "many").mkdir(parents=True)
        (files / "many").mkdir(parents=True)
        for i in range(MANY):
            (files / "many" / f"{i}.csv").write_text(f"a,b\n{i},1\n")
        with (files / "large.bin").open("wb") as file:
            file.truncate(LARGE)
        some = _model("", "directory") | {"content": [_model("many", "directory"), _model("large.bin")]}
        many = _model("many", "directory") | {"content": [_model(f"many/{i}.csv") for i in range(MANY)]}
        (contents / "all.json").write_text(json.dumps(some))
        (contents / "many" / "all.json").write_text(json.dumps(many))
        yield folder


def _model(path: str, kind: str = "file") -> dict[str, object]:
    time = "2026-01-01T00:00:00Z"
    rest = {"content": None, "format": None, "mimetype": None, "size": None, "writable": True}
    return {"name": path.rpartition("/")[2], "path": path, "type": kind, "created": time} | rest | {
        "last_modified": time
    }  # fmt: skip
