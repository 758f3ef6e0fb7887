// What kernels tell of R in; an item of the status bar out: not started, loading 43 %, ready, busy, stopped.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { IStatusBar } from "@jupyterlab/statusbar";
import { ITranslator, type TranslationBundle, nullTranslator } from "@jupyterlab/translation";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { ask, listen } from "./channel";
import { CurrentKernel } from "./current";

interface Status {
  state: "not started" | "loading" | "ready" | "busy" | "stopped";
  /** of loading, in a few words */
  stage?: string;
  loaded?: number;
  total?: number;
  /** of R */
  version?: string;
  /** in bytes */
  memory?: { python: number; r: number };
}

const TIMEOUT_MS = 60_000;

function label(status: Status, trans: TranslationBundle): string {
  switch (status.state) {
    case "not started":
      return trans.__("R: not started");
    case "loading":
      return status.total ? trans.__("R: loading %1 %", Math.floor((100 * (status.loaded ?? 0)) / status.total)) : trans.__("R: starting");
    case "ready":
      return trans.__("R: ready (R %1)", status.version ?? "");
    case "busy":
      return trans.__("R: busy");
    case "stopped":
      return trans.__("R: stopped");
  }
}

/** What the kernel says of a start, in the user's language. */
function inWords(stage: string, trans: TranslationBundle): string {
  switch (stage) {
    case "Downloading R":
      return trans.__("Downloading R");
    case "Compiling R":
      return trans.__("Compiling R");
    case "Starting R":
      return trans.__("Starting R");
    default:
      return stage;
  }
}

function details({ state, stage, loaded = 0, total = 0, memory }: Status, trans: TranslationBundle): string {
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  const lines = [];
  if (state === "loading" && stage) {
    const words = inWords(stage, trans);
    lines.push(total ? trans.__("%1 (%2 of %3 MB)", words, megabytes(loaded), megabytes(total)) : words);
  }
  if (state === "stopped") lines.push(trans.__("The next cell that uses R starts a fresh one."));
  if (memory) {
    lines.push(trans.__("Memory of Python: %1 MB", megabytes(memory.python)));
    lines.push(trans.__("Memory of R: %1 MB", megabytes(memory.r)));
  }
  return lines.join("\n");
}

class StatusItem extends Widget {
  constructor(private readonly refresh: () => void) {
    super();
    this.addClass("jp-rpy-Status");
    // Read out when it changes, but not each percent.
    this.node.setAttribute("role", "status");
    this.node.tabIndex = 0;
    for (const event of ["pointerenter", "focus"]) this.node.addEventListener(event, () => this.refresh());
  }

  tell(text: string, more: string, loading: boolean): void {
    if (this.node.textContent !== text) this.node.textContent = text;
    this.node.title = more;
    this.node.setAttribute("aria-live", loading ? "off" : "polite");
    this.node.setAttribute("aria-label", more ? `${text}. ${more}` : text);
  }
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jupyterlite-rpy:status",
  description: "Shows in the status bar what R does.",
  autoStart: true,
  // The REPL has the package of the status bar, and none.
  optional: [IStatusBar, ITranslator],
  activate: (app: JupyterFrontEnd, bar: IStatusBar | null, translator: ITranslator | null) => {
    if (!bar) return;
    const trans = (translator ?? nullTranslator).load("jupyterlite_rpy");
    const known = new Map<string, Status>();
    const current = new CurrentKernel(app);
    const shown = new Signal<object, void>({});

    // Memory grows without a word; it is asked for when somebody looks.
    const refresh = (): void => {
      const { id } = current;
      if (id !== null && known.has(id)) void ask(id, { kind: "status" }, AbortSignal.timeout(TIMEOUT_MS)).catch(() => {});
    };
    const item = new StatusItem(refresh);
    const status = (): Status | undefined => (current.id === null ? undefined : known.get(current.id));
    const update = (): void => {
      const found = status();
      if (found) item.tell(label(found, trans), details(found, trans), found.state === "loading");
      shown.emit();
    };
    bar.registerStatusItem("jupyterlite-rpy:status", {
      item,
      align: "left",
      rank: 3,
      isActive: () => status() !== undefined,
      activeStateChanged: shown,
    });
    listen("hello", ({ from }) => {
      known.set(from, { state: "not started" });
      if (from === current.id) update();
    });
    listen("status", ({ from, ...message }) => {
      known.set(from, { ...known.get(from), ...(message as unknown as Status) });
      if (from === current.id) update();
    });
    current.changed.connect(() => {
      update();
      // A kernel that said hello before this page was there to hear it.
      const { id } = current;
      if (id !== null && !known.has(id)) void ask(id, { kind: "status" }, AbortSignal.timeout(TIMEOUT_MS)).catch(() => {});
    });
  },
};

export default plugin;
