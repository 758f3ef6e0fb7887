// A part of a data frame in; a table of it, with buttons for the other parts, out.

import type { TranslationBundle } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";

export interface Table {
  language: "Python" | "R";
  name: string;
  error?: string;
  heads: string[];
  types: string[];
  labels: string[];
  rows: string[][];
  /** of the first row */
  start: number;
  /** number of all rows */
  total: number;
  /** number of all columns, of which the first are here */
  columns: number;
}

/** Rows of a part; jupyterlite_rpy/variables.py has the same number. */
const ROWS = 100;

export class TableView extends Widget {
  #trans: TranslationBundle;

  constructor(trans: TranslationBundle) {
    super();
    this.#trans = trans;
    this.addClass("jp-rpy-Table");
    // It scrolls: so the keyboard must be able to go there.
    this.node.tabIndex = 0;
  }

  /** Show a part; `more` asks for the one that begins at a row. */
  display(table: Table, more: (start: number) => void) {
    const trans = this.#trans;
    if (table.error) {
      const text = document.createElement("p");
      text.setAttribute("role", "alert");
      text.textContent = table.error;
      this.node.replaceChildren(text);
      return;
    }
    const { heads, types, labels, rows, start, total, columns } = table;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", trans.__("Table of %1", table.name));
    const element = document.createElement("table");
    const what = trans.__("%1: rows %2 to %3 of %4", table.name, String(Math.min(start + 1, total)), String(start + rows.length), String(total));
    const cut = columns > heads.length ? `, ${trans.__("the first %1 of %2 columns", String(heads.length), String(columns))}` : "";
    element.createCaption().textContent = what + cut;
    const cell = (text: string, scope: "col" | "row") => {
      const made = document.createElement("th");
      made.scope = scope;
      made.textContent = text;
      return made;
    };
    const top = element.createTHead().insertRow();
    top.insertCell();
    heads.forEach((head, i) => {
      const made = cell(head, "col");
      const type = document.createElement("small");
      type.textContent = types[i];
      made.append(document.createElement("br"), type);
      top.append(made);
    });
    const body = element.createTBody();
    rows.forEach((row, i) => {
      const line = body.insertRow();
      line.append(cell(labels[i], "row"));
      for (const text of row) line.insertCell().textContent = text;
    });
    const button = (label: string, at: number) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "jp-Button jp-mod-styled jp-mod-reject";
      made.textContent = label;
      made.disabled = at < 0 || at >= total;
      made.onclick = () => more(at);
      return made;
    };
    const buttons = document.createElement("p");
    if (total > ROWS) buttons.append(button(trans.__("Previous rows"), start - ROWS), button(trans.__("Next rows"), start + ROWS));
    this.node.replaceChildren(element, buttons);
  }
}
