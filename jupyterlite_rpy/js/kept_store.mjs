// Changes of files in; a browser's IndexedDB that has them, and what others have written there meanwhile, out.
//
// The format is that of Emscripten's IDBFS, so that other programs can read it: one store, keys are absolute paths, each folder has an
// entry, `timestamp` is a Date. Its own way of writing is not used: it overwrites and deletes what others have written since it last
// looked. Here each entry has a version (its timestamp, which always grows); whoever writes says which version he has seen, and all
// comparing and writing is done within one transaction.

const STORE = "FILE_DATA";
const INDEX = "timestamp";
/** IDBFS's. */
const VERSION = 21;

/** @typedef {{timestamp: Date, mode: number, contents?: Uint8Array<ArrayBuffer>, link?: string}} Entry */
/** @typedef {Entry | null} Change null: removed */
/** @typedef {{entry: Change, base: number | undefined}} Edit `base`: the version that it was made from; undefined: there was none */

/**
 * @typedef {object} Outcome
 * @property {Map<string, number | undefined>} versions of the paths that were written; undefined: no longer there
 * @property {Map<string, Entry>} theirs what others wrote and this side is to take over
 * @property {{path: string, copy: string}[]} conflicts both sides had changed `path`; the other's is now `copy`
 */

/** The store cannot be used; `hint` says what to do. */
export class StoreProblem extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(`${message}. Hint: ${hint}`);
    this.name = "StoreProblem";
  }
}

/** The database of a folder. Another site's on the same origin is another. @param {string} folder @param {string} site its address */
export const storeName = (folder, site) => `${folder} of ${new URL(site).pathname}`;

/** @param {Date} date @returns {string} for the names of copies */
export const dayOf = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

/** @param {any} error */
export const isFull = (error) => error?.name === "QuotaExceededError";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
export const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("the browser stopped the transaction", "AbortError"));
  });

/**
 * @template {IDBCursor} C
 * @param {IDBRequest<C | null>} request
 * @param {(cursor: C) => void} take
 * @returns {Promise<void>}
 */
export const eachOf = (request, take) =>
  new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      try {
        take(cursor);
        cursor.continue();
      } catch (error) {
        reject(error);
      }
    };
  });

/** @param {number} mode */
export const isFolder = (mode) => (mode & 0o170000) === 0o040000;

/** @param {Entry} one @param {Entry} other */
function same(one, other) {
  if (isFolder(one.mode) || isFolder(other.mode)) return isFolder(one.mode) === isFolder(other.mode);
  if (one.link !== undefined || other.link !== undefined) return one.link === other.link;
  const [a, b] = [one.contents, other.contents];
  return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** @param {string} path */
export const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));

/** All that is below a folder. @param {string} path */
export const below = (path) => IDBKeyRange.bound(`${path}/`, `${path}0`, false, true); // "0" follows "/"

/** The version of each entry, by the index, which does not read contents. @param {IDBObjectStore} store @returns {Promise<Map<string, number>>} */
export async function versionsIn(store) {
  /** @type {Map<string, number>} */
  const versions = new Map();
  await eachOf(store.index(INDEX).openKeyCursor(), ({ primaryKey, key }) => {
    versions.set(/** @type {string} */ (primaryKey), +(/** @type {Date} */ (key)));
  });
  return versions;
}

export class KeptStore {
  /** @type {IDBDatabase | null} */
  #db = null;
  /** Does a request to open it still wait for another tab? */
  #blocked = false;
  /** Was there no database when it was opened last? */
  fresh = false;
  /** Did others write since the last look? */
  stale = true;
  /** Called when others have written; with the paths, none if it may be all. @type {(paths: string[]) => void} */
  onchange = () => {};
  /** Number of entries and the latest one, when last looked at. */
  #seen = "";
  #channel;

  /**
   * @param {string} name of the database
   * @param {string} folder that all its paths are below
   */
  constructor(name, folder) {
    this.name = name;
    this.folder = folder;
    this.#channel = new BroadcastChannel(`jupyterlite-rpy files ${name}`);
    this.#channel.onmessage = ({ data }) => {
      this.stale = true;
      this.onchange(data);
    };
    /** @type {any} */ (this.#channel).unref?.(); // Node would wait for messages for ever
  }

