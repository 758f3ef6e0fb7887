// Edits of one side, and the table that others have written to since, in; what both have done, in that table, out.
//
// Whoever edits says which version he has seen. What others have written since is never lost: where both have changed a file, the
// other's gets a name of its own; where one has removed what the other has changed, the change counts.

import { below, done } from "./indexed_db.mjs";
import { isOfVersion, nameOf, parentOf, putFolders, same, sound, split } from "./kept_entries.mjs";

/** @typedef {import("./kept_entries.mjs").Entry} Entry */
/** @typedef {{entry: Entry | null, base: number | undefined}} Edit null: removed; `base`: the version that it was made from; undefined: there was none */

/**
 * @typedef {object} Outcome
 * @property {Map<string, number | undefined>} versions of the paths that were written; undefined: no longer there
 * @property {Map<string, Entry>} theirs what others wrote and this side is to take over
 * @property {{path: string, copy: string}[]} conflicts both sides had changed `path`; the other's is now `copy`
 */

export class Merge {
  #folder;
  #day;
  /** @type {Outcome} */
  outcome = { versions: new Map(), theirs: new Map(), conflicts: [] };

  /**
   * @param {string} folder that all paths are below
   * @param {Date} date for the names of copies
   */
  constructor(folder, date) {
    this.#folder = folder;
    this.#day = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  }

  /** @param {IDBObjectStore} table @param {ReadonlyMap<string, Edit>} edits by path @returns {Promise<void>} */
  async write(table, edits) {
    // Folders before what is in them; what is removed the other way round.
    const paths = [...edits.keys()].sort();
    const removed = paths.filter((path) => edits.get(path)?.entry === null).reverse();
    for (const path of [...removed, ...paths.filter((path) => edits.get(path)?.entry !== null)]) {
      await this.#write(table, path, /** @type {Edit} */ (edits.get(path)));
    }
  }

  /** @param {IDBObjectStore} table @param {string} path @param {Edit} edit */
  async #write(table, path, { entry, base }) {
    const exists = (await done(table.getKey(path))) !== undefined;
    const known = base !== undefined && exists && (await isOfVersion(table, path, base));
    const theirs = exists && !known ? await done(table.get(path)) : undefined;
    if (entry === null) {
      await this.#remove(table, path, exists, theirs);
      return;
    }
    let version = +entry.timestamp;
    if (theirs !== undefined) {
      const found = sound(this.#folder, path, theirs);
      if (typeof found === "string" || !same(found, entry)) await this.#keepBoth(table, path, theirs);
      if (typeof found !== "string") version = Math.max(version, +found.timestamp + 1);
    } else if (known) {
      version = Math.max(version, /** @type {number} */ (base) + 1);
    }
    for (const folder of await putFolders(table, this.#folder, parentOf(path), version)) this.outcome.versions.set(folder, version);
    table.put({ ...entry, timestamp: new Date(version) }, path);
    this.outcome.versions.set(path, version);
  }

  /** @param {IDBObjectStore} table @param {string} path @param {boolean} exists @param {any} theirs what others have written there since */
  async #remove(table, path, exists, theirs) {
    if (!exists) {
      this.outcome.versions.set(path, undefined);
      return;
    }
    if (theirs !== undefined) {
      // Their work is not removed, it comes back here.
      const found = sound(this.#folder, path, theirs);
      if (typeof found !== "string") this.outcome.theirs.set(path, found);
      return;
    }
    if ((await done(table.getKey(below(path)))) !== undefined) return; // a folder in which others have put something
    table.delete(path);
    this.outcome.versions.set(path, undefined);
  }

  /** Give the other's version a name of its own. @param {IDBObjectStore} table @param {string} path @param {any} theirs */
  async #keepBoth(table, path, theirs) {
    const [stem, extension] = split(nameOf(path));
    for (let n = 1; ; n++) {
      const copy = `${parentOf(path)}/${stem} (conflict ${this.#day}${n > 1 ? ` ${n}` : ""})${extension}`;
      if ((await done(table.getKey(copy))) !== undefined) continue;
      table.put(theirs, copy);
      const found = sound(this.#folder, copy, theirs);
      if (typeof found !== "string") this.outcome.theirs.set(copy, found);
      this.outcome.conflicts.push({ path, copy });
      return;
    }
  }
}
