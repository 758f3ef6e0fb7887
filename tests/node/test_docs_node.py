"""The examples of the documentation, page by page: each runs, and prints what the page says it prints."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from needs import needs_node
from page_examples import examples

from jupyterlite_rpy import session as session_module
from jupyterlite_rpy.session import Session

pytestmark = needs_node

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [path for path in sorted(DOCS.glob("*.md")) if examples(path.read_text("utf-8"))]


@pytest.fixture
def notebook(one_shell: Any, r: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A notebook's shell over real R, in a folder of its own."""
    monkeypatch.setattr(session_module, "_session", r)
    monkeypatch.chdir(tmp_path)
    one_shell.reset(new_session=True)
    r.run("graphics.off(); rm(list = ls(all.names = TRUE))")
    one_shell.run_line_magic("load_ext", "jupyterlite_rpy")
    yield one_shell
    r.settings.print = "all"
    r.settings.width = r.settings.height = 480
    one_shell.run_line_magic("unload_ext", "jupyterlite_rpy")
    one_shell.configurables.remove(r.settings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page: Path, notebook: Any) -> None:
    for example in examples(page.read_text("utf-8")):
        printed = StringIO()
        with contextlib.redirect_stdout(printed):
            result = notebook.run_cell(example.code)
        fails = example.shown.startswith(("RError", "RParseError"))
        error = result.error_before_exec or result.error_in_exec
        where = f"{page.name}, line {example.line}:\n{example.code}\n"
        assert bool(error) == fails, f"{where}{error!r}"
        if example.shown and not fails:
            assert example.shown == _plain(printed.getvalue()), where


def _plain(text: str) -> str:
    """What was printed, without IPython's prompts, the objects of displays and blanks at ends of lines."""
    text = re.sub(r"(?m)^Out\[\d+\]: |^<(?:IPython|R plot)[^\n]*\n|\x1b\[[0-9;]*m", "", text)
    return re.sub(r"(?m) +$", "", text).strip("\n")
