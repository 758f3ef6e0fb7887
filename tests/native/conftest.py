"""Notebooks run without a browser, in the kernel "Python + R"."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where Jupyter finds the kernel of this checkout first, installed or not."""
    folder = tmp_path / "jupyter"
    shutil.copytree(ROOT / "kernels" / "native", folder / "kernels" / "python-r")
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    return folder
