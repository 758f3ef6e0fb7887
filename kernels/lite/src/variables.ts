// The kernel of the current notebook in; a panel with the variables of both languages, and tables of its frames, out.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, MainAreaWidget } from "@jupyterlab/apputils";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { ITranslator, nullTranslator, type TranslationBundle } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";
import { type Table, TableView } from "./table";

/** jupyterlite_rpy/variables.py answers there. */
const TARGET = "jupyterlite_rpy:variables";
const SHOW = "jupyterlite-rpy:show-variables";

/** As notebooks have it. */
type Connection = NonNullable<NonNullable<NotebookPanel["sessionContext"]["session"]>["kernel"]>;
type Comm = ReturnType<Connection["createComm"]>;
type IOPubMessage = Parameters<Parameters<Connection["iopubMessage"]["connect"]>[0]>[1];

interface Variable {
  language: "Python" | "R";
  name: string;
  type: string;
  size: string;
  bytes: number | null;
  value: string;
  table: boolean;
}

type Answer = { op: "list"; r: boolean; variables: Variable[] } | ({ op: "table" } & Table);

class VariablesView extends Widget {
  /** Shows a table in a place of its own. */
  showTable: (table: Table, more: (start: number) => void) => void = () => {};
  #kernel: Connection | null = null;
  #comm: Comm | null = null;
  #stale = true;
  #status: HTMLElement;
  #body: HTMLElement;
  #trans: TranslationBundle;

  constructor(trans: TranslationBundle) {
    super();
    this.#trans = trans;
    this.id = "jupyterlite-rpy-variables";
    this.addClass("jp-rpy-Variables");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("Variables of Python and R"));
    this.title.label = trans.__("Variables");
    this.title.caption = trans.__("Variables of Python and R");
    this.#status = document.createElement("p");
    this.#status.setAttribute("role", "status");
    const table = document.createElement("table");
    const caption = table.createCaption();
    caption.textContent = trans.__("Variables of Python and R");
    const head = table.createTHead().insertRow();
    for (const title of [trans.__("Name"), trans.__("Type"), trans.__("Size"), trans.__("Value")]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = title;
      head.append(cell);
    }
    this.#body = table.createTBody();
    this.node.append(this.#status, table);
    this.#render(null);
  }

  /** The kernel whose variables are shown. */
  get kernel() {
    return this.#kernel;
  }

  set kernel(kernel: Connection | null) {
    if (kernel === this.#kernel) return;
    this.#kernel?.iopubMessage.disconnect(this.#listen, this);
    this.#kernel?.statusChanged.disconnect(this.#restarted, this);
    this.#drop();
    this.#kernel = kernel;
    kernel?.iopubMessage.connect(this.#listen, this);
    kernel?.statusChanged.connect(this.#restarted, this);
    this.#stale = true;
    this.#render(null);
    this.#refresh();
  }

  protected override onAfterShow() {
    this.#refresh();
  }

  override dispose() {
    this.kernel = null;
    super.dispose();
  }

  /** A cell has run: what is shown may be out of date when it ends. */
  #listen(_: unknown, message: IOPubMessage) {
    if (message.header.msg_type === "execute_input") this.#stale = true;
    const parent = message.parent_header as { msg_type?: string };
    const { execution_state: state } = message.content as { execution_state?: string };
    if (message.header.msg_type === "status" && state === "idle" && parent.msg_type === "execute_request") this.#refresh();
  }

  #restarted(_: unknown, status: string) {
    if (!/restarting|dead/.test(status)) return;
    this.#drop();
    this.#stale = true;
    this.#render(null);
  }

  #refresh() {
    const kernel = this.#kernel;
    if (!this.#stale || !this.isVisible || !kernel) return;
    this.#stale = false;
    this.#ask({ op: "list" });
  }

  #ask(request: { op: string; language?: string; name?: string; start?: number }) {
    const kernel = this.#kernel;
    if (!kernel?.handleComms) return;
    if (this.#comm && !this.#comm.isDisposed) {
      void this.#comm.send(request);
      return;
    }
    const comm = (this.#comm = kernel.createComm(TARGET));
    comm.onMsg = ({ content }) => this.#answer(content.data as unknown as Answer);
    // The extension is not loaded: the next cell may load it.
    comm.onClose = () => {
      if (this.#comm === comm) this.#comm = null;
    };
    void comm.open(request);
  }

  #drop() {
    const comm = this.#comm;
    this.#comm = null;
    if (comm && !comm.isDisposed) comm.dispose();
  }

  #answer(answer: Answer) {
    if (answer.op === "list") this.#render(answer);
    else this.showTable(answer, (start) => this.#ask({ op: "table", language: answer.language, name: answer.name, start }));
  }

  #render(list: { r: boolean; variables: Variable[] } | null) {
    const trans = this.#trans;
    const rows = (list?.variables ?? []).map((variable) => this.#row(variable));
    this.#body.replaceChildren(...rows);
    const r = list?.r === false ? ` ${trans.__("R has not started.")}` : "";
    this.#status.textContent = !list ? trans.__("No variables known: run a cell of a notebook with R.") : trans._n("%1 variable.", "%1 variables.", rows.length) + r;
  }

  #row({ language, name, type, size, bytes, value, table }: Variable) {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    const tag = document.createElement("span");
    tag.className = "jp-rpy-Language";
    tag.textContent = language === "R" ? "R" : "Py";
    tag.title = language;
    if (table) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.title = this.#trans.__("Show %1 as a table", name);
      button.onclick = () => this.#ask({ op: "table", language, name, start: 0 });
      head.append(tag, button);
    } else {
      head.append(tag, name);
    }
    row.append(head);
    for (const text of [type, size, value]) row.insertCell().textContent = text;
    if (bytes !== null) row.cells[2].title = this.#trans.__("%1 bytes", bytes.toLocaleString());
    return row;
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jupyterlite-rpy:variables",
  description: "A panel with the variables of Python and R.",
  autoStart: true,
  // A page may have the package and no notebooks.
  optional: [INotebookTracker, ICommandPalette, ITranslator],
  activate: (app: JupyterFrontEnd, notebooks: INotebookTracker | null, palette: ICommandPalette | null, translator: ITranslator | null) => {
    if (!notebooks) return;
    const trans = (translator ?? nullTranslator).load("jupyterlite_rpy");
    const view = new VariablesView(trans);
    const tables = new Map<string, MainAreaWidget<TableView>>();
    view.showTable = (table, more) => {
      const key = `${table.language} ${table.name}`;
      let place = tables.get(key);
      if (!place || place.isDisposed) {
        place = new MainAreaWidget({ content: new TableView(trans) });
        place.id = `jupyterlite-rpy-table-${table.language}-${table.name}`;
        place.title.label = `${table.name} (${table.language})`;
        tables.set(key, place);
        app.shell.add(place, "main", { mode: "split-bottom" });
      }
      place.content.display(table, more);
      app.shell.activateById(place.id);
    };
    app.shell.add(view, "right", { rank: 900 });

    const follow = () => {
      view.kernel = notebooks.currentWidget?.sessionContext.session?.kernel ?? null;
    };
    notebooks.currentChanged.connect((_, panel) => {
      panel?.sessionContext.kernelChanged.connect(follow);
      follow();
    });
    follow();
    app.commands.addCommand(SHOW, {
      label: trans.__("Variables of Python and R"),
      caption: trans.__("Show the variables of the notebook's kernel, in both languages"),
      execute: () => app.shell.activateById(view.id),
    });
    palette?.addItem({ command: SHOW, category: trans.__("R") });
  },
};

export default plugin;
