"""The labextension in a page: its parts are there, also in apps that lack what some of them need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab import Lab
from serve import Site

ACTIVE = "id => jupyterapp.isPluginActivated(id)"
KERNELS = """async () => {
  const { kernelspecs } = jupyterapp.serviceManager;
  await kernelspecs.ready;
  return Object.values(kernelspecs.specs.kernelspecs).map(spec => spec.display_name);
}"""


@pytest.fixture(params=["07", "08"])
def lab(request: pytest.FixtureRequest) -> Lab:
    found: Lab = request.getfixturevalue(f"lab_{request.param}")
    return found


@pytest.mark.parametrize("plugin", ["kernel", "kept", "status", "rcells", "cells", "variables"])
def test_each_part_is_active(lab: Lab, plugin: str) -> None:
    assert lab.page.evaluate(ACTIVE, f"jupyterlite-rpy:{plugin}") is True


def test_python_and_r_is_among_the_kernels(lab: Lab) -> None:
    assert "Python + R" in lab.page.evaluate(KERNELS)


def test_the_repl_has_the_kernel_too(
    site_08: Path, serve: Callable[..., Site], open_lab: Callable[..., Lab]
) -> None:
    lab = open_lab(serve(site_08), "repl")
    assert "Python + R" in lab.page.evaluate(KERNELS)
