"""R cells in a notebook as a user meets them: colours, keys, completion, help, variables; in 0.7 and 0.8."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from playwright.sync_api import Page, expect

OPEN = """async () => {
  const { commands, shell } = jupyterapp;
  await commands.execute("notebook:create-new", { kernelName: "python" });
  const panel = shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  window.panel = panel;
}"""
# The n-th cell, or the active one.
CELL = """n => {
  const { content } = panel;
  const { model } = n === null ? content.activeCell : content.widgets[n];
  return { source: model.sharedModel.getSource(), mime: model.mimeType, type: model.type };
}"""
RUN = "() => jupyterapp.commands.execute('notebook:run-cell').then(() => true)"
R = "text/x-rpy"
PYTHON = "text/x-python"


class Notebook:
    """The notebook that the tests share, each with a cell of its own at the end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate(OPEN)

    def command(self, id: str, **args: Any) -> None:
        self.page.evaluate(
            "([id, args]) => jupyterapp.commands.execute(id, args).then(() => true)", [id, args]
        )

    def new_cell(self, source: str = "") -> None:
        """A new last cell, being edited at its end."""
        self.page.evaluate(
            """async source => {
              const { content } = panel;
              const shared = content.model.sharedModel;
              shared.insertCell(shared.cells.length, { cell_type: "code", source, metadata: {} });
              content.activeCellIndex = shared.cells.length - 1;
              content.deselectAll();
              content.mode = "edit";
              const cell = content.activeCell;
              await content.scrollToItem(content.activeCellIndex);
              await cell.ready;
              cell.editor.setCursorPosition(cell.editor.getPositionAt(source.length));
              cell.editor.focus();
            }""",
            source,
        )

    def cell(self, number: int | None = None) -> dict[str, str]:
        return dict(self.page.evaluate(CELL, number))

    def run(self, source: str) -> None:
        """Run a new cell to its end."""
        self.new_cell(source)
        self.page.evaluate(RUN)

    def becomes(self, mime: str) -> None:
        """Wait until the active cell has this language."""
        self.page.wait_for_function("mime => panel.content.activeCell.model.mimeType === mime", arg=mime)

    def colour(self, text: str) -> str:
        """The colour that a piece of the active cell's code has on the screen."""
        return str(
            self.page.wait_for_function(
                """text => {
                  const lines = panel.content.activeCell.node.querySelectorAll(".cm-line");
                  for (const line of lines) {
                    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
                    for (let node = walker.nextNode(); node; node = walker.nextNode())
                      if (node.data.trim() === text) return getComputedStyle(node.parentElement).color;
                  }
                  return null;
                }""",
                arg=text,
            ).json_value()
        )


@pytest.fixture(scope="module", params=["07", "08"])
def lab(request: pytest.FixtureRequest) -> Lab:
    found: Lab = request.getfixturevalue(f"lab_{request.param}")
    return found


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Notebook]:
    notebook = Notebook(lab.page)
    notebook.run("%load_ext jupyterlite_rpy")
    notebook.run("%%R\nframe <- data.frame(alpha = 1:150, beta = letters[(0:149) %% 26 + 1])")
    notebook.run("numbers = [1, 2, 3]")
    yield notebook
    lab.page.evaluate("""async () => {
      await panel.sessionContext.shutdown();
      panel.context.model.dirty = false;
      panel.dispose();
    }""")


def test_a_shortcut_inserts_an_r_cell_with_r_s_colours(notebook: Notebook, artifacts: Path) -> None:
    notebook.new_cell("1")
    notebook.page.keyboard.press("Alt+Shift+R")
    notebook.page.wait_for_function("panel.content.activeCell.model.sharedModel.getSource() === '%%R\\n'")
    notebook.page.keyboard.type("# it's R\nyes <- TRUE\n'text'")
    notebook.becomes(R)
    comment, plain, atom, text = map(notebook.colour, ["# it's R", "yes", "TRUE", "'text'"])
    assert len({comment, plain, atom, text}) == 4
    assert notebook.colour("%%R") != plain
    notebook.page.screenshot(path=artifacts / "r-cell.png")


def test_options_other_magics_and_raw_strings_are_told_from_code(notebook: Notebook) -> None:
    notebook.new_cell('%%time\n%%R -i numbers\nz <- r"(it\'s " raw)"\n"\\"it\'s"; y # "')
    notebook.becomes(R)
    plain = notebook.colour("y")
    assert notebook.colour("%%time") == notebook.colour("%%R") != plain
    assert notebook.colour('r"(it\'s " raw)"') not in (plain, notebook.colour("%%R"), notebook.colour('# "'))
    assert notebook.colour("z") == plain


def test_the_language_follows_the_first_line_while_it_is_typed(notebook: Notebook) -> None:
    notebook.new_cell()
    notebook.page.keyboard.type("%%R -i numbers")
    notebook.becomes(R)
    notebook.page.keyboard.press("Home")
    notebook.page.keyboard.press("Delete")
    notebook.becomes(PYTHON)
    notebook.page.keyboard.type("%")
    notebook.becomes(R)
    # What a notebook does when it learns its kernel's language.
    notebook.page.evaluate("panel.content.activeCell.model.mimeType = 'text/x-ipython'")
    notebook.becomes(R)


def test_python_and_markdown_cells_stay_what_they_are(notebook: Notebook) -> None:
    notebook.new_cell("print('%%R')")
    assert notebook.cell()["mime"] == PYTHON
    notebook.new_cell("%%R\nx")
    notebook.becomes(R)
    notebook.command("notebook:change-cell-to-markdown")
    notebook.page.wait_for_function("panel.content.activeCell.model.type === 'markdown'")
    notebook.command("notebook:enter-edit-mode")
    assert notebook.cell()["mime"] == "text/x-ipythongfm"


