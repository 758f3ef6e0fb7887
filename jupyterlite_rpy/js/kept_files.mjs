// A folder of Python's file system in; the same, with contents that stay in the browser, out.
//
// The files are in memory, as all of Python's. Each change of one is noted, so that saving costs what has changed. What others
// (tabs, the file browser) wrote comes in by `refresh`, what was written here goes out by `save`; both between two cells.

import { KeptChanges } from "./kept_changes.mjs";
import { isFull } from "./kept_database.mjs";
import { KeptMemory } from "./kept_memory.mjs";
import { KeptStore, storeName } from "./kept_store.mjs";
import { Running, told } from "./running.mjs";

/** @typedef {import("./kept_entries.mjs").Entry} Entry */
/** @typedef {import("./kept_merge.mjs").Edit} Edit */

/**
 * What the user is to be told.
 *
 * @typedef {object} Report
 * @property {string[]} failed not kept: what, and why
 * @property {string[]} notes what else happened
 * @property {number} written paths that were written or removed in the store
 */

export class KeptFiles {
  #store;
  #running;
  #changes;
  #memory;
  /** @type {Map<string, number>} versions of what the store and this side have in common */
  #base = new Map();
  /** @type {Promise<any>} one after the other */
  #last = Promise.resolve();
  /** @type {Promise<Report> | null} */
  #loading = null;

  /**
   * @param {any} FS Pyodide's
   * @param {string} folder absolute, without a slash at its end; it is mounted there
   * @param {string} site address of the site: another one's files are others
   * @param {import("./running.mjs").Locks} [locks] the browser's
   */
  constructor(FS, folder, site, locks) {
    this.folder = folder;
    this.#store = new KeptStore(storeName(folder, site), folder);
    this.#running = new Running(this.#store.name, locks);
    this.#changes = new KeptChanges(FS, folder, (path) => this.#running.note(path));
    this.#memory = new KeptMemory(FS, folder);
  }

  get name() {
    return this.#store.name;
  }

