// A folder of Python's file system in; the same, with contents that stay in the browser, out.
//
// The files are in memory, as all of Python's. Each change of one is noted, so that saving costs what has changed. What others
// (tabs, the file browser) wrote comes in by `refresh`, what was written here goes out by `save`; both between two cells.

import { isFull } from "./kept_database.mjs";
import { KeptStore, storeName } from "./kept_store.mjs";
import { Running, told } from "./running.mjs";

/** @typedef {any} Node */
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

/** What an operation on a kept file calls when it changed it. @typedef {{node: (node: Node) => void, path: (path: string) => void}} Notes */

/**
 * Emscripten's file system in memory, with notes of what changes.
 *
 * @param {any} FS
 * @param {Notes} note
 */
function noting(FS, note) {
  const { MEMFS } = FS.filesystems;
  /** @type {Map<any, any>} */
  const ops = new Map();
  const pathIn = (/** @type {Node} */ folder, /** @type {string} */ name) => `${FS.getPath(folder)}/${name}`;
  /** @param {Node} node */
  const adopt = (node) => {
    const [own, stream] = [node.node_ops, node.stream_ops];
    if (!ops.has(own)) ops.set(own, nodeOps(own));
    if (!ops.has(stream)) ops.set(stream, streamOps(stream));
    node.node_ops = ops.get(own);
    node.stream_ops = ops.get(stream);
    return node;
  };
  const nodeOps = (/** @type {any} */ own) => ({
    ...own,
    setattr: (/** @type {Node} */ node, /** @type {any} */ attributes) => {
      own.setattr(node, attributes);
      note.node(node);
    },
    ...(own.mknod && {
      mknod: (/** @type {Node} */ folder, /** @type {string} */ name, /** @type {number} */ mode, /** @type {number} */ device) => {
        note.path(pathIn(folder, name));
        return adopt(own.mknod(folder, name, mode, device));
      },
      symlink: (/** @type {Node} */ folder, /** @type {string} */ name, /** @type {string} */ target) => {
        note.path(pathIn(folder, name));
        return adopt(own.symlink(folder, name, target));
      },
      unlink: (/** @type {Node} */ folder, /** @type {string} */ name) => {
        own.unlink(folder, name);
        note.path(pathIn(folder, name));
      },
      rmdir: (/** @type {Node} */ folder, /** @type {string} */ name) => {
        own.rmdir(folder, name);
        note.path(pathIn(folder, name));
      },
      rename: (/** @type {Node} */ node, /** @type {Node} */ folder, /** @type {string} */ name) => {
        const before = FS.getPath(node);
        own.rename(node, folder, name);
        const after = pathIn(folder, name);
        for (const rest of tree(node)) {
          note.path(before + rest);
          note.path(after + rest);
        }
      },
    }),
  });
  const streamOps = (/** @type {any} */ own) =>
    own.write
      ? {
          ...own,
          write: (/** @type {any} */ stream, /** @type {any[]} */ ...args) => {
            note.node(stream.node);
            return own.write(stream, ...args);
          },
          msync: (/** @type {any} */ stream, /** @type {any[]} */ ...args) => {
            note.node(stream.node);
            return own.msync(stream, ...args);
          },
        }
      : own;
  return { mount: (/** @type {any} */ mount) => adopt(MEMFS.mount(mount)) };
}

/** Paths of all that is in a node, from it on: "" first. @param {Node} node @returns {string[]} */
function tree(node) {
  const inside = ArrayBuffer.isView(node.contents) || !node.contents ? [] : Object.entries(node.contents);
  return ["", ...inside.flatMap(([name, child]) => tree(/** @type {Node} */ (child)).map((rest) => `/${name}${rest}`))];
}

