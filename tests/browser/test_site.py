"""The built sites as a browser sees them: kernels start, and ask no other host for anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lab import Kernel, Lab


@pytest.fixture(params=["07", "08"])
def lab(request: pytest.FixtureRequest) -> Lab:
    return request.getfixturevalue(f"lab_{request.param}")


@pytest.fixture
def kernel(request: pytest.FixtureRequest, lab: Lab) -> Kernel:
    return request.getfixturevalue(f"kernel_{request.node.callspec.params['lab']}")


def test_a_python_cell_runs(kernel: Kernel) -> None:
    result = kernel.run("print('hello')\n1 + 1")
    assert (result.status, result.text(), result.value) == ("ok", "hello\n", "2")


def test_the_kernel_is_told_where_webr_is(kernel: Kernel, lab: Lab) -> None:
    found = kernel.value("import js\nfrom jupyterlite_rpy.assets import webr_url\nwebr_url(js.location.href)")
    assert found == f"'{lab.url}static/webr/'"


def test_a_kernel_asks_no_other_host(kernel: Kernel, lab: Lab) -> None:
    lab.forget()  # what other tests asked for; the kernel's start was looked at when it had started
    kernel.run("1")
    assert lab.outside() == []


def test_what_a_cell_loads_from_elsewhere_is_noticed(kernel: Kernel, lab: Lab) -> None:
    kernel.run("from pyodide.http import pyfetch\nawait pyfetch('https://example.org/')")
    assert any("example.org" in address for address in lab.outside())
    lab.forget()


def test_numpy_and_pandas_are_on_the_site(kernel_07: Kernel, lab_07: Lab) -> None:
    assert (
        kernel_07.value("import numpy, pandas\npandas.DataFrame({'x': numpy.arange(3)}).x.sum()")
        == "np.int64(3)"
    )
    assert lab_07.outside() == []


COMPILED = """
import importlib.util, os, sys
begins = {begins}
found = [m for name, m in sys.modules.items() if name.split(".")[0] in begins]
found = [m for m in found if (getattr(m, "__file__", None) or "").endswith(".py")]
def compiled(module):
    with open(module.__cached__, "rb") as file:
        head = file.read(16)
    with open(module.__file__, "rb") as file:
        source = importlib.util.source_hash(file.read())
    return head == importlib.util.MAGIC_NUMBER + bytes([3, 0, 0, 0]) + source
(len(found) > {least}, [m.__name__ for m in found if not (os.path.exists(m.__cached__) and compiled(m))])
"""


def test_what_a_kernel_imports_was_compiled_with_the_site(kernel: Kernel) -> None:
    begins = ("IPython", "jedi", "prompt_toolkit", "traitlets", "micropip", "jupyterlite_rpy")
    compiled = COMPILED.format(begins=begins, least=250)
    assert kernel.value("%load_ext jupyterlite_rpy\n" + compiled) == "(True, [])"


def test_the_standard_library_is_bytecode_that_has_its_sources(kernel: Kernel) -> None:
    look = "import inspect, json, sys\n"
    compiled = (
        "[m.__name__ for m in (json, inspect, sys.modules['asyncio.events']) if m.__file__[-4:] != '.pyc']"
    )
    sources = "'def loads' in inspect.getsource(json), inspect.getsource(json.dumps).splitlines()[0][:10]"
    assert kernel.value(look + f"({compiled}, {sources})") == "([], True, 'def dumps(')"


def test_what_numpy_and_pandas_import_was_compiled_with_the_site(lab_07: Lab) -> None:
    compiled = COMPILED.format(begins=("numpy", "pandas", "dateutil", "pytz"), least=300)
    kernel = lab_07.kernel()  # of its own: what other tests import besides is compiled when it is imported
    assert kernel.value("import pandas\n" + compiled) == "(True, [])"
    kernel.shutdown()


def test_time_zones_are_on_the_site(kernel: Kernel, lab: Lab) -> None:
    load = "import pyodide_js\nawait pyodide_js.loadPackage('tzdata')\n"
    assert (
        kernel.value(load + "from zoneinfo import ZoneInfo\nZoneInfo('Europe/Berlin').key")
        == "'Europe/Berlin'"
    )
    assert lab.outside() == []


def test_the_package_is_there_without_installing(kernel: Kernel) -> None:
    assert (
        kernel.value("import importlib.metadata\nimportlib.metadata.version('jupyterlite-rpy')") == "'0.1.0'"
    )


def test_pip_finds_the_package_on_the_site(kernel: Kernel, lab: Lab) -> None:
    assert kernel.run("%pip install jupyterlite-rpy").status == "ok"
    assert lab.outside() == []


def test_the_lock_file_points_to_the_cdn_for_what_the_site_lacks(site_07: Path, site_08: Path) -> None:
    for site in (site_07, site_08):
        lock = json.loads((site / "static/pyodide/pyodide-lock.json").read_text())
        for package in lock["packages"].values():
            local = (site / "static/pyodide" / package["file_name"]).is_file()
            assert local or package["file_name"].startswith("https://cdn.jsdelivr.net/pyodide/v")
