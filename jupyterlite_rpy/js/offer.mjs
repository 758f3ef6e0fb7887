// R's program from the page, which fetched and compiled it while Python started here, in; the program as fetch.mjs gives it, out.
//
// The page (kernels/lite/src/program.ts) posts it to this worker, as a WebAssembly.Module goes by no other way. JupyterLite's own
// messages come there as well: ours are told from them by their kind.

const KIND = "jupyterlite-rpy program";

/** @typedef {import("./fetch.mjs").Program} Program */

export class Offer {
  #address;
  /** @type {(stage: string, loaded: number, total: number) => void} */
  #progress = () => {};
  /** @type {Program} */
  #program;

  /**
   * @param {string} address of webR's folder, from which the page fetches
   * @param {Pick<EventTarget, "addEventListener" | "removeEventListener">} [worker] where the page's messages come
   */
  constructor(address, worker = globalThis) {
    this.#address = address;
    /** @type {Program["libraries"]} */
    const libraries = new Map();
    /** @type {Promise<any>} */
    const arrived = new Promise((resolve, reject) => {
      const hear = (/** @type {any} */ { data }) => {
        if (data?.kind !== KIND) return;
        if (data.stage !== undefined) {
          this.#progress(data.stage, data.loaded, data.total);
          return;
        }
        worker.removeEventListener("message", hear);
        if (data.failed) {
          this.#address = ""; // a later start fetches by itself, and does not fail of this again
          reject(Object.assign(new Error(data.failed), { name: "BootProblem" })); // fetch.mjs's, in whose words it is
          return;
        }
        for (const [name, bytes] of data.libraries) libraries.set(name, bytes);
        resolve(data);
      };
      worker.addEventListener("message", hear);
    });
    arrived.catch(() => {}); // whoever starts R hears of it
    this.#program = {
      texts: arrived.then(({ texts }) => texts),
      wasm: arrived.then(({ wasm }) => wasm),
      libraries,
      done: arrived,
    };
    this.#program.texts.catch(() => {});
    this.#program.wasm.catch(() => {});
  }

  /**
   * The program, if it is what R is to be started from.
   *
   * @param {string} address of webR's folder
   * @param {(stage: string, loaded: number, total: number) => void} progress
   * @returns {Program | undefined}
   */
  take(address, progress) {
    if (address !== this.#address) return undefined;
    this.#progress = progress;
    return this.#program;
  }
}
