// The store of kept files (jupyterlite_rpy/js/kept_store.mjs, the one that kernels use) in; what a file browser does with files out.
//
// Nothing is held in memory but sizes: each operation is one transaction of the store.

import { below, done } from "../../../jupyterlite_rpy/js/indexed_db.mjs";
import { glance, isFolder, nameOf, parentOf, putFolders, sound, split, versionsIn } from "../../../jupyterlite_rpy/js/kept_entries.mjs";
import { KeptStore } from "../../../jupyterlite_rpy/js/kept_store.mjs";

/** @typedef {import("../../../jupyterlite_rpy/js/kept_entries.mjs").Entry} Entry */
/** @typedef {{version: number, folder: boolean, size: number}} Details */

const MODE_OF_FILES = 0o100666;
const MODE_OF_FOLDERS = 0o040777;
/** Links that lead to links. */
const STEPS = 10;

/** An operation that cannot be done; `status` as a server would answer. */
export class FileProblem extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "FileProblem";
    this.status = status;
  }
}

/** Where a link leads. @param {string} path @param {string} link */
function target(path, link) {
  const parts = link.startsWith("/") ? [] : parentOf(path).split("/");
  for (const part of link.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.filter((part) => part !== "").join("/")}`;
}

export class KeptTree {
  #store;
  /** @type {Map<string, number>} versions of all entries, when last looked at */
  #versions = new Map();
  /** What the store looked like then. */
  #seen = "";
  /** @type {Map<string, Details & {link?: string}>} of entries that were asked for */
  #details = new Map();

  /** @param {KeptStore} store */
  constructor(store) {
    this.#store = store;
  }

  /** The path of all of it. */
  get root() {
    return this.#store.folder;
  }

  /**
   * @param {string} path
   * @returns {Promise<Map<string, Details>>} by name; links that lead nowhere, and what is damaged, are left out
   */
  async list(path) {
    const table = await this.#look();
    if (path !== this.root && !(await this.#detail(table, path))?.folder) throw new FileProblem(404, `There is no folder ${path}`);
    const start = `${path}/`;
    const names = [...this.#versions.keys()].filter((key) => typeof key === "string" && key.startsWith(start) && !key.includes("/", start.length));
    /** @type {Map<string, Details>} */
    const found = new Map();
    for (const key of names.sort()) {
      const details = await this.#detail(table, key);
      if (details) found.set(nameOf(key), details);
    }
    return found;
  }

  /** @param {string} path @returns {Promise<Details | undefined>} undefined: there is nothing */
  async details(path) {
    return path === this.root ? { version: 0, folder: true, size: 0 } : this.#detail(await this.#look(), path);
  }

  /** What was known of a file when it was last listed or asked for. @param {string} path @returns {number | undefined} */
  known(path) {
    return this.#details.get(path)?.version;
  }

  /** @param {string} path @returns {Promise<{contents: Uint8Array<ArrayBuffer>, version: number}>} */
  async read(path) {
    const table = await this.#look();
    for (let at = path, steps = 0; steps < STEPS; steps++) {
      const value = await done(table.get(at));
      if (value === undefined) break;
      const entry = sound(this.root, at, value);
      if (typeof entry === "string") throw new FileProblem(500, `Damaged in the browser's storage: ${entry}`);
      if (entry.contents) return { contents: entry.contents, version: +entry.timestamp };
      if (entry.link === undefined) throw new FileProblem(400, `${path} is a folder`);
      at = target(at, entry.link);
    }
    throw new FileProblem(404, `There is no file ${path}`);
  }

  /**
   * Write a file. If others have written it since `base`, theirs gets a name of its own.
   *
   * @param {string} path
   * @param {Uint8Array<ArrayBuffer>} contents
   * @param {number | undefined} base the version that it was made from
   * @returns {Promise<{version: number, copies: string[]}>} `copies`: of what others had written
   */
  async write(path, contents, base) {
    const table = await this.#look();
    let at = path;
    /** @type {any} */
    let there;
    for (let steps = 0; steps < STEPS; steps++) {
      there = await done(table.get(at));
      if (typeof there?.link !== "string") break;
      at = target(at, there.link);
    }
    if (there && isFolder(there.mode)) throw new FileProblem(409, `${path} is a folder`);
    const now = new Date();
    const entry = { timestamp: now, mode: there?.mode ?? MODE_OF_FILES, contents };
    const { versions, conflicts } = await this.#store.commit(new Map([[at, { entry, base }]]), now);
    const version = /** @type {number} */ (versions.get(at));
    this.#store.stale = true;
    this.#details.set(at, { version, folder: false, size: contents.length });
    return { version, copies: conflicts.map(({ copy }) => copy) };
  }

  /**
   * Make a file, or a folder, with a name that is free.
   *
   * @param {string} folder
   * @param {string} stem
   * @param {string} extension
   * @param {Uint8Array<ArrayBuffer> | null} contents null: a folder
   * @returns {Promise<string>} its path
   */
  async create(folder, stem, extension, contents) {
    let path = "";
    await this.#change(async (table) => {
      for (let n = 0; path === "" || (await done(table.getKey(path))) !== undefined; n++) path = `${folder}/${stem}${n || ""}${extension}`;
      const timestamp = new Date();
      const made = await putFolders(table, this.root, folder, +timestamp);
      table.put(contents ? { timestamp, mode: MODE_OF_FILES, contents } : { timestamp, mode: MODE_OF_FOLDERS }, path);
      return [...made, path];
    });
    return path;
  }

  /** Give a file, or a folder with all that is in it, another path. @param {string} from @param {string} to @returns {Promise<void>} */
  async move(from, to) {
    await this.#transfer(from, async () => to, true);
  }

  /** @param {string} path @param {string} folder where the copy is to be @returns {Promise<string>} its path */
  async copy(path, folder) {
    const [stem, extension] = split(nameOf(path));
    return this.#transfer(
      path,
      async (table) => {
        let to = `${folder}/${stem}${extension}`;
        for (let n = 1; (await done(table.getKey(to))) !== undefined; n++) to = `${folder}/${stem}-Copy${n}${extension}`;
        return to;
      },
      false,
    );
  }

  /** Remove a file, or a folder with all that is in it. @param {string} path @returns {Promise<void>} */
  async remove(path) {
    await this.#change(async (table) => {
      const keys = await keysOf(table, path);
      for (const key of keys) table.delete(key);
      return keys;
    });
  }

  /** @param {string} from @param {(table: IDBObjectStore) => Promise<string>} choose @param {boolean} away @returns {Promise<string>} */
  async #transfer(from, choose, away) {
    let to = "";
    await this.#change(async (table) => {
      to = await choose(table);
      if (`${to}/`.startsWith(`${from}/`)) throw new FileProblem(409, `${from} cannot be put into itself`);
      if ((await done(table.getKey(to))) !== undefined) throw new FileProblem(409, `There is a file named ${to}`);
      const keys = await keysOf(table, from);
      if (keys.length === 0) throw new FileProblem(404, `There is no file ${from}`);
      const made = await putFolders(table, this.root, parentOf(to), Date.now());
      for (const key of keys) {
        const value = await done(table.get(key));
        const before = +(value?.timestamp ?? 0) || 0;
        // A version that no one has seen: others look at the latest ones only.
        const timestamp = new Date(Math.max(Date.now(), before + 1));
        table.put(before ? { ...value, timestamp } : value, to + key.slice(from.length));
        if (away) table.delete(key);
      }
      return [...made, ...(away ? keys : []), ...keys.map((key) => to + key.slice(from.length))];
    });
    return to;
  }

  /** @param {(table: IDBObjectStore) => Promise<string[]>} write */
  async #change(write) {
    await this.#store.change(write);
    this.#store.stale = true; // for our own versions, too
  }

  /** A table in which to look, with versions of all entries known. @returns {Promise<IDBObjectStore>} */
  async #look() {
    const store = this.#store;
    const table = await store.table();
    const seen = await glance(table);
    if (store.stale) this.#seen = "";
    store.stale = false;
    // Others may look while this waits: it counts as seen when it is known.
    if (seen !== this.#seen) {
      this.#versions = await versionsIn(table);
      this.#seen = seen;
      for (const [path, { version }] of this.#details) if (this.#versions.get(path) !== version) this.#details.delete(path);
    }
    return table;
  }

  /** @param {IDBObjectStore} table @param {string} path @returns {Promise<Details | undefined>} */
  async #detail(table, path, steps = STEPS) {
    let found = this.#details.get(path);
    if (!found) {
      const value = await done(table.get(path));
      const entry = value === undefined ? "" : sound(this.root, path, value);
      if (typeof entry === "string") return undefined;
      const { timestamp, mode, contents, link } = entry;
      found = { version: +timestamp, folder: isFolder(mode), size: contents?.length ?? 0, link };
      this.#details.set(path, found);
    }
    if (found.link === undefined) return found;
    const led = steps > 0 ? await this.#detail(table, target(path, found.link), steps - 1) : undefined;
    return led?.folder ? undefined : led; // of what is below a link, nothing is known here
  }
}

/** An entry and all that is below it. @param {IDBObjectStore} table @param {string} path @returns {Promise<string[]>} */
async function keysOf(table, path) {
  const [own, inside] = [await done(table.getKey(path)), await done(table.getAllKeys(below(path)))];
  return /** @type {string[]} */ ([...(own === undefined ? [] : [own]), ...inside]);
}
