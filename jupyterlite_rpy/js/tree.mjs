// The file systems of R and of a Python in the same thread in; one tree out: every path means the same file to both.
//
// Where both have a folder, R's shows what Python's has besides (Python's shows what R's has by mounts). What only one has the other sees
// as it is. R's temporary files are moved to Python, the working directory is one variable. Devices are each program's own.

import { Through } from "./through.mjs";

/** Of no use to another program. */
const OWN = new Set(["/dev", "/proc"]);
/** Folders whose contents R gives to Python. */
const TEMPORARY = "/tmp";

/** @param {string} folder @param {string} name */
const below = (folder, name) => (folder === "/" ? `/${name}` : `${folder}/${name}`);

/** @param {any} FS @param {string} path @returns {any} its node, or null */
function find(FS, path) {
  const { exists, object } = FS.analyzePath(path, true);
  return exists ? object : null;
}

/** @param {any} FS @param {string} path @returns {string[]} */
const names = (FS, path) => FS.readdir(path).filter((/** @type {string} */ name) => name !== "." && name !== "..");

/** Where a Pyodide's FS keeps its tree: there is one, however many R's come and go. */
const KEY = Symbol.for("jupyterlite_rpy.tree");

export class Tree {
  /** @type {string[]} where Python sees R's files */
  #mounted = [];
  /** @type {string[]} R's folders for temporary files */
  #temporary = [];
  #python;
  #fromR;
  /** @type {any} whose files Python sees */
  #module = null;

  /** @param {any} python Pyodide's FS */
  constructor(python) {
    this.#python = python;
    this.#fromR = new Through(python, null);
  }

  /** @param {any} python Pyodide's FS @returns {Tree} */
  static of(python) {
    return (python[KEY] ??= new Tree(python));
  }

  /**
   * Make one tree of Python's files and those of an R that has just started.
   *
   * @param {any} module webR's Module
   */
  join(module) {
    if (this.#module) this.leave(this.#module);
    this.#module = module;
    const R = module.FS;
    R.chdir("/"); // a working directory cannot be removed
    this.#temporary = names(R, TEMPORARY).map((name) => below(TEMPORARY, name));
    for (const folder of [TEMPORARY, "/home"]) this.#give(R, folder);
    this.#fromR.turnTo(R);
    this.#share("/", R, new Through(R, this.#python, module));
    const python = this.#python;
    Object.defineProperty(R, "currentPath", {
      get: () => python.currentPath,
      set: (path) => {
        python.currentPath = path;
      },
    });
  }

  /** Python sees nothing any more of an R that has ended, and its temporary files are gone. @param {any} module webR's Module */
  leave(module) {
    if (module !== this.#module) return;
    const python = this.#python;
    for (const path of this.#mounted.splice(0)) {
      this.#attempt(() => {
        python.unmount(path);
        python.rmdir(path);
      });
    }
    for (const path of this.#temporary.splice(0)) this.#remove(path);
    this.#fromR.turnTo(null);
    this.#module = null;
  }

  /** A folder that R has made at its start: Python gets an empty one like it, and R has no own any more. @param {any} R @param {string} folder */
  #give(R, folder) {
    this.#python.mkdirTree(folder);
    for (const name of names(R, folder)) {
      const path = below(folder, name);
      if (R.isDir(R.lstat(path).mode)) this.#give(R, path);
      else R.unlink(path); // of no use
    }
    R.rmdir(folder);
  }

  /** @param {string} folder that both have @param {any} R @param {Through} fromPython */
  #share(folder, R, fromPython) {
    const python = this.#python;
    const shared = find(R, folder);
    fromPython.share(shared, folder);
    for (const [name, own] of Object.entries(shared.contents)) {
      const path = below(folder, name);
      if (OWN.has(path) || !R.isDir(own.mode)) continue;
      const there = find(python, path);
      if (there === null) {
        python.mkdir(path);
        python.mount(this.#fromR.mount(path), {}, path);
        this.#mounted.push(path);
      } else if (python.isDir(there.mode)) {
        this.#share(path, R, fromPython);
      }
    }
  }

  /** @param {string} path in Python */
  #remove(path) {
    const python = this.#python;
    this.#attempt(() => {
      if (!python.isDir(python.lstat(path).mode)) {
        python.unlink(path);
        return;
      }
      for (const name of names(python, path)) this.#remove(below(path, name));
      python.rmdir(path);
    });
  }

  /** What the user has unmounted, removed or put there himself is his. @param {() => void} action */
  #attempt(action) {
    try {
      action();
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== "ErrnoError") throw error;
    }
  }
}
