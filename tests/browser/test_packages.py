"""R packages in a page: those of the site, those of another host, and from their source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Kernel, Lab
from r_repository import PACKAGES, Repository, rebuilt, write_source

from jupyterlite_rpy.rpackages.archive import read_archive


@pytest.fixture(scope="module")
def campus(site_07: Path) -> bytes:
    """The package of the demo site, as it was built there."""
    (archive,) = site_07.glob("static/r-packages/bin/emscripten/contrib/4.6/campus_*.tgz")
    return archive.read_bytes()


@pytest.fixture
def kernel(kernel_07: Kernel, lab_07: Lab) -> Iterator[Kernel]:
    kernel_07.clear()
    yield kernel_07
    lab_07.forget()  # the other hosts of these tests are no business of the next


def test_a_package_of_the_site_is_there_when_code_names_it(kernel: Kernel, lab_07: Lab) -> None:
    result = kernel.run("%%R\nlibrary(campus)\ngrade(exam$points)")
    assert result.error == ""
    assert "Installed campus 0.1.0" in result.text()
    assert result.text().endswith("[1] A C D B F\nLevels: F D C B A\n")
    assert f"{lab_07.url}static/r-packages/bin/emscripten/contrib/4.6/campus_0.1.0.tgz" in lab_07.requests
    assert lab_07.outside() == []


def test_install_packages_takes_a_package_from_another_host_or_says_why_not(
    kernel: Kernel, campus: bytes
) -> None:
    newer = rebuilt(campus, Version="0.2.0")
    with Repository({"campus": newer}) as repository:
        result = kernel.run(f"%%R\ninstall.packages('campus', repos = '{repository.url}')")
        assert result.error == "", result.outputs
        assert f"[1/1] campus 0.2.0 ({len(newer) / 1e3:.1f} kB) from {repository.url}" in result.text()
        repository.add(newer, Imports="peel")
        again = f"get_session().install('campus', repositories=['{repository.url}/'], again=True)"
        error = kernel.run(f"from jupyterlite_rpy import get_session\n{again}").error
        assert "there is no R package 'peel' (needed by campus 0.2.0)" in error
        gone = repository.url
    error = kernel.run(f"%%R\ninstall.packages('pear', repos = '{gone}/away')").error
    assert "Error in install.packages" in error
    assert f"the R repository {gone}/away cannot be reached" in error


def test_a_package_is_built_from_its_source_in_the_page(kernel: Kernel, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "apple", PACKAGES["apple"])
    files = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in folder.rglob("*.*")}
    files |= {
        f"apple/{name}": (folder / name).read_text() for name in ("DESCRIPTION", "NAMESPACE", "LICENSE")
    }
    write = (
        "from pathlib import Path\n"
        f"for name, text in {files!r}.items():\n"
        "    path = Path('/tmp') / name\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n"
        "    path.write_text(text)\n"
    )
    assert kernel.run(write).error == ""
    result = kernel.run("%Rinstall /tmp/apple\n%R -n print(apple::apple())")
    assert (result.error, result.text()) == ("", 'Installed apple 1.0\n[1] "a apple"\n')


def test_the_site_has_the_source_of_its_package(site_07: Path) -> None:
    source = read_archive((site_07 / "static/r-packages/src/campus_0.1.0.tar.gz").read_bytes(), "campus")
    assert source.is_source
    assert "licence  BSD_3_clause" in (site_07 / "static/r-packages/SOURCES.txt").read_text()