export class KeptFiles {
  #FS;
  #store;
  #running;
  /** @type {Map<string, number>} versions of what the store and this side have in common */
  #base = new Map();
  /** @type {Set<string>} */
  #paths = new Set();
  /** @type {Set<Node>} */
  #nodes = new Set();
  /** While what others wrote is taken over, nothing is noted. */
  #quiet = false;
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
    this.#FS = FS;
    this.folder = folder;
    this.#store = new KeptStore(storeName(folder, site), folder);
    this.#running = new Running(this.#store.name, locks);
    FS.mkdirTree(folder);
    const note = {
      node: (/** @type {Node} */ node) => {
        if (this.#quiet || this.#nodes.has(node)) return;
        this.#nodes.add(node);
        this.#running.note(FS.getPath(node));
      },
      path: (/** @type {string} */ path) => {
        if (this.#quiet) return;
        this.#paths.add(path);
        this.#running.note(path);
      },
    };
    FS.mount(noting(FS, note), {}, folder);
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
    this.#quietly(() => this.#FS.mkdirTree(`${this.folder}/${path}`));
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
        for (const path of this.#all()) this.#paths.add(path);
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
      const [paths, nodes] = [this.#paths, this.#nodes];
      [this.#paths, this.#nodes] = [new Set(), new Set()];
      try {
        await this.#commit(edits, report);
      } catch (error) {
        if (!isFull(error)) {
          for (const path of paths) this.#paths.add(path);
          for (const node of nodes) this.#nodes.add(node);
          throw error;
        }
        await this.#commitOneByOne(edits, report);
      }
      await this.#running.settle(this.#paths).catch(() => {});
      return report;
    });
  }

  /** What has changed here since the last save. @returns {Map<string, Edit>} */
  #changed() {
    for (const node of this.#nodes) {
      const path = this.#FS.getPath(node);
      if (path !== this.folder && this.#find(path) === node) this.#paths.add(path);
    }
    this.#nodes.clear();
    /** @type {Map<string, Edit>} */
    const edits = new Map();
    for (const path of this.#paths) {
      const node = this.#find(path);
      const base = this.#base.get(path);
      if (node || base !== undefined) edits.set(path, { entry: node && entryOf(this.#FS, node), base });
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
      if (this.#find(path) === null) this.#take(path, entry);
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
        this.#paths.add(path);
        if (!isFull(error)) throw error;
        report.failed.push(`${path} (${size(edit) < 2 ** 20 ? `${Math.ceil(Math.max(size(edit), 1) / 2 ** 10)} kB` : `${Math.ceil(size(edit) / 2 ** 20)} MB`}): the browser's storage is full`);
      }
    }
  }

  /** @param {string} path @returns {Node | null} */
  #find(path) {
    const { exists, object } = this.#FS.analyzePath(path, true);
    return exists ? object : null;
  }

  /** @returns {string[]} */
  #all() {
    return tree(this.#FS.lookupPath(this.folder).node).slice(1).map((rest) => this.folder + rest);
  }

  /** @param {() => void} action */
  #quietly(action) {
    this.#quiet = true;
    try {
      action();
    } finally {
      this.#quiet = false;
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

  /** Put an entry of the store into memory; its contents are not copied. @param {string} path @param {Entry} entry */
  #take(path, { timestamp, mode, contents, link }) {
    const FS = this.#FS;
    const version = +timestamp;
    this.#quietly(() => {
      FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      const there = this.#find(path);
      if (there && (there.mode ^ mode) & 0o170000) this.#remove(path);
      if (FS.isDir(mode)) {
        if (!this.#find(path)) FS.mkdir(path, mode & 0o7777);
      } else if (link !== undefined) {
        if (this.#find(path)) FS.unlink(path);
        FS.symlink(link, path);
      } else {
        if (!this.#find(path)) FS.create(path, mode & 0o7777);
        const node = this.#find(path);
        node.contents = contents;
        node.usedBytes = /** @type {Uint8Array} */ (contents).length;
      }
      const node = this.#find(path);
      node.mode = mode;
      node.mtime = node.ctime = version;
    });
    this.#base.set(path, version);
    this.#paths.delete(path);
  }

  /** @param {string} path */
  #drop(path) {
    this.#base.delete(path);
    const node = this.#find(path);
    if (!node || (this.#FS.isDir(node.mode) && Object.keys(node.contents).length > 0)) return; // with something new in it: it stays
    try {
      this.#quietly(() => this.#remove(path));
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== "ErrnoError") throw error; // the working directory: it stays, and is kept again with what comes into it
    }
  }

  /** @param {string} path */
  #remove(path) {
    const FS = this.#FS;
    const node = this.#find(path);
    if (!FS.isDir(node.mode)) return FS.unlink(path);
    for (const name of Object.keys(node.contents)) this.#remove(`${path}/${name}`);
    FS.rmdir(path);
  }

  /** Remove all files, here and in the store. @returns {Promise<void>} */
  clear() {
    return this.#inTurn(async () => {
      await this.#store.clear();
      this.#quietly(() => {
        for (const name of Object.keys(this.#find(this.folder).contents)) this.#remove(`${this.folder}/${name}`);
      });
      this.#base.clear();
      this.#paths.clear();
      this.#nodes.clear();
    });
  }
}

/** @param {any} FS @param {Node} node @returns {Entry} a copy */
function entryOf(FS, node) {
  const timestamp = new Date(Math.max(+new Date(node.mtime), 0));
  if (FS.isDir(node.mode)) return { timestamp, mode: node.mode };
  if (FS.isLink(node.mode)) return { timestamp, mode: node.mode, link: node.link };
  // A copy, not a view: the whole memory behind it would be stored. What Python wrote may be signed bytes.
  const contents = node.contents ? new Uint8Array(node.contents.slice(0, node.usedBytes).buffer) : new Uint8Array(0);
  return { timestamp, mode: node.mode, contents };
}

/** @param {string} what */
const leftThere = (what) => `damaged in the browser's storage, and left there: ${what}`;
