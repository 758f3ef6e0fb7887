from __future__ import annotations

import json
from pathlib import Path

import pytest
from needs import needs_node

from jupyterlite_rpy import bytecode
from jupyterlite_rpy.bytecode import BytecodeError, compile_wheels
from jupyterlite_rpy.errors import RuntimeStartError
from jupyterlite_rpy.kernel_lock import PYODIDE, libraries, with_bytecode


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A site's wheel of this package, in a site whose Pyodide is incomplete."""
    (tmp_path / PYODIDE).mkdir(parents=True)
    path = tmp_path / "own.whl"
    path.write_bytes(b"")
    return path


@needs_node
def test_a_pyodide_that_node_cannot_run_is_told_and_leaves_nothing(own: Path) -> None:
    with pytest.raises(BytecodeError, match=r"Node\.js could not run this Pyodide:\n.*Error.*"):
        compile_wheels(own.parent, "{}", own, [], {})
    assert [*(own.parent / PYODIDE).iterdir()] == [*own.parent.rglob("*.whl")][1:] == []


def test_where_there_is_no_node_it_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeStartError("no Node.js")

    monkeypatch.setattr(bytecode, "find_node", none)
    with pytest.raises(BytecodeError, match=r"there is no recent Node\.js"):
        compile_wheels(own.parent, "{}", own, [], {})


def test_kernels_start_with_it_from_the_site_itself(own: Path) -> None:
    wheel = own.parent / "static/jupyterlite-rpy-bytecode/0/it.whl"
    wheel.parent.mkdir(parents=True)
    wheel.write_bytes(b"wheel")
    wheels = {"jupyterlite-rpy-bytecode": wheel}
    lock, names = with_bytecode(own.parent, json.dumps({"packages": {}}), ["micropip"], wheels, {})
    assert names == ["micropip", "jupyterlite-rpy-bytecode"]
    entry = json.loads(lock)["packages"]["jupyterlite-rpy-bytecode"]
    assert (own.parent / PYODIDE / entry["file_name"]).resolve() == wheel.resolve()


def test_a_library_that_the_site_has_whole_brings_its_own(own: Path) -> None:
    site = own.parent
    (site / PYODIDE / "numpy.whl").touch()
    (site / PYODIDE / "pandas.whl").touch()
    packages = {
        "numpy": {"file_name": "numpy.whl", "depends": []},
        "pandas": {"file_name": "pandas.whl", "depends": ["numpy", "pytz"]},
        "pytz": {"file_name": "pytz.whl", "depends": []},
    }
    lock = json.dumps({"packages": packages})
    assert libraries(site, lock) == {"jupyterlite-rpy-bytecode-numpy": "numpy"}  # pytz is elsewhere
    (site / PYODIDE / "pytz.whl").touch()
    of = libraries(site, lock)
    assert [*of.values()] == ["numpy", "pandas"]
    lock, names = with_bytecode(site, lock, ["micropip"], dict.fromkeys(of, own), of)
    assert names == ["micropip"]
    depends = {name: entry["depends"] for name, entry in json.loads(lock)["packages"].items()}
    assert depends["numpy"] == ["jupyterlite-rpy-bytecode-numpy"]
    assert depends["pandas"] == ["numpy", "pytz", "jupyterlite-rpy-bytecode-pandas"]
