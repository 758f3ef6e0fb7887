// Entries of kept files in; files of Emscripten's file system in memory, out. And the other way round.

/** @typedef {any} Node */
/** @typedef {import("./kept_entries.mjs").Entry} Entry */

/** @param {any} FS @param {string} path @returns {Node | null} */
export function find(FS, path) {
  const { exists, object } = FS.analyzePath(path, true);
  return exists ? object : null;
}

/** Paths of all that is in a node, from it on: "" first. @param {Node} node @returns {string[]} */
export function pathsIn(node) {
  const inside = ArrayBuffer.isView(node.contents) || !node.contents ? [] : Object.entries(node.contents);
  return ["", ...inside.flatMap(([name, child]) => pathsIn(/** @type {Node} */ (child)).map((rest) => `/${name}${rest}`))];
}

export class KeptMemory {
  #FS;
  #folder;

  /**
   * @param {any} FS Pyodide's
   * @param {string} folder that all paths are below
   */
  constructor(FS, folder) {
    this.#FS = FS;
    this.#folder = folder;
  }

  /** Of all that is there. @returns {string[]} */
  paths() {
    return pathsIn(this.#FS.lookupPath(this.#folder).node).slice(1).map((rest) => this.#folder + rest);
  }

  /** @param {string} path @returns {Entry | null} a copy; null: there is nothing */
  get(path) {
    const FS = this.#FS;
    const node = find(FS, path);
    if (node === null) return null;
    const timestamp = new Date(Math.max(+new Date(node.mtime), 0));
    if (FS.isDir(node.mode)) return { timestamp, mode: node.mode };
    if (FS.isLink(node.mode)) return { timestamp, mode: node.mode, link: node.link };
    // A copy, not a view: the whole memory behind it would be stored. What Python wrote may be signed bytes.
    const contents = node.contents ? new Uint8Array(node.contents.slice(0, node.usedBytes).buffer) : new Uint8Array(0);
    return { timestamp, mode: node.mode, contents };
  }

  /** @param {string} path @returns {boolean} */
  has(path) {
    return find(this.#FS, path) !== null;
  }

  /** Put an entry in its place, instead of what is there; its contents are not copied. @param {string} path @param {Entry} entry */
  put(path, { timestamp, mode, contents, link }) {
    const FS = this.#FS;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    const there = find(FS, path);
    if (there && (there.mode ^ mode) & 0o170000) this.#remove(path);
    if (FS.isDir(mode)) {
      if (!this.has(path)) FS.mkdir(path, mode & 0o7777);
    } else if (link !== undefined) {
      if (this.has(path)) FS.unlink(path);
      FS.symlink(link, path);
    } else {
      if (!this.has(path)) FS.create(path, mode & 0o7777);
      const node = find(FS, path);
      node.contents = contents;
      node.usedBytes = /** @type {Uint8Array} */ (contents).length;
    }
    const node = find(FS, path);
    node.mode = mode;
    node.mtime = node.ctime = +timestamp;
  }

  /** Make a folder, and those that it is in, where they are missing. @param {string} path within the folder */
  makeFolder(path) {
    this.#FS.mkdirTree(`${this.#folder}/${path}`);
  }

  /** Remove what others have removed, unless there is something new in it. @param {string} path */
  drop(path) {
    const node = find(this.#FS, path);
    if (!node || (this.#FS.isDir(node.mode) && Object.keys(node.contents).length > 0)) return;
    try {
      this.#remove(path);
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== "ErrnoError") throw error; // the working directory: it stays, and is kept again with what comes into it
    }
  }

  /** Remove everything. */
  clear() {
    for (const name of Object.keys(find(this.#FS, this.#folder).contents)) this.#remove(`${this.#folder}/${name}`);
  }

  /** @param {string} path */
  #remove(path) {
    const FS = this.#FS;
    const node = find(FS, path);
    if (!FS.isDir(node.mode)) return FS.unlink(path);
    for (const name of Object.keys(node.contents)) this.#remove(`${path}/${name}`);
    FS.rmdir(path);
  }
}
