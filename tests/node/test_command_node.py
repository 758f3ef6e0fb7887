"""`jupyter rpy new` and `jupyter rpy doctor`: from nothing to a site, and what the doctor sees in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from needs import needs_node
from serve import Answer, Site

from jupyterlite_rpy.assets import webr_folder
from jupyterlite_rpy.command import main

pytestmark = needs_node

PACKED = "static/webr/vfs/usr/lib/R/library/grDevices/libs.data.gz"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "statistics"
    assert main(["new", str(folder), "--title", "Statistics 1"]) == 0
    return folder


@pytest.fixture(scope="module")
def site(sources: Path) -> Path:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    # One small application is a site, and unpacking the others takes most of a build's time.
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--apps=repl", f"--webr={webr_folder()}"]
    done = subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return sources / "_output"


def doctor(capsys: pytest.CaptureFixture[str], place: object) -> tuple[int, str]:
    status = main(["doctor", str(place)])
    return status, capsys.readouterr().out


def test_a_skeleton_has_two_notebooks_data_a_package_and_a_workflow(sources: Path) -> None:
    names = {path.relative_to(sources).as_posix() for path in sources.rglob("*") if path.is_file()}
    assert {
        "contents/first-steps.ipynb",
        "contents/exercise.ipynb",
        "contents/plants.csv",
        "course/DESCRIPTION",
        ".github/workflows/publish.yml",
    } <= names
    for path in sources.glob("contents/*.ipynb"):
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert re.match(r"# \w", notebook.cells[0].source)  # a heading
    assert json.loads((sources / "jupyter-lite.json").read_text())["jupyter-config-data"]["appName"] == (
        "Statistics 1"
    )


@pytest.mark.parametrize("labextension", [True, False])
def test_the_notebooks_have_the_kernel_that_the_site_will_have(
    labextension: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    installed = tmp_path / "share/jupyter/labextensions/jupyterlite-rpy/package.json"
    if labextension:
        installed.parent.mkdir(parents=True)
        installed.write_text("{}")
    assert main(["new", str(tmp_path / "course")]) == 0
    kernels = {
        nbformat.read(path, as_version=4).metadata.kernelspec.name
        for path in (tmp_path / "course").glob("contents/*.ipynb")
    }
    assert kernels == {"python-r" if labextension else "python"}
    assert ("Hint: make labextension" in capsys.readouterr().out) == (not labextension)


def test_the_doctor_sees_notebooks_whose_kernel_is_not_there(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The development installation has no labextension, and the skeleton's notebooks know it.
    status, said = doctor(capsys, site)
    assert (status, 'note  the site has no kernel "Python + R"' in said) == (0, True), said
    notebook = site / "files" / "exercise.ipynb"
    text = notebook.read_text()
    notebook.write_text(text.replace('"name": "python"', '"name": "python-r"', 1))
    try:
        status, said = doctor(capsys, site)
        assert (status, "bad   exercise.ipynb uses the kernel" in said) == (1, True), said
        with Site(site) as served:
            assert "bad   exercise.ipynb uses the kernel" in doctor(capsys, served.url)[1]
    finally:
        notebook.write_text(text)


def test_nothing_is_written_over(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(sources)]) == 1
    assert "is there and not empty. Hint: name a new folder." in capsys.readouterr().out


def test_the_skeleton_s_notebooks_run(
    sources: Path, site: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbclient

    monkeypatch.setenv("RPY_R_PACKAGES", str(site / "static/r-packages"))
    texts = {}
    for path in sorted(sources.glob("contents/*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        resources = {"metadata": {"path": str(path.parent)}}
        nbclient.NotebookClient(notebook, kernel_name="python-r", timeout=900, resources=resources).execute()
        texts[path.stem] = "".join(
            output.get("text", "") or str(output.get("data", {}).get("text/plain", ""))
            for cell in notebook.cells
            if cell.cell_type == "code"
            for output in cell.outputs
        )
    assert "1.83 cm more for each hour of light" in texts["first-steps"]
    assert "2.13809" in texts["exercise"] and "not yet: [1.0, 5.0, 2.0]" in texts["exercise"]


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "jupyter"
    shutil.copytree(Path(__file__).parents[2] / "kernels" / "native", folder / "kernels" / "python-r")
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    return folder


def test_a_compressed_site_is_whole_and_the_doctor_sees_an_old_copy(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = site.parent / "compressed"
    shutil.copytree(site, copied, ignore=shutil.ignore_patterns("build", "R.wasm", "vfs"))
    shutil.copy2(site / "static/webr/R.wasm", copied / "static/webr/R.js")  # no time for 18 MB of Brotli
    os.truncate(copied / "static/webr/R.js", 100_000)
    assert main(["compress", str(copied)]) == 0
    assert " MB as .gz, " in capsys.readouterr().out
    (copied / "static/webr/R.js").write_text("another" * 1000)
    assert "bad   static/webr/R.js.gz is not what the file beside it is" in doctor(capsys, copied)[1]
    assert main(["compress", str(site.parent)]) == 1
    assert "is no JupyterLite site. Hint: name the folder" in capsys.readouterr().out
    shutil.rmtree(copied)


def test_the_doctor_finds_nothing_wrong_with_a_site(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = doctor(capsys, site)
    assert status == 0, said
    assert "ok    webR 0.6.0 (R 4.6.0), 21.0 MB when R starts" in said
    assert "ok    R packages: course 0.1.0" in said
    assert "note  Python comes from" in said  # the skeleton takes Pyodide from its CDN
    assert "ok    browsers keep the site" in said


def test_the_doctor_and_check_see_that_a_site_cannot_be_kept(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = site / "service-worker.js"
    whole = worker.read_text()
    worker.write_text(whole.partition("\n")[2])
    try:
        assert "bad   service-worker.js does not keep the site" in doctor(capsys, site)[1]
    finally:
        worker.write_text(whole)


def test_the_doctor_says_what_a_server_does_wrong(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Site(site, prefix="/a/b/") as served:
        status, said = doctor(capsys, f"{served.url}repl/index.html?path=x#y")
        assert (status, "Nothing is wrong." in said) == (0, True), said
        assert "note  R.wasm is sent as it is: 18 MB" in said
        served.answers["static/webr/R.wasm"] = Answer(content_type="text/plain")
        assert "note  R.wasm is sent as text/plain" in doctor(capsys, served.url)[1]
        served.answers["static/webr/R.wasm"] = Answer(body=b"half")
        assert "bad   webR's R.wasm is not that of version 0.6.0" in doctor(capsys, served.url)[1]
        served.answers["static/webr/R.wasm"] = Answer(404)
        served.answers["static/there-is-no-such-file"] = Answer(200, "text/html", b"<!doctype html>home")
        status, said = doctor(capsys, served.url)
        assert status == 1 and "\n3 problems" not in said
        assert "bad   webR's R.wasm is missing (status 404)" in said
        assert "bad   a file that is not there is answered with 200, not 404" in said
        address = served.url
    status, said = doctor(capsys, address)
    assert status == 1 and "bad   the server does not answer" in said


def test_the_doctor_says_what_is_missing_in_a_folder(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is no JupyterLite site" in doctor(capsys, tmp_path)[1]
    copy = tmp_path / "copy"
    shutil.copytree(site, copy)
    (copy / PACKED).unlink()
    (copy / "static/webr/LICENSE.md").unlink()
    (copy / "static/r-packages/bin/emscripten/contrib/4.6/course_0.1.0.tgz").write_bytes(b"half")
    next(copy.glob("static/jupyterlite-rpy/*/*.whl")).write_bytes(b"other")
    status, said = doctor(capsys, copy)
    assert status == 1
    assert "bad   webR's vfs/usr/lib/R/library/grDevices/libs.data.gz is missing" in said
    assert "bad   static/webr/LICENSE.md is missing" in said
    assert "bad   course_0.1.0.tgz is not the course 0.1.0 that was meant" in said
    assert "it was changed on the way" in said
    settings = copy / "jupyter-lite.json"
    settings.write_text(json.dumps({"jupyter-config-data": {}}))
    assert "built without jupyterlite-rpy" in doctor(capsys, copy)[1]
    settings.write_text("{")
    assert "jupyter-lite.json cannot be read" in doctor(capsys, copy)[1]
