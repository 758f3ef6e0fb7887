// The notebook or console that the user looks at, whichever app this is; its kernel's id out.

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ISessionContext } from "@jupyterlab/apputils";
import { type ISignal, Signal } from "@lumino/signaling";
import type { Widget } from "@lumino/widgets";

function contextOf(widget: Widget | null): ISessionContext | null {
  return widget !== null && "sessionContext" in widget ? (widget.sessionContext as ISessionContext) : null;
}

export class CurrentKernel {
  /** Another document, or another kernel for the same. */
  readonly changed: ISignal<CurrentKernel, void>;
  private readonly emitter = new Signal<CurrentKernel, void>(this);
  private context: ISessionContext | null = null;

  constructor(app: JupyterFrontEnd) {
    this.changed = this.emitter;
    const { shell } = app;
    shell.currentChanged?.connect(() => this.follow(contextOf(shell.currentWidget)));
    void app.restored.then(() => this.follow(contextOf(shell.currentWidget)));
  }

  /** Null: there is none that could have R. */
  get id(): string | null {
    const kernel = this.context?.session?.kernel;
    return kernel && kernel.name.startsWith("python") ? kernel.id : null;
  }

  /** A file or a settings page in front leaves the last document's kernel where it is. */
  private follow(context: ISessionContext | null): void {
    if (context === null || context === this.context) return;
    this.leave();
    this.context = context;
    context.kernelChanged.connect(this.emit, this);
    context.statusChanged.connect(this.emitRestart, this);
    context.disposed.connect(this.end, this);
    this.emit();
  }

  private leave(): void {
    this.context?.kernelChanged.disconnect(this.emit, this);
    this.context?.statusChanged.disconnect(this.emitRestart, this);
    this.context?.disposed.disconnect(this.end, this);
    this.context = null;
  }

  private end(): void {
    this.leave();
    this.emit();
  }

  private emit(): void {
    this.emitter.emit();
  }

  private emitRestart(_: ISessionContext, status: string): void {
    if (status === "restarting" || status === "autorestarting") this.emit();
  }
}
