// A press of the Stop button in; one address fewer that the kernel can read (js/stop.mjs of the Python package says why) out.

import { tell } from "./channel";

/** A kernel hears of new addresses only when it is idle: so many times Stop works in one cell. */
const AHEAD = 8;

export class Stops {
  /** The addresses that each kernel has, by its id. */
  private readonly urls = new Map<string, string[]>();

  /** Kernels that cannot read addresses of the page. */
  private readonly refused = new Set<string>();

  /** Give a kernel as many addresses as it may need. */
  arm(kernel: string): void {
    const urls = this.urls.get(kernel) ?? [];
    if (urls.length === AHEAD || this.refused.has(kernel)) return;
    while (urls.length < AHEAD) urls.push(URL.createObjectURL(new Blob(["go"])));
    this.urls.set(kernel, urls);
    tell(kernel, { kind: "arm", urls });
  }

  /** Stop what the kernel does now. */
  stop(kernel: string): void {
    const url = this.urls.get(kernel)?.shift();
    if (url === undefined) return;
    URL.revokeObjectURL(url);
    // For a cell that waits for something: then nothing in the kernel is busy that could ask.
    tell(kernel, { kind: "stop", url });
  }

  /** The kernel cannot read them: it gets no more. */
  refuse(kernel: string): void {
    this.forget(kernel);
    this.refused.add(kernel);
  }

  forget(kernel: string): void {
    this.refused.delete(kernel);
    for (const url of this.urls.get(kernel) ?? []) URL.revokeObjectURL(url);
    this.urls.delete(kernel);
  }
}
