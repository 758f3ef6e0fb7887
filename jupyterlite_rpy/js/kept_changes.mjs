// A folder of Emscripten's file system in; the same in memory, and the paths in it that change, out.
//
// What changes contents is told a node only, and a node may have another path when that is asked for.

import { find, pathsIn } from "./kept_memory.mjs";

/** @typedef {any} Node */

/** What an operation on a kept file calls when it changed it. @typedef {{node: (node: Node) => void, path: (path: string) => void}} Notes */

export class KeptChanges {
  #FS;
  #folder;
  /** @type {Set<string>} */
  #paths = new Set();
  /** @type {Set<Node>} */
  #nodes = new Set();
  #quiet = false;

  /**
   * @param {any} FS Pyodide's
   * @param {string} folder it is mounted there
   * @param {(path: string) => void} tell called at once with what a running cell changes
   */
  constructor(FS, folder, tell) {
    this.#FS = FS;
    this.#folder = folder;
    FS.mkdirTree(folder);
    const note = {
      node: (/** @type {Node} */ node) => {
        if (this.#quiet || this.#nodes.has(node)) return;
        this.#nodes.add(node);
        tell(FS.getPath(node));
      },
      path: (/** @type {string} */ path) => {
        if (this.#quiet) return;
        this.#paths.add(path);
        tell(path);
      },
    };
    FS.mount(noting(FS, note), {}, folder);
  }

  /** Have something done of which nothing is noted. @param {() => void} action */
  quietly(action) {
    this.#quiet = true;
    try {
      action();
    } finally {
      this.#quiet = false;
    }
  }

  /** What has changed. @returns {ReadonlySet<string>} goes on changing */
  get paths() {
    for (const node of this.#nodes) {
      const path = this.#FS.getPath(node);
      if (path !== this.#folder && find(this.#FS, path) === node) this.#paths.add(path);
    }
    this.#nodes.clear();
    return this.#paths;
  }

  /** Begin anew. @returns {ReadonlySet<string>} what has changed until now */
  take() {
    const { paths } = this;
    this.#paths = new Set();
    return paths;
  }

  /** Count these as changed, whatever was noted. @param {Iterable<string>} paths */
  add(paths) {
    for (const path of paths) this.#paths.add(path);
  }

  /** Count this as unchanged. @param {string} path */
  forget(path) {
    this.#paths.delete(path);
  }
}

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
        for (const rest of pathsIn(node)) {
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
