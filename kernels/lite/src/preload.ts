// webR's address in; its files in the browser's cache, fetched while Pyodide starts, out.

/** What R's start takes; the rest is loaded when it is used. */
const FILES = ["R.wasm", "R.js", "webr-worker.js"];

const fetched = new Set<string>();

/** Fetch R's files, once for this page. What goes wrong here the kernel finds out, and says, when R starts. */
export function preload(webrUrl: string): void {
  if (fetched.has(webrUrl)) return;
  fetched.add(webrUrl);
  for (const name of FILES) {
    fetch(new URL(name, new URL(webrUrl, document.baseURI)), { priority: "low", credentials: "same-origin" })
      .then((response) => response.body?.pipeTo(new WritableStream()))
      .catch(() => fetched.delete(webrUrl));
  }
}
