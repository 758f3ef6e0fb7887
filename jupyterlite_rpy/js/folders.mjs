// Folders of this machine in; R sees them at the same paths. For Node: a browser has no disk to show.
//
// A folder whose path R does not know becomes a mount (Emscripten's NODEFS). One that R has itself in memory (/tmp, /home, /) keeps what R
// has there, and shows and takes everything else. Links are followed inside of R's tree only: one that leads out of it leads nowhere.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const fs = require("node:fs");
const { dirname, resolve } = require("node:path");

/** R's words, of files and of compressed ones. */
const NOT_OPENED = /cannot open (?:compressed )?file '([^'\n]+)'/g;

/** The bits of a mode that tell file from folder from link. */
const KIND = 0o170000;

export class Folders {
  #FS;
  /** @type {any} */
  #NODEFS;
  /** @type {Set<string>} */
  #shown = new Set();
  /** R's working directory when it was last told or asked for. */
  #last;

  /** @param {any} module webR's Module */
  constructor({ FS }) {
    this.#FS = FS;
    this.#NODEFS = FS.filesystems.NODEFS;
    // NODEFS finds the path on disk of a node by the `root` of the mount at the top of the tree: those beside R's own hang below this one.
    FS.root.mount.opts = { ...FS.root.mount.opts, root: "/" };
    this.#last = FS.cwd();
    this.#lookAgain();
  }

  /** Emscripten remembers what a name was. Python may have removed it, or put something else there. */
  #lookAgain() {
    const FS = this.#FS;
    const lookup = FS.lookupNode;
    FS.lookupNode = (/** @type {any} */ parent, /** @type {string} */ name) => {
      const node = lookup(parent, name);
      if (!this.#onDisk(node) || this.#kind(node) === (node.mode & KIND)) return node;
      FS.destroyNode(node);
      return lookup(parent, name);
    };
  }

  /** What stands there now: file, folder, link; 0: nothing. @param {any} node */
  #kind(node) {
    try {
      return this.#NODEFS.node_ops.getattr(node).mode & KIND;
    } catch {
      return 0;
    }
  }

  /** @param {string} path absolute, as this machine writes it */
  show(path) {
    if (this.#shown.has(path) || !fs.statSync(path).isDirectory()) return;
    const FS = this.#FS;
    const known = FS.analyzePath(path);
    if (!known.exists) {
      this.#mount(path);
    } else if (!this.#onDisk(known.object)) {
      known.object.node_ops = this.#beside(known.object.node_ops);
    }
    this.#shown.add(path);
  }

  /** The folders on the way there are empty in R, and nothing can be written into them: it would be lost. @param {string} path */
  #mount(path) {
    const FS = this.#FS;
    const before = FS.ignorePermissions;
    FS.ignorePermissions = true;
    try {
      FS.mkdirTree(path, 0o555);
    } finally {
      FS.ignorePermissions = before;
    }
    FS.mount(this.#NODEFS, { root: path }, path);
  }

  /**
   * Show a folder and make it R's working directory. One that cannot be read (any more) changes nothing.
   *
   * @param {string} path
   */
  enter(path) {
    try {
      this.show(path);
      this.#FS.chdir(path);
    } catch (error) {
      if (!(/** @type {any} */ (error).code || error instanceof this.#FS.ErrnoError)) throw error;
    }
    this.#last = this.#FS.cwd();
  }

  /** R's working directory, if it has changed since the last call and this machine has it too. @returns {{cwd?: string}} */
  moved() {
    const FS = this.#FS;
    const now = FS.cwd();
    if (now === this.#last) return {};
    this.#last = now;
    return this.#shown.has(now) || this.#onDisk(FS.analyzePath(now).object) ? { cwd: now } : {};
  }

  /**
   * What to say beside R's warning that a file cannot be opened, if this machine has it and R does not see it.
   *
   * @param {string} text what R printed
   */
  hint(text) {
    const FS = this.#FS;
    const hidden = [...text.matchAll(NOT_OPENED)].map((match) => resolve(FS.cwd(), match[1])).filter((path) => fs.existsSync(path) && !FS.analyzePath(path).exists);
    if (hidden.length === 0) return "";
    return `Hint: R does not see ${hidden[0]}. %config RSettings.folders = ["${dirname(hidden[0])}"] before R starts shows it the folder.\n`;
  }

  /** @param {any} node */
  #onDisk(node) {
    return node?.node_ops === this.#NODEFS.node_ops;
  }

  /**
   * What a folder in R's memory does once this machine's folder of that path is shown in it.
   *
   * @param {any} memory what it did before
   */
  #beside(memory) {
    const disk = this.#NODEFS.node_ops;
    const inMemory = (/** @type {any} */ folder, /** @type {string} */ name) => Object.hasOwn(folder.contents, name);
    return {
      ...memory,
      lookup: disk.lookup,
      mknod: disk.mknod,
      symlink: disk.symlink,
      readdir: (/** @type {any} */ folder) => [...new Set([...memory.readdir(folder), ...disk.readdir(folder)])],
      rename: (/** @type {any} */ node, /** @type {any} */ folder, /** @type {string} */ name) =>
        (this.#onDisk(node) ? disk : memory).rename(node, folder, name),
      unlink: (/** @type {any} */ folder, /** @type {string} */ name) => (inMemory(folder, name) ? memory : disk).unlink(folder, name),
      rmdir: (/** @type {any} */ folder, /** @type {string} */ name) => (inMemory(folder, name) ? memory : disk).rmdir(folder, name),
    };
  }
}