def test_comments_and_indentation_are_r_s(notebook: Notebook) -> None:
    notebook.new_cell("%%R\nx <- 1")
    notebook.becomes(R)
    notebook.page.keyboard.press("Control+/")
    assert notebook.cell()["source"] == "%%R\n# x <- 1"
    notebook.page.keyboard.press("Control+/")
    assert notebook.cell()["source"] == "%%R\nx <- 1"
    notebook.page.keyboard.type("\nf <- function(a) {\n1\n}\ng(a,\nb)")
    assert notebook.cell()["source"] == "%%R\nx <- 1\nf <- function(a) {\n    1\n}\ng(a,\n  b)"


def test_a_cell_is_made_r_s_and_python_s_again_and_that_can_be_undone(notebook: Notebook) -> None:
    notebook.new_cell("numbers")
    notebook.page.keyboard.press("Alt+R")
    assert notebook.cell()["source"] == "%%R\nnumbers"
    notebook.becomes(R)
    notebook.page.keyboard.press("Control+z")
    assert notebook.cell()["source"] == "numbers"
    notebook.becomes(PYTHON)
    notebook.page.keyboard.press("Alt+R")
    notebook.page.keyboard.press("Alt+R")
    assert notebook.cell()["source"] == "numbers"


def test_snippets_leave_the_cursor_where_one_writes_on(notebook: Notebook) -> None:
    notebook.new_cell("1")
    notebook.command("jupyterlite-rpy:insert-r-cell", source="%%R -i ")
    notebook.page.keyboard.type("numbers")
    assert notebook.cell()["source"] == "%%R -i numbers"


def test_new_cells_below_r_cells_are_python_s_unless_set(notebook: Notebook) -> None:
    notebook.new_cell("%%R\n1")
    notebook.command("notebook:insert-cell-below")
    assert notebook.cell()["source"] == ""
    notebook.command("jupyterlite-rpy:continue-r-cells")
    try:
        notebook.new_cell("%%R\n1")
        notebook.command("notebook:insert-cell-below")
        notebook.page.wait_for_function("panel.content.activeCell.model.sharedModel.getSource() === '%%R\\n'")
        notebook.new_cell("1")
        notebook.command("notebook:insert-cell-below")
        assert notebook.cell()["source"] == ""
    finally:
        notebook.command("jupyterlite-rpy:continue-r-cells")


def test_tab_lists_r_s_completions(notebook: Notebook, artifacts: Path) -> None:
    notebook.new_cell("%%R\nframe$")
    notebook.page.keyboard.press("Tab")
    items = notebook.page.locator(".jp-Completer-item")
    expect(items).to_have_count(2)
    assert "alpha" in items.first.inner_text()
    assert "integer" in items.first.inner_text()
    notebook.page.screenshot(path=artifacts / "completion.png")
    notebook.page.keyboard.press("Enter")
    expect(notebook.page.locator(".jp-Completer")).to_be_hidden()
    assert notebook.cell()["source"] == "%%R\nframe$alpha"


def test_shift_tab_shows_r_s_help(notebook: Notebook, artifacts: Path) -> None:
    notebook.new_cell("%%R\nmean(")
    notebook.page.keyboard.press("Shift+Tab")
    tooltip = notebook.page.locator(".jp-Tooltip")
    expect(tooltip).to_contain_text("Arithmetic Mean {base}")
    notebook.page.screenshot(path=artifacts / "help.png")
    notebook.page.keyboard.press("Escape")


def test_the_list_of_variables_has_both_languages_and_shows_frames(
    notebook: Notebook, artifacts: Path
) -> None:
    page = notebook.page
    notebook.command("jupyterlite-rpy:show-variables")
    panel = page.locator(".jp-rpy-Variables")
    expect(panel.get_by_role("row").filter(has_text="frame")).to_contain_text("150 × 2")
    expect(panel.get_by_role("row").filter(has_text="numbers")).to_contain_text("1, 2, 3")
    notebook.run("later = 'new'")
    expect(panel.get_by_role("row").filter(has_text="later")).to_contain_text("'new'")
    panel.get_by_role("button", name="frame").click()
    table = page.locator(".jp-rpy-Table")
    expect(table.get_by_role("caption")).to_have_text("frame: rows 1 to 100 of 150")
    page.screenshot(path=artifacts / "variables.png")
    table.get_by_role("button", name="Next rows").click()
    expect(table.get_by_role("caption")).to_have_text("frame: rows 101 to 150 of 150")
    expect(table.get_by_role("row", name="150")).to_contain_text("t")
    page.evaluate("jupyterapp.shell.currentWidget.dispose()")


def test_r_has_colours_in_the_dark_theme_too(notebook: Notebook, artifacts: Path) -> None:
    notebook.new_cell("%%R\n# it's R\nyes <- TRUE\n'text'")
    notebook.becomes(R)
    light = notebook.colour("yes")
    try:
        notebook.command("apputils:change-theme", theme="JupyterLab Dark")
        notebook.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
        pieces = ["%%R", "# it's R", "yes", "TRUE", "'text'"]
        colours = [notebook.colour(piece) for piece in pieces]
        assert len(set(colours)) == len(pieces)
        assert light not in colours
        notebook.page.screenshot(path=artifacts / "r-cell-dark.png")
    finally:
        notebook.command("apputils:change-theme", theme="JupyterLab Light")
        notebook.page.wait_for_function("document.body.dataset.jpThemeLight === 'true'")
