"""A built site in, rows out: one run of Chromium, in which the bridge and webR's public API take turns."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab import FLAGS, Kernel, Lab
from needs import chromium
from playwright.sync_api import sync_playwright
from row import Row
from serve import Site

from jupyterlite_rpy.assets import WEBR_VERSION
from jupyterlite_rpy.webr_files import npm_pack

# Tests keep WebAssembly as V8's quick compiler made it; users have what its slow one makes of it, too.
AS_USERS = [flag for flag in FLAGS if not flag.startswith("--js-flags")]
HERE = Path(__file__).parent
ROOT = HERE.parent
INSIDE = HERE / "inside"
PLOT = "%%R\nplot(mtcars$wt, mtcars$mpg); abline(lm(mpg ~ wt, mtcars))"

# name, samples, loops in a sample
CROSSINGS = [
    ("scalar", 7, 200),
    ("small", 7, 50),
    ("doubles", 5, 1),
    ("strings", 5, 1),
    ("frame", 3, 1),
    ("wide", 3, 1),
]


def measure(site: Path, starts: int = 5) -> tuple[list[Row], str]:
    """Measure the bridge: its start, and what crosses it.

    Parameters
    ----------
    site
        Folder of the demo site with NumPy and pandas.
    starts
        Fresh kernels for what happens once in a kernel.

    Returns
    -------
    rows, version
        The browser's version.
    """
    with _page(site) as (lab, version):
        return [*_starts(lab, starts), *_steady(lab), *_memory(lab)], version


@contextmanager
def bench_site(site: Path) -> Iterator[Path]:
    """The site with what is measured and measures in it, in its folder bench."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for entry in site.iterdir():
            (folder / entry.name).symlink_to(entry.resolve())
        (folder / "bench").mkdir()
        (folder / "bench" / "webr.js").write_bytes(_webr_library())
        for module in INSIDE.glob("*.mjs"):
            (folder / "bench" / module.name).write_bytes(module.read_bytes())
        yield folder


@contextmanager
def _page(site: Path) -> Iterator[tuple[Lab, str]]:
    """A page of the site, beside which webR's own library is served: sites have no use for it."""
    with bench_site(site) as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=AS_USERS)
        with Site(folder) as served:
            lab = Lab(browser, served.url)
            yield lab, browser.version
            lab.close()
            browser.close()


def _webr_library() -> bytes:
    """webR's public API for pages, which is in its npm package and not among the files of a site."""
    tarball = ROOT / ".cache" / f"webr-{WEBR_VERSION}.tgz"
    if not tarball.is_file():
        npm_pack(tarball)
    with tarfile.open(tarball) as archive:
        file = archive.extractfile("package/dist/webr.js")
        assert file is not None
        return file.read()


def cells_before() -> list[str]:
    """Cells after which a kernel has NumPy, pandas and the extension loaded, and can measure."""
    files = {path.name: path.read_text("utf-8") for path in INSIDE.glob("*.py")}
    return [
        "import pyodide_js\nawait pyodide_js.loadPackage(['numpy', 'pandas'])\nimport numpy, pandas",
        "import pathlib, sys\n"
        "pathlib.Path('/bench').mkdir()\n"
        f"for name, text in {files!r}.items(): pathlib.Path('/bench', name).write_text(text)\n"
        "sys.path.insert(0, '/bench')\n"
        "import kernel",
        # Last: from here on a cell in which the package is named starts R.
        "%load_ext jupyterlite_rpy",
    ]


def _kernel(lab: Lab) -> Kernel:
    """A kernel with NumPy, pandas and the extension loaded, and R not started."""
    kernel = lab.kernel()
    for cell in cells_before():
        _told(kernel, cell)
    return kernel


def _told(kernel: Kernel, code: str) -> Any:
    """Run a cell that must succeed; what it printed as JSON."""
    result = kernel.run(code, timeout=600)
    if result.status != "ok":
        raise RuntimeError(f"{code}\n{result.error}\n{result.outputs}")
    printed = result.text().strip()
    return json.loads(printed) if printed.startswith("{") else None


def _seconds(kernel: Kernel, code: str) -> float:
    result = kernel.run(code)
    assert result.status == "ok", result.error
    return 1000 * result.seconds


def _starts(lab: Lab, count: int) -> Iterator[Row]:
    """What happens once in a kernel. A first kernel fills the browser's cache and does not count."""
    start: dict[str, list[float]] = {"rpy": [], "webR": []}
    first: list[float] = []
    later: list[float] = []
    for turn in range(count + 1):
        kernel = _kernel(lab)
        found = _told(kernel, f"await kernel.start({['rpy', 'webR'][turn % 2]!r})")
        _told(kernel, "await kernel.background_work()")
        plots = [_seconds(kernel, PLOT) for _ in range(3)]
        kernel.shutdown()
        if turn > 0:
            for name, samples in found.items():
                start[name] += samples
            first.append(plots[0])
            later += plots[1:]
    yield Row("Chromium", "start", start)
    yield Row("Chromium", "first plot", {"rpy": first})
    yield Row("Chromium", "later plot", {"rpy": later})


def _steady(lab: Lab) -> Iterator[Row]:
    """What can be repeated in one kernel."""
    kernel = _kernel(lab)
    _told(kernel, "%%R\n1 + 1")
    cells: dict[str, list[float]] = {"rpy": [], "Python": []}
    for _ in range(30):
        cells["rpy"].append(_seconds(kernel, "%%R\n1 + 1"))
        cells["Python"].append(_seconds(kernel, "1 + 1"))
    yield Row("Chromium", "cell", cells)
    yield Row("Chromium", "one plus one", _told(kernel, "await kernel.one_plus_one(9, 200)"))
    for name, samples in _told(kernel, "await kernel.calls(7)").items():
        yield Row("Chromium", name, {"rpy": samples})
    for name, times, loops in CROSSINGS:
        found = _told(kernel, f"await kernel.crossing({name!r}, {times}, {loops})")
        for way, samples in found.items():
            yield Row("Chromium", f"{name} {way}", samples)
    kernel.shutdown()


def _memory(lab: Lab) -> Iterator[Row]:
    for way in ("to R", "to Python"):
        kernel = _kernel(lab)
        _told(kernel, "%%R\n1 + 1")
        yield Row("Chromium", f"memory {way}", _told(kernel, f"kernel.memory({way!r}, 50_000_000)"), "x")
        kernel.shutdown()
