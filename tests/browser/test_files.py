"""One file tree in the browser: R sees what Python sees, the notebook's drive among it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import Kernel, Lab
from serve import Site

HELPERS = """
import os
from jupyterlite_rpy import get_session
def r(code):
    value = get_session().eval(code)
    return value if isinstance(value, str) else list(value)
os.makedirs("/home/pyodide/files", exist_ok=True)
os.chdir("/home/pyodide/files")
"""


@pytest.fixture
def kernel(kernel_07: Kernel) -> Kernel:
    kernel_07.clear()
    assert kernel_07.run(HELPERS).error == ""
    return kernel_07


def test_a_file_touched_in_each_language_is_in_the_listing_of_both(kernel: Kernel) -> None:
    touch = "open('python.txt', 'w').close()\nr('file.create(\"r.txt\")')\n"
    listings = (
        "sorted(os.listdir()), r('list.files()'), sorted(set(os.listdir('/')) ^ set(r('list.files(\"/\")')))"
    )
    assert kernel.value(touch + listings) == "(['python.txt', 'r.txt'], ['python.txt', 'r.txt'], [])"
    assert kernel.value("r('path.expand(\"~\")')[0] == os.path.expanduser('~')") == "True"


def test_the_working_directory_is_one(kernel: Kernel) -> None:
    assert kernel.value("os.mkdir('a')\nos.chdir('a')\nr('getwd()')") == "['/home/pyodide/files/a']"
    assert kernel.run("%R setwd('/drive')").error == ""
    assert kernel.value("os.getcwd()") == "'/drive'"


def test_r_reads_and_writes_the_notebooks_drive(kernel: Kernel) -> None:
    same = "sorted(os.listdir('/drive')) == sorted(r('list.files(\"/drive\")'))"
    assert kernel.value(same) == "True"
    kernel.run("os.chdir('/drive')\nopen('of python.csv', 'w').write('a,b\\n1,é\\n')")
    code = """%%R
    names(read.csv("of python.csv"))
    dir.create("of r")
    cat("x", file = "of r/ü.txt")
    cat("y", file = "of r/ü.txt", append = TRUE)
    invisible(file.rename("of r/ü.txt", "of r/b.txt"))
    png("of r/p.png", type = "cairo"); plot(1); invisible(dev.off())
    tryCatch(readLines("nope"), warning = conditionMessage)
    """
    result = kernel.run(code)
    assert result.error == ""
    assert result.text().splitlines() == [
        '[1] "a" "b"',
        "[1] \"cannot open file 'nope': No such file or directory\"",
    ]
    found = "sorted(os.listdir('of r')), open('of r/b.txt').read(), open('of r/p.png', 'rb').read(4)"
    assert kernel.value(found) == "(['b.txt', 'p.png'], 'xy', b'\\x89PNG')"
    # As the file browser has it.
    contents = kernel.page.evaluate(
        "jupyterapp.serviceManager.contents.get('of r/b.txt', {type: 'file', format: 'text', content: true})"
        ".then(model => model.content)"
    )
    assert contents == "xy"
    kernel.run("%R unlink(c('of r', 'of python.csv'), recursive = TRUE)")
    assert kernel.value(same + ", os.path.exists('of r')") == "(True, False)"


def test_the_files_outlive_r(kernel: Kernel) -> None:
    kernel.run("%R setwd('/home/pyodide/files'); saveRDS(mtcars, 'kept.rds'); cat('t', file = tempfile())")
    ended = (
        "old = r('tempdir()')[0]\nget_session().close()\nos.path.exists(old), os.path.exists('/usr/lib/R')"
    )
    assert kernel.value(ended) == "(False, False)"
    assert kernel.run("%R identical(readRDS('kept.rds'), mtcars)").value == "array([ True])"
    assert kernel.value("os.path.exists('/usr/lib/R/library/stats')") == "True"


def test_r_reads_addresses_of_the_site_and_says_why_others_fail(
    kernel: Kernel, lab_07: Lab, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,é\n")
    code = """%%R
notebook <- readLines(url("files/first-steps.ipynb"), warn = FALSE)
cat(any(grepl("nbformat", notebook)), "")
download.file("files/first-steps.ipynb", "copy.ipynb", quiet = TRUE)
cat(identical(readLines("copy.ipynb", warn = FALSE), notebook), "")
said <- function(address) cat(tryCatch(readLines(address), error = conditionMessage), "\\n", sep = "")
said(url("files/none.csv"))
said("{other}/t.csv")
said("ftp://host/x")
"""
    with Site(tmp_path) as other:
        result = kernel.run(code.replace("{other}", other.url.rstrip("/")))
    assert result.error == ""
    said = result.text().splitlines()
    assert said[0].startswith("TRUE TRUE ")
    assert "files/none.csv: not found (404)" in said[0]
    assert "does not allow pages of other sites to read its files" in said[2]
    assert "addresses that begin with ftp:// are not supported" in said[4]
    assert [line for line in said if not line.startswith("Hint: ")] == said[::2]
    lab_07.page.context.set_offline(True)
    try:
        offline = kernel.run("%R tryCatch(readLines(url('https://host/t.csv')), error = conditionMessage)")
    finally:
        lab_07.page.context.set_offline(False)
    assert "this browser is offline" in str(offline.value)
    assert kernel.run("%R cat(nchar(readLines(url('files/first-steps.ipynb'), 1)) > 0)").text() == "TRUE"
    lab_07.forget()