  /** @returns {Promise<IDBDatabase>} */
  async #open() {
    if (this.#db) return this.#db;
    if (!globalThis.indexedDB) {
      throw new StoreProblem("this browser window has no storage (IndexedDB)", "it may be a private window, or storage is switched off for this site; use a normal window");
    }
    if (this.#blocked) throw inTheWay(); // the browser answers no other request before that one
    let fresh = false;
    /** @type {IDBDatabase} */
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, VERSION);
      request.onupgradeneeded = ({ oldVersion }) => {
        const { result } = request;
        fresh = oldVersion === 0;
        const store = result.objectStoreNames.contains(STORE)
          ? /** @type {IDBTransaction} */ (request.transaction).objectStore(STORE)
          : result.createObjectStore(STORE);
        if (!store.indexNames.contains(INDEX)) store.createIndex(INDEX, INDEX, { unique: false });
      };
      let blocked = false;
      request.onblocked = () => {
        blocked = this.#blocked = true;
        reject(inTheWay());
      };
      request.onerror = () => {
        if (blocked) this.#blocked = false;
        reject(unusable(/** @type {DOMException} */ (request.error)));
      };
      request.onsuccess = () => {
        if (!blocked) return resolve(request.result);
        this.#blocked = false; // it comes when nobody waits any more
        request.result.close();
      };
    });
    if (!db.objectStoreNames.contains(STORE) || !db.transaction(STORE).objectStore(STORE).indexNames.contains(INDEX)) {
      db.close();
      throw new StoreProblem(`the storage named "${this.name}" is damaged: it has no table of files`, "export what is in memory, then clear() it");
    }
    this.fresh = fresh;
    db.onversionchange = () => this.close(); // somebody wants to change or remove it
    db.onclose = () => {
      this.#db = null;
    };
    this.#db = db;
    return db;
  }

  close() {
    this.#db?.close();
    this.#db = null;
  }

  /** @param {IDBTransactionMode} mode @returns {Promise<IDBObjectStore>} within a transaction of its own */
  async table(mode) {
    for (let again = true; ; again = false) {
      const db = await this.#open();
      try {
        return db.transaction(STORE, mode, { durability: "strict" }).objectStore(STORE);
      } catch (error) {
        // Closed meanwhile, by the browser or for another tab.
        this.#db = null;
        if (!again) throw error;
      }
    }
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
    const store = await this.table("readonly");
    await this.#look(store);
    await eachOf(store.openCursor(), ({ key, value }) => {
      const entry = this.sound(key, value);
      if (typeof entry === "string") damaged.push(entry);
      else take(/** @type {string} */ (key), entry);
    });
    return damaged;
  }

  /** @param {IDBValidKey} key @param {any} value @returns {Entry | string} what is wrong with it */
  sound(key, value) {
    if (typeof key !== "string" || !key.startsWith(`${this.folder}/`) || /\/(\.{0,2})(\/|$)/.test(key)) return `${JSON.stringify(key)} is no path below ${this.folder}`;
    if (typeof value !== "object" || value === null) return `${key} has no entry`;
    const { timestamp, mode, contents, link } = value;
    if (!(timestamp instanceof Date) || Number.isNaN(+timestamp)) return `${key} has no time`;
    if (!Number.isInteger(mode)) return `${key} has no mode`;
    if (isFolder(mode)) return { timestamp, mode };
    if (typeof link === "string") return { timestamp, mode, link };
    if (contents instanceof Uint8Array) return { timestamp, mode, contents: /** @type {Uint8Array<ArrayBuffer>} */ (contents) };
    if (ArrayBuffer.isView(contents)) return { timestamp, mode, contents: new Uint8Array(/** @type {ArrayBuffer} */ (contents.buffer), contents.byteOffset, contents.byteLength) };
    if (contents instanceof ArrayBuffer) return { timestamp, mode, contents: new Uint8Array(contents) };
    return `${key} has no contents`;
  }

  /** How many entries there are and which is the latest: with each change by anybody, this changes. @param {IDBObjectStore} store @returns {Promise<string>} */
  async glance(store) {
    const [count, latest] = await Promise.all([done(store.count()), done(store.index(INDEX).openKeyCursor(null, "prev"))]);
    return `${count} ${latest ? `${+(/** @type {Date} */ (latest.key))} ${latest.primaryKey}` : ""}`;
  }

  /** @param {IDBObjectStore} store @returns {Promise<boolean>} has it changed since the last look? */
  async #look(store) {
    const seen = await this.glance(store);
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
    const store = await this.table("readonly");
    if (this.fresh) {
      this.fresh = false;
      return { ...none, vanished: base.size > 0 };
    }
    const changes = await this.#look(store);
    if (!changes && !this.stale) return none;
    this.stale = false;
    const versions = await versionsIn(store);
    for (const [path, version] of versions) {
      if (base.get(path) === version || !wanted(path)) continue;
      const entry = this.sound(path, await done(store.get(path)));
      if (typeof entry !== "string") changed.set(path, entry);
    }
    return { changed, removed: [...base.keys()].filter((path) => !versions.has(path) && wanted(path)), vanished: false };
  }

  /**
   * Write changes: all of them, or none.
   *
   * @param {ReadonlyMap<string, Edit>} edits by path
   * @param {string} day for the names of copies
   * @returns {Promise<Outcome>}
   */
  async commit(edits, day) {
    /** @type {Outcome} */
    const outcome = { versions: new Map(), theirs: new Map(), conflicts: [] };
    await this.change(async (store) => {
      // Folders before what is in them; what is removed the other way round.
      const paths = [...edits.keys()].sort();
      const removed = paths.filter((path) => edits.get(path)?.entry === null).reverse();
      for (const path of [...removed, ...paths.filter((path) => edits.get(path)?.entry !== null)]) {
        await this.#write(store, path, /** @type {Edit} */ (edits.get(path)), day, outcome);
      }
      return [...edits.keys()];
    });
    return outcome;
  }

  /**
   * Write, all or nothing, and tell the others.
   *
   * @param {(store: IDBObjectStore) => Promise<string[]>} write waits for requests of this store only; returns what it wrote to
   * @returns {Promise<void>} when it is kept
   */
  async change(write) {
    const store = await this.table("readwrite");
    const { transaction } = store;
    const complete = finished(transaction);
    complete.catch(() => {}); // awaited below
    /** @type {string[]} */
    let paths;
    try {
      if (await this.#look(store)) this.stale = true;
      paths = await write(store);
      await this.#look(store);
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

  /** @param {IDBObjectStore} store @param {string} path @param {Edit} edit @param {string} day @param {Outcome} outcome */
  async #write(store, path, { entry, base }, day, outcome) {
    const exists = (await done(store.getKey(path))) !== undefined;
    // By the index, which does not read contents.
    const known = base !== undefined && exists && (await done(store.index(INDEX).getAllKeys(IDBKeyRange.only(new Date(base))))).includes(path);
    const theirs = exists && !known ? await done(store.get(path)) : undefined;
    if (entry === null) {
      if (!exists) {
        outcome.versions.set(path, undefined);
        return;
      }
      if (theirs !== undefined) {
        // Changed by others since: their work is not removed, it comes back here.
        const sound = this.sound(path, theirs);
        if (typeof sound !== "string") outcome.theirs.set(path, sound);
        return;
      }
      if ((await done(store.getKey(below(path)))) !== undefined) return; // a folder in which others have put something
      store.delete(path);
      outcome.versions.set(path, undefined);
      return;
    }
    let version = +entry.timestamp;
    if (theirs !== undefined) {
      const sound = this.sound(path, theirs);
      if (typeof sound === "string" || !same(sound, entry)) await this.#keepBoth(store, path, theirs, day, outcome);
      if (typeof sound !== "string") version = Math.max(version, +sound.timestamp + 1);
    } else if (known) {
      version = Math.max(version, /** @type {number} */ (base) + 1);
    }
    for (const folder of await this.putFolders(store, parentOf(path), version)) outcome.versions.set(folder, version);
    store.put({ ...entry, timestamp: new Date(version) }, path);
    outcome.versions.set(path, version);
  }

  /** Give the other's version a name of its own. @param {IDBObjectStore} store @param {string} path @param {any} theirs @param {string} day @param {Outcome} outcome */
  async #keepBoth(store, path, theirs, day, outcome) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const dot = name.lastIndexOf(".");
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    for (let n = 1; ; n++) {
      const copy = `${parentOf(path)}/${stem} (conflict ${day}${n > 1 ? ` ${n}` : ""})${extension}`;
      if ((await done(store.getKey(copy))) !== undefined) continue;
      store.put(theirs, copy);
      const sound = this.sound(copy, theirs);
      if (typeof sound !== "string") outcome.theirs.set(copy, sound);
      outcome.conflicts.push({ path, copy });
      return;
    }
  }

  /** @param {IDBObjectStore} store @param {string} path @param {number} version @returns {Promise<string[]>} the folders that were made */
  async putFolders(store, path, version) {
    if (path.length <= this.folder.length || (await done(store.getKey(path))) !== undefined) return [];
    const above = await this.putFolders(store, parentOf(path), version);
    store.put({ timestamp: new Date(version), mode: 0o040777 }, path);
    return [...above, path];
  }

  /** Remove everything: the store is empty then. @returns {Promise<void>} */
  async clear() {
    this.close();
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(this.name);
      request.onsuccess = resolve;
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new StoreProblem("another tab of this site has the storage open", "close this site's other tabs and try again"));
    });
    await this.#open();
    this.fresh = false;
    this.#channel.postMessage([]);
  }
}

const inTheWay = () => new StoreProblem("another tab of this site holds an older form of the storage open", "close this site's other tabs, then save again");

/** @param {DOMException} error */
function unusable({ name, message }) {
  if (name === "VersionError") return new StoreProblem("the storage was written by a newer version of this software", "reload the page without its cache, or ask the site's author");
  if (name === "QuotaExceededError") return new StoreProblem("the browser's storage is full", "remove files or other sites' data");
  return new StoreProblem(`this browser window does not let the site store anything (${name}: ${message})`, "it may be a private window, or storage is switched off for this site; use a normal window");
}
