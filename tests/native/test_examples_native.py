"""The example notebooks without a browser: the same outputs, from nbclient, nbconvert and papermill."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from needs import needs_node

golden_outputs = pytest.importorskip("golden_outputs")
nbclient = pytest.importorskip("nbclient")
pandas = pytest.importorskip("pandas")
nbformat = pytest.importorskip("nbformat")

pytestmark = needs_node

ROOT = Path(__file__).parent.parent.parent
PANDAS_3 = int(pandas.__version__.partition(".")[0]) >= 3
EXAMPLES = sorted(
    path.stem
    for path in (ROOT / "examples").glob("*.ipynb")
    if (ROOT / "tests" / "golden" / f"{path.stem}.json").exists()
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_its_outputs_natively(
    name: str, kernels: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    notebook = nbformat.read(ROOT / "examples" / f"{name}.ipynb", as_version=4)
    client = nbclient.NotebookClient(
        notebook, kernel_name="python-r", timeout=900, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    cells = golden_outputs.without_loading(notebook.cells)
    update = PANDAS_3 and request.config.getoption("--update-golden")  # the others are the browser's
    golden_outputs.check(name, cells, pandas_3=PANDAS_3, update=bool(update))


def test_nbconvert_executes_an_example(kernels: Path, tmp_path: Path) -> None:
    pytest.importorskip("nbconvert")
    source = ROOT / "examples" / "rpy2-statistics.ipynb"
    command = "nbconvert --execute --to notebook --ExecutePreprocessor.kernel_name=python-r --output-dir"
    subprocess.run(
        [sys.executable, "-m", *command.split(), str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=1800,
    )  # fmt: skip
    cells = golden_outputs.without_loading(nbformat.read(tmp_path / source.name, as_version=4).cells)
    golden_outputs.check("rpy2-statistics", cells)


def test_papermill_runs_an_example_with_parameters(kernels: Path, tmp_path: Path) -> None:
    pytest.importorskip("papermill")
    cells = [
        nbformat.v4.new_code_cell("power = 2", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("%%R -i power\nprint(sum((1:10)^power))"),
    ]
    source, result = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    kernel = {"name": "python-r", "display_name": "Python + R", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), source)
    command = "papermill -p power 3 --no-progress-bar"
    subprocess.run(
        [sys.executable, "-m", *command.split(), str(source), str(result)],
        check=True, capture_output=True, timeout=1800,
    )  # fmt: skip
    assert nbformat.read(result, as_version=4).cells[-1].outputs[0].text == "[1] 3025\n"


def test_the_kernel_is_listed(kernels: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    spec = json.loads(listed.stdout)["kernelspecs"]["python-r"]
    assert spec["spec"]["display_name"] == "Python + R"
    assert spec["spec"]["language"] == "python"
    logos = {path.name for path in Path(spec["resource_dir"]).iterdir()}
    assert {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"} <= logos
