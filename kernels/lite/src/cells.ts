// A notebook in; with commands that insert R cells and turn cells into such.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker, NotebookActions, type Notebook, type NotebookPanel } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { ITranslator, nullTranslator } from "@jupyterlab/translation";
import { R_CELL } from "./rlanguage";

const ID = "jupyterlite-rpy:cells";
const INSERT = "jupyterlite-rpy:insert-r-cell";
const TOGGLE = "jupyterlite-rpy:toggle-r-cell";
const CONTINUE = "jupyterlite-rpy:continue-r-cells";
const PLAIN = "%%R\n";

/** Insert a cell below the active one, and write on at the end of its first line that is not complete. */
async function insert(notebook: Notebook, source: string) {
  const shared = notebook.model?.sharedModel;
  if (!shared) return;
  const index = notebook.activeCell ? notebook.activeCellIndex + 1 : shared.cells.length;
  shared.insertCell(index, { cell_type: "code", source, metadata: {} });
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  notebook.mode = "edit";
  const cell = notebook.widgets[index];
  await cell.ready;
  cell.editor?.setCursorPosition(cell.editor.getPositionAt(source.length) ?? { line: 0, column: source.length });
}

/** Make the selected cells R's, or, if the active one is, Python's again. Each can be undone in its editor. */
function toggle(notebook: Notebook) {
  const active = notebook.activeCell;
  if (!active) return;
  const makeR = !isR(active.model.sharedModel.getSource());
  if (makeR) NotebookActions.changeCellType(notebook, "code");
  for (const cell of notebook.widgets.filter((cell) => notebook.isSelectedOrActive(cell))) {
    const shared = cell.model.sharedModel;
    const source = shared.getSource();
    if (makeR && !isR(source)) shared.updateSource(0, 0, PLAIN);
    const head = makeR ? null : /^(\s*)%%R[^\n]*\n?/.exec(source);
    if (head) shared.updateSource(0, head[0].length, "");
  }
}

const isR = (source: string) => R_CELL.test(source);

/** A new, empty cell behind an R cell is R's, too, where the user wants that. */
function continueR(panel: NotebookPanel, wanted: () => boolean) {
  void panel.context.ready.then(() => {
    const cells = panel.content.model?.cells;
    cells?.changed.connect((_, { type, newIndex, newValues }) => {
      if (!wanted() || type !== "add" || newValues.length !== 1 || newIndex === 0) return;
      const [added] = newValues;
      const above = cells.get(newIndex - 1);
      if (added.type !== "code" || added.sharedModel.getSource() !== "" || above.type !== "code") return;
      // Not while the list of cells is being changed.
      if (isR(above.sharedModel.getSource())) queueMicrotask(() => added.isDisposed || added.sharedModel.setSource(PLAIN));
    });
  });
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "Commands for R cells.",
  autoStart: true,
  // A page may have the package and no notebooks.
  optional: [INotebookTracker, ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
  ) => {
    if (!notebooks) return;
    const trans = (translator ?? nullTranslator).load("jupyterlite_rpy");
    const current = () => (notebooks.currentWidget && notebooks.currentWidget === app.shell.currentWidget ? notebooks.currentWidget.content : null);
    const isEnabled = () => current() !== null;
    const category = trans.__("R");
    app.commands.addCommand(INSERT, {
      label: (args) => (args.source ? trans.__("Insert R Cell: %1", String(args.source).trim()) : trans.__("Insert R Cell")),
      caption: trans.__("Insert a cell of R below this one"),
      isEnabled,
      execute: async (args) => {
        const notebook = current();
        if (notebook) await insert(notebook, args.source ? String(args.source) : PLAIN);
      },
    });
    app.commands.addCommand(TOGGLE, {
      label: trans.__("Make This an R Cell"),
      caption: trans.__("Make the selected cells R, or Python again"),
      isEnabled,
      isToggled: () => isR(current()?.activeCell?.model.sharedModel.getSource() ?? ""),
      execute: () => {
        const notebook = current();
        if (notebook) toggle(notebook);
      },
    });
    for (const source of ["", "%%R -i ", "%%R -o ", "%%R -w 600 -h 400\n"]) palette?.addItem({ command: INSERT, category, args: source ? { source } : {} });
    palette?.addItem({ command: TOGGLE, category });

    let settings: ISettingRegistry.ISettings | null = null;
    void registry?.load(ID).then((loaded) => (settings = loaded));
    const continued = () => settings?.get("newCells").composite === "r";
    app.commands.addCommand(CONTINUE, {
      label: trans.__("Continue R Cells with R Cells"),
      caption: trans.__("Whether a new cell below an R cell is an R cell"),
      isEnabled: () => registry !== null,
      isToggled: continued,
      execute: () => settings?.set("newCells", continued() ? "python" : "r"),
    });
    palette?.addItem({ command: CONTINUE, category });
    notebooks.widgetAdded.connect((_, panel) => continueR(panel, continued));
    notebooks.forEach((panel) => continueR(panel, continued));
  },
};

export default plugin;
