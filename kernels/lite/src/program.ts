// webR's address in; its program, fetched and compiled once for the page while Pyodide starts, out to the workers of kernels.

import { fetchProgram, type Program } from "../../../jupyterlite_rpy/js/fetch.mjs";
import webr from "../../../jupyterlite_rpy/webr.json";

/** By this js/offer.mjs of the Python package knows the messages. */
const KIND = "jupyterlite-rpy program";

type Progress = { stage: string; loaded: number; total: number };

interface Begun {
  program: Program;
  told: Progress | null;
  watchers: Set<(progress: Progress) => void>;
}

const begun = new Map<string, Begun>();

/** The address as kernels have it. */
export function addressOf(webrUrl: string): string {
  return new URL(webrUrl, document.baseURI).href;
}

/** Fetch R's program, once for this page, behind what Pyodide fetches. What goes wrong a kernel says when R is used. */
export function begin(address: string): void {
  if (begun.has(address)) return;
  const watchers: Begun["watchers"] = new Set();
  const tell = (stage: string, loaded: number, total: number): void => {
    entry.told = { stage, loaded, total };
    for (const watch of watchers) watch(entry.told);
  };
  const entry: Begun = { program: fetchProgram(address, webr.files, webr.version, tell, "low"), told: null, watchers };
  begun.set(address, entry);
  // The next kernel tries again; one that waits is told.
  entry.program.done.catch(() => begun.delete(address));
}

/** Give a kernel's worker what was begun for it: how far it is, then the program, or why there is none. */
export async function give(address: string, worker: Worker): Promise<void> {
  begin(address);
  const { program, told, watchers } = begun.get(address) as Begun;
  const watch = (progress: Progress): void => worker.postMessage({ kind: KIND, ...progress });
  if (told) watch(told);
  watchers.add(watch);
  try {
    const [texts, wasm] = await Promise.all([program.texts, program.wasm]);
    worker.postMessage({ kind: KIND, texts, wasm, libraries: program.libraries });
  } catch (error) {
    worker.postMessage({ kind: KIND, failed: (error as Error).message });
  } finally {
    watchers.delete(watch);
  }
}
