// Paths that a running cell changes in; after its kernel has been killed, which those were, out.
//
// What the cell wrote is in memory and lost then. That it wrote is noted at once, in a small database of its own: a request to a browser's
// IndexedDB leaves the thread while that goes on, though the answer has to wait. Who is alive holds a lock, which ends with its worker.

import { below, done, eachOf, finished } from "./indexed_db.mjs";

const TABLE = "running";
/** Names that are noted for one cell. */
const MOST = 200;

/** @typedef {{paths: string[], more: boolean, time: Date}} Lost what one cell had changed; `more`: and others */
/** @typedef {Pick<LockManager, "query"> & {request: (name: string, use: () => Promise<any>) => Promise<any>}} Locks */

export class Running {
  #name;
  #locks;
  #id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  /** @type {IDBDatabase | null} */
  #db = null;
  /** @type {Set<string>} */
  #noted = new Set();

  /**
   * @param {string} name of the storage
   * @param {Locks | undefined} locks the browser's; without them the living cannot be told from the dead, and nothing is noted
   */
  constructor(name, locks = globalThis.navigator?.locks) {
    this.#name = `${name} running`;
    this.#locks = locks;
  }

  /** @param {string} id */
  #lock(id) {
    return `jupyterlite-rpy ${this.#name} ${id}`;
  }

  /** Begin; what killed cells had changed comes once, to the first who asks. @returns {Promise<Lost[]>} */
  async open() {
    const locks = this.#locks;
    if (this.#db || !locks || !globalThis.indexedDB) return [];
    const request = indexedDB.open(this.#name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    const db = await done(request);
    db.onversionchange = () => this.close();
    locks.request(this.#lock(this.#id), () => new Promise(() => {})).catch(() => {});
    const living = new Set(((await locks.query()).held ?? []).map(({ name }) => name));
    const table = db.transaction(TABLE, "readwrite").objectStore(TABLE);
    /** @type {Map<string, Lost>} */
    const lost = new Map();
    await eachOf(table.openCursor(), (cursor) => {
      const { id, path, time } = cursor.value;
      if (living.has(this.#lock(id))) return;
      /** @type {Lost} */
      const found = lost.get(id) ?? { paths: [], more: false, time };
      lost.set(id, found);
      if (path === null) found.more = true;
      else found.paths.push(path);
      cursor.delete();
    });
    await finished(table.transaction);
    this.#db = db;
    return [...lost.values()];
  }

  close() {
    this.#db?.close();
    this.#db = null;
  }

  /** The running cell changes this. It does not wait. @param {string} path */
  note(path) {
    if (!this.#db || this.#noted.has(path) || this.#noted.size > MOST) return;
    this.#noted.add(path);
    const entry = { id: this.#id, path: this.#noted.size > MOST ? null : path, time: new Date() };
    try {
      const transaction = this.#db.transaction(TABLE, "readwrite", { durability: "relaxed" });
      transaction.objectStore(TABLE).put(entry, `${this.#id}/${String(this.#noted.size).padStart(3, "0")}`);
      transaction.commit();
    } catch {
      this.#db = null; // closed meanwhile; nothing but these notes depends on it
    }
  }

  /** What was noted is kept now, but for these paths. @param {Iterable<string>} rest @returns {Promise<void>} */
  async settle(rest) {
    if (this.#noted.size === 0) return;
    this.#noted.clear();
    if (!this.#db) return;
    const transaction = this.#db.transaction(TABLE, "readwrite");
    transaction.objectStore(TABLE).delete(below(this.#id));
    await finished(transaction);
    for (const path of rest) this.note(path);
  }
}

/** In words. @param {Lost} lost @returns {string} */
export function told({ paths, more, time }) {
  const shown = paths.slice(0, 10);
  const others = paths.length - shown.length;
  const rest = more ? " and many more" : others > 0 ? ` and ${others} more` : "";
  const when = `${time.toLocaleDateString("sv")} ${time.toLocaleTimeString("sv", { timeStyle: "short" })}`;
  return `not kept: ${shown.join(", ")}${rest}: a cell had changed this when its kernel ended, ${when}; the files are as they were before that cell`;
}
