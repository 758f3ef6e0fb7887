from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from needs import needs_node

from jupyterlite_rpy import bytecode
from jupyterlite_rpy.bytecode import STANDARD_LIBRARY, BytecodeError, compile_bytecode
from jupyterlite_rpy.errors import RuntimeStartError
from jupyterlite_rpy.kernel_lock import BYTECODE_FOLDER, PYODIDE, libraries, with_bytecode


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A site's wheel of this package, in a site whose Pyodide is incomplete."""
    (tmp_path / PYODIDE).mkdir(parents=True)
    (tmp_path / PYODIDE / STANDARD_LIBRARY).write_bytes(b"")
    path = tmp_path / "own.whl"
    path.write_bytes(b"")
    return path


@needs_node
def test_a_pyodide_that_node_cannot_run_is_told_and_leaves_nothing(own: Path) -> None:
    with pytest.raises(BytecodeError, match=r"Node\.js could not run this Pyodide:\n.*Error.*"):
        compile_bytecode(own.parent, "{}", own, [], {})
    assert [path.name for path in (own.parent / PYODIDE).iterdir()] == [STANDARD_LIBRARY]
    assert [*(own.parent / BYTECODE_FOLDER).rglob("*.*")] == []


def test_a_pyodide_without_its_library_is_told(own: Path) -> None:
    (own.parent / PYODIDE / STANDARD_LIBRARY).unlink()
    with pytest.raises(BytecodeError, match=rf"{STANDARD_LIBRARY} is missing"):
        compile_bytecode(own.parent, "{}", own, [], {})


def test_where_there_is_no_node_it_is_told(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeStartError("no Node.js")

    monkeypatch.setattr(bytecode, "find_node", none)
    with pytest.raises(BytecodeError, match=r"there is no recent Node\.js"):
        compile_bytecode(own.parent, "{}", own, [], {})


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


def test_the_standard_library_keeps_its_sources_and_has_bytecode_of_what_was_imported(tmp_path: Path) -> None:
    """A Python that begins with the archive made here imports from it what an earlier one imported."""
    plain = tmp_path / "python.zip"
    with ZipFile(plain, "w") as archive:
        archive.writestr("used.py", "def answer():\n    return 42\n")
        archive.writestr("other.py", "")
    made = tmp_path / "made" / "python.zip"
    made.parent.mkdir()
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import used
exec(open(sys.argv[2]).read())
data = compile_standard_library(open(sys.argv[1], "rb").read(), open(sys.argv[3]).read())
open(sys.argv[4], "wb").write(data)
"""
    package = Path(bytecode.__file__).parent
    _python(program, plain, package / "compile_modules.py", package / "sitecustomize.py", made)
    with ZipFile(made) as archive:
        names = ["other.py", "sitecustomize.py", "sitecustomize.pyc", "used.py", "used.pyc"]
        assert sorted(archive.namelist()) == names
    made.replace(plain)  # where the bytecode says that it is
    told = """
import inspect, sys
sys.path.insert(0, sys.argv[1])
import used
assert used.answer() == 42 and used.__cached__ == used.__file__ == sys.argv[1] + "/used.pyc"
assert "return 42" in inspect.getsource(used.answer)
"""
    _python(told, plain)


def test_imports_of_a_kernel_look_into_no_folder_of_the_user(tmp_path: Path) -> None:
    """What IPython would import of the notebook's folder is not taken; other programs keep their path."""
    told = """
import sys
from pathlib import Path
sys.path.insert(0, "")
exec(Path(sys.argv[1]).read_text())
import json.tool
assert sys.path[0] == ""
try:
    import piplite.piplite
except ModuleNotFoundError:
    pass
assert "" not in sys.path and sys.path
assert _Beginning not in sys.meta_path
"""
    _python(told, Path(bytecode.__file__).parent / "sitecustomize.py", cwd=tmp_path)


def _python(program: str, *arguments: Path, cwd: Path | None = None) -> None:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stderr
