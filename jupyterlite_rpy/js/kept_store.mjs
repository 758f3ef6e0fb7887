// Changes of files in; a browser's IndexedDB that has them, and what others have written there meanwhile, out.
//
// The format is Emscripten's IDBFS's (kept_entries.mjs), but not its way of writing, which overwrites and deletes what others have
// written since it last looked. Here whoever writes says which versions he has seen, and all comparing (kept_merge.mjs) and writing is
// done within one transaction.

import { done, eachOf, finished } from "./indexed_db.mjs";
import { KeptDatabase } from "./kept_database.mjs";
import { glance, sound, versionsIn } from "./kept_entries.mjs";
import { Merge } from "./kept_merge.mjs";

/** @typedef {import("./kept_entries.mjs").Entry} Entry */
/** @typedef {import("./kept_merge.mjs").Edit} Edit */
/** @typedef {import("./kept_merge.mjs").Outcome} Outcome */

/** The store of a folder. Another site's on the same origin is another. @param {string} folder @param {string} site its address */
export const storeName = (folder, site) => `${folder} of ${new URL(site).pathname}`;

export class KeptStore {
  #database;
  /** Did others write since the last look? */
  stale = true;
  /** Called when others have written; with the paths, none if it may be all. @type {(paths: string[]) => void} */
  onchange = () => {};
  /** What the table was like at a glance, when last looked at. */
  #seen = "";
  #channel;

  /**
   * @param {string} name of the database
   * @param {string} folder that all its paths are below
   */
  constructor(name, folder) {
    this.name = name;
    this.folder = folder;
    this.#database = new KeptDatabase(name);
    this.#channel = new BroadcastChannel(`jupyterlite-rpy files ${name}`);
    this.#channel.onmessage = ({ data }) => {
      this.stale = true;
      this.onchange(data);
    };
    /** @type {any} */ (this.#channel).unref?.(); // Node would wait for messages for ever
  }

  /** A table to read in. @returns {Promise<IDBObjectStore>} within a transaction of its own */
  table() {
    return this.#database.table("readonly");
  }

  close() {
    this.#database.close();
  }

  /**
   * Look at all entries, one after the other.
   *
   * @param {(path: string, entry: Entry) => void} take
   * @returns {Promise<string[]>} what is wrong with entries that cannot be used
   */
  async load(take) {
    /** @type {string[]} */
    const damaged = [];
    const table = await this.table();
    await this.#look(table);
    await eachOf(table.openCursor(), ({ key, value }) => {
      const entry = sound(this.folder, key, value);
      if (typeof entry === "string") damaged.push(entry);
      else take(/** @type {string} */ (key), entry);
    });
    this.#database.fresh = false;
    this.stale = false;
    return damaged;
  }

  /** @param {IDBObjectStore} table @returns {Promise<boolean>} has it changed since the last look? */
  async #look(table) {
    const seen = await glance(table);
    const changed = seen !== this.#seen;
    this.#seen = seen;
    return changed;
  }

  /**
   * What others have written since the last look.
   *
   * @param {ReadonlyMap<string, number>} base versions that this side knows
   * @param {(path: string) => boolean} wanted paths of no interest are left
   * @returns {Promise<{changed: Map<string, Entry>, removed: string[], vanished: boolean}>} `vanished`: the whole database is another one
   */
  async news(base, wanted) {
    /** @type {Map<string, Entry>} */
    const changed = new Map();
    const none = { changed, removed: /** @type {string[]} */ ([]), vanished: false };
    const table = await this.table();
    if (this.#database.fresh) {
      this.#database.fresh = false;
      return { ...none, vanished: base.size > 0 };
    }
    const changes = await this.#look(table);
    if (!changes && !this.stale) return none;
    this.stale = false;
    const versions = await versionsIn(table);
    for (const [path, version] of versions) {
      if (base.get(path) === version || !wanted(path)) continue;
      const entry = sound(this.folder, path, await done(table.get(path)));
      if (typeof entry !== "string") changed.set(path, entry);
    }
    return { changed, removed: [...base.keys()].filter((path) => !versions.has(path) && wanted(path)), vanished: false };
  }

  /**
   * Write changes: all of them, or none.
   *
   * @param {ReadonlyMap<string, Edit>} edits by path
   * @param {Date} date for the names of copies
   * @returns {Promise<Outcome>}
   */
  async commit(edits, date) {
    const merge = new Merge(this.folder, date);
    await this.change(async (table) => {
      await merge.write(table, edits);
      return [...edits.keys()];
    });
    return merge.outcome;
  }

  /**
   * Write, all or nothing, and tell the others.
   *
   * @param {(table: IDBObjectStore) => Promise<string[]>} write waits for requests of this table only; returns what it wrote to
   * @returns {Promise<void>} when it is kept
   */
  async change(write) {
    const table = await this.#database.table("readwrite");
    const { transaction } = table;
    const complete = finished(transaction);
    complete.catch(() => {}); // awaited below
    /** @type {string[]} */
    let paths;
    try {
      if (await this.#look(table)) this.stale = true;
      paths = await write(table);
      await this.#look(table);
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // The browser did so already.
      }
      await complete.catch((/** @type {unknown} */ cause) => {
        throw /** @type {any} */ (cause)?.name === "AbortError" ? error : cause;
      });
      throw error;
    }
    await complete;
    this.#channel.postMessage(paths);
  }

  /** Remove everything. @returns {Promise<void>} */
  async clear() {
    await this.#database.clear();
    this.#channel.postMessage([]);
  }
}