  /** @template T @param {() => Promise<T>} action @returns {Promise<T>} */
  #inTurn(action) {
    // Python's side of a promise takes exceptions of JavaScript's own class only; a file system's error is none.
    const next = this.#last.then(action).catch((error) => {
      throw error instanceof Error && !(error instanceof DOMException) ? error : new Error(`${error?.name ?? error} ${error?.message ?? error?.errno ?? ""}`.trim());
    });
    this.#last = next.catch(() => {});
    return next;
  }

  /** Begin to load; `load` waits for that, and tells what came of it. */
  preload() {
    this.#loading = this.load();
    this.#loading.catch(() => {});
  }

  /** Have a folder of which it is known that it is in the store. @param {string} path within the kept folder */
  provide(path) {
    this.#changes.quietly(() => this.#memory.makeFolder(path));
  }

  /** Take over what the store has. @returns {Promise<Report>} */
  load() {
    const loading = this.#loading;
    this.#loading = null;
    if (loading) return loading;
    return this.#inTurn(async () => {
      /** @type {string[]} */
      const unfit = [];
      const damaged = await this.#store.load((path, entry) => this.#takeIfFit(path, entry, unfit));
      const lost = await this.#running.open().catch(() => []); // files are kept without it
      return { failed: [], notes: [...[...damaged, ...unfit].map(leftThere), ...lost.map(told)], written: 0 };
    });
  }

  /** Take over what others wrote. @returns {Promise<Report>} */
  refresh() {
    return this.#inTurn(async () => {
      const edits = this.#changed();
      const { changed, removed, vanished } = await this.#store.news(this.#base, (path) => !edits.has(path));
      if (vanished) {
        // Not a removal of each file: what is here is now the only copy.
        this.#base.clear();
        this.#changes.add(this.#memory.paths());
        return { failed: [], notes: [`the browser's storage of ${this.folder} was removed; what is in memory is written again`], written: 0 };
      }
      for (const path of removed.sort().reverse()) this.#drop(path);
      /** @type {string[]} */
      const unfit = [];
      for (const path of [...changed.keys()].sort()) this.#takeIfFit(path, /** @type {Entry} */ (changed.get(path)), unfit);
      return { failed: [], notes: unfit.map(leftThere), written: 0 };
    });
  }

  /** Write what has changed here. @returns {Promise<Report>} */
  save() {
    return this.#inTurn(async () => {
      const edits = this.#changed();
      /** @type {Report} */
      const report = { failed: [], notes: [], written: 0 };
      if (edits.size === 0) return report;
      const paths = this.#changes.take();
      try {
        await this.#commit(edits, report);
      } catch (error) {
        if (!isFull(error)) {
          this.#changes.add(paths);
          throw error;
        }
        await this.#commitOneByOne(edits, report);
      }
      await this.#running.settle(this.#changes.paths).catch(() => {});
      return report;
    });
  }

  /** What has changed here since the last save. @returns {Map<string, Edit>} */
  #changed() {
    /** @type {Map<string, Edit>} */
    const edits = new Map();
    for (const path of this.#changes.paths) {
      const entry = this.#memory.get(path);
      const base = this.#base.get(path);
      if (entry || base !== undefined) edits.set(path, { entry, base });
    }
    return edits;
  }

  /** @param {Map<string, Edit>} edits @param {Report} report */
  async #commit(edits, report) {
    const { versions, theirs, conflicts } = await this.#store.commit(edits, new Date());
    for (const [path, version] of versions) {
      if (version === undefined) this.#base.delete(path);
      else this.#base.set(path, version);
    }
    for (const [path, entry] of theirs) {
      if (!this.#memory.has(path)) this.#take(path, entry);
      if (edits.has(path)) report.notes.push(`${path} was removed here and changed by another tab or program: it is back, as the other left it`);
    }
    for (const { path, copy } of conflicts) report.notes.push(`${path} was changed here and by another tab or program: the other's is now ${copy}`);
    report.written += versions.size;
  }

  /** The store is full: keep as many as there is room for, small ones first. @param {Map<string, Edit>} edits @param {Report} report */
  async #commitOneByOne(edits, report) {
    const size = (/** @type {Edit} */ { entry }) => (entry === null ? -1 : (entry.contents?.length ?? 0));
    for (const [path, edit] of [...edits].sort(([, one], [, other]) => size(one) - size(other))) {
      try {
        await this.#commit(new Map([[path, edit]]), report);
      } catch (error) {
        this.#changes.add([path]);
        if (!isFull(error)) throw error;
        report.failed.push(`${path} (${size(edit) < 2 ** 20 ? `${Math.ceil(Math.max(size(edit), 1) / 2 ** 10)} kB` : `${Math.ceil(size(edit) / 2 ** 20)} MB`}): the browser's storage is full`);
      }
    }
  }

  /** @param {string} path @param {Entry} entry @param {string[]} unfit gets a line if there is no place for it */
  #takeIfFit(path, entry, unfit) {
    try {
      this.#take(path, entry);
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== "ErrnoError") throw error;
      this.#base.set(path, +entry.timestamp); // known, and not looked at again
      unfit.push(`${path} is in what is no folder`);
    }
  }

  /** What the store has, here as well. @param {string} path @param {Entry} entry */
  #take(path, entry) {
    this.#changes.quietly(() => this.#memory.put(path, entry));
    this.#base.set(path, +entry.timestamp);
    this.#changes.forget(path);
  }

  /** @param {string} path */
  #drop(path) {
    this.#base.delete(path);
    this.#changes.quietly(() => this.#memory.drop(path));
  }

  /** Remove all files, here and in the store. @returns {Promise<void>} */
  clear() {
    return this.#inTurn(async () => {
      await this.#store.clear();
      this.#changes.quietly(() => this.#memory.clear());
      this.#base.clear();
      this.#changes.take();
    });
  }
}

/** @param {string} what */
const leftThere = (what) => `damaged in the browser's storage, and left there: ${what}`;
