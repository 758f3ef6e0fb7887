// The name of a browser's database in; its table of files, for one transaction after the other, out. Or why there is none.
//
// A page and kernels of other versions may have the same database open, and browsers close it when they like.

import { INDEX } from "./kept_entries.mjs";

/** IDBFS's, as the version. */
const TABLE = "FILE_DATA";
const VERSION = 21;

/** The storage cannot be used; `hint` says what to do. */
export class StoreProblem extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(`${message}. Hint: ${hint}`);
    this.name = "StoreProblem";
  }
}

/** @param {any} error */
export const isFull = (error) => error?.name === "QuotaExceededError";

export class KeptDatabase {
  /** @type {IDBDatabase | null} */
  #db = null;
  /** Does a request to open it still wait for another tab? */
  #blocked = false;
  /** Was there no database when it was opened last? */
  fresh = false;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @returns {Promise<IDBDatabase>} */
  async #open() {
    if (this.#db) return this.#db;
    if (!globalThis.indexedDB) {
      throw new StoreProblem("this browser window has no storage (IndexedDB)", "it may be a private window, or storage is switched off for this site; use a normal window");
    }
    if (this.#blocked) throw inTheWay(); // the browser answers no other request before that one
    const { db, fresh } = await this.#request();
    if (!db.objectStoreNames.contains(TABLE) || !db.transaction(TABLE).objectStore(TABLE).indexNames.contains(INDEX)) {
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

  /** @returns {Promise<{db: IDBDatabase, fresh: boolean}>} */
  #request() {
    let fresh = false;
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, VERSION);
      request.onupgradeneeded = ({ oldVersion }) => {
        const { result } = request;
        fresh = oldVersion === 0;
        const table = result.objectStoreNames.contains(TABLE)
          ? /** @type {IDBTransaction} */ (request.transaction).objectStore(TABLE)
          : result.createObjectStore(TABLE);
        if (!table.indexNames.contains(INDEX)) table.createIndex(INDEX, INDEX, { unique: false });
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
        if (!blocked) return resolve({ db: request.result, fresh });
        this.#blocked = false; // it comes when nobody waits any more
        request.result.close();
      };
    });
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
        return db.transaction(TABLE, mode, { durability: "strict" }).objectStore(TABLE);
      } catch (error) {
        // Closed meanwhile, by the browser or for another tab.
        this.#db = null;
        if (!again) throw error;
      }
    }
  }

  /** Remove everything: the table is empty then. @returns {Promise<void>} */
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
  }
}

const inTheWay = () => new StoreProblem("another tab of this site holds an older form of the storage open", "close this site's other tabs, then save again");

/** @param {DOMException} error */
function unusable({ name, message }) {
  if (name === "VersionError") return new StoreProblem("the storage was written by a newer version of this software", "reload the page without its cache, or ask the site's author");
  if (name === "QuotaExceededError") return new StoreProblem("the browser's storage is full", "remove files or other sites' data");
  return new StoreProblem(`this browser window does not let the site store anything (${name}: ${message})`, "it may be a private window, or storage is switched off for this site; use a normal window");
}
