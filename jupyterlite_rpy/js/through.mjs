// The file system of another Emscripten program in; a file system for this one whose files and folders are those, not copies, out.
//
// Each node here knows the node there that it stands for (`through`). Emscripten remembers what a name was, and the other program may
// have removed it since or put something else there: so `lookupNode` looks there again each time. Reading asks the other's nodes
// directly, which costs next to nothing; what changes names goes by the other's own functions, which keep its books.

/** The bits of a mode that tell file from folder from link. */
const KIND = 0o170000;
/** Errors by Emscripten's numbers, which are the same in both programs. */
const EIO = 29;
const EINVAL = 28;
const ENODEV = 43;
const ENOENT = 44;
const ENOMEM = 48;
const EXDEV = 75;
const MAP_PRIVATE = 2;
const PAGE = 65536;

/** @typedef {any} Node a node of an Emscripten file system */
/** @typedef {any} Stream an open file of one */

export class Through {
  #FS;
  #other;
  #M;
  /** Folders that both programs have, each with files of its own. @type {Set<Node>} */
  #shared = new Set();
  /** @type {Set<any>} */
  #owns = new Set();

  /**
   * @param {any} FS where the files are to be seen
   * @param {any} other where they are
   * @param {any} [memory] Module of the program of `FS`, if it may map files into its memory
   */
  constructor(FS, other, memory) {
    this.#FS = FS;
    this.#other = other;
    this.#M = memory;
    this.node_ops = this.#translated({
      getattr: (/** @type {Node} */ node) => node.through.node_ops.getattr(node.through),
      setattr: (/** @type {Node} */ node, /** @type {object} */ attributes) => this.#call(node.through, "setattr", attributes),
      lookup: (/** @type {Node} */ folder, /** @type {string} */ name) => this.node(folder, name, this.#there(folder, name)),
      readdir: (/** @type {Node} */ folder) => folder.through.node_ops.readdir(folder.through),
      readlink: (/** @type {Node} */ link) => this.#call(link.through, "readlink"),
      mknod: (/** @type {Node} */ folder, /** @type {string} */ name, /** @type {number} */ mode, /** @type {number} */ device) =>
        this.#mknod(folder, name, mode, device),
      symlink: (/** @type {Node} */ folder, /** @type {string} */ name, /** @type {string} */ target) => {
        this.#other.symlink(target, this.#path(folder, name));
        return this.node(folder, name, this.#there(folder, name));
      },
      rename: (/** @type {Node} */ node, /** @type {Node} */ folder, /** @type {string} */ name) => this.#rename(node, folder, name),
      unlink: (/** @type {Node} */ folder, /** @type {string} */ name) => this.#other.unlink(this.#path(folder, name)),
      rmdir: (/** @type {Node} */ folder, /** @type {string} */ name) => this.#other.rmdir(this.#path(folder, name)),
    });
    this.stream_ops = this.#translated({
      open: (/** @type {Stream} */ stream) => {
        stream.through = { stream: this.#other.open(stream.node.through, stream.flags), users: 1 };
      },
      dup: (/** @type {Stream} */ stream) => {
        stream.through.users++;
      },
      close: (/** @type {Stream} */ stream) => {
        if (--stream.through.users === 0) this.#other.close(stream.through.stream);
      },
      read: (/** @type {Stream} */ { through: { stream } }, /** @type {Uint8Array} */ buffer, /** @type {number} */ offset, /** @type {number} */ length, /** @type {number} */ position) =>
        stream.stream_ops.read(stream, buffer, offset, length, position),
      write: (/** @type {Stream} */ { through: { stream } }, /** @type {Uint8Array} */ buffer, /** @type {number} */ offset, /** @type {number} */ length, /** @type {number} */ position, /** @type {boolean} */ canOwn) =>
        stream.stream_ops.write(stream, buffer, offset, length, position, canOwn && buffer.buffer !== this.#M?.HEAPU8.buffer),
      llseek: (/** @type {Stream} */ stream, /** @type {number} */ offset, /** @type {number} */ whence) => this.#seek(stream, offset, whence),
      getattr: (/** @type {Stream} */ { through: { stream } }) => {
        const { node, stream_ops: ops } = stream;
        return ops.getattr ? ops.getattr(stream) : node.node_ops.getattr(node);
      },
      setattr: (/** @type {Stream} */ { through: { stream } }, /** @type {object} */ attributes) => {
        const { node, stream_ops: ops } = stream;
        if (ops.setattr) ops.setattr(stream, attributes);
        else this.#call(node, "setattr", attributes);
      },
      mmap: (/** @type {Stream} */ stream, /** @type {number} */ length, /** @type {number} */ position) => this.#mmap(stream, length, position),
      msync: (/** @type {Stream} */ stream, /** @type {Uint8Array} */ buffer, /** @type {number} */ offset, /** @type {number} */ length, /** @type {number} */ flags) => {
        if (!(flags & MAP_PRIVATE)) this.stream_ops.write(stream, buffer, 0, length, offset, false);
        return 0;
      },
    });
    this.#lookAgain();
  }

  /** Have the files of another program from now on; null: of none. @param {any} other its FS */
  turnTo(other) {
    this.#other = other;
  }

  /** What Emscripten's `FS.mount` takes: the other's folder `root`. @param {string} root @returns {any} */
  mount(root) {
    return {
      mount: () => {
        const node = this.#FS.createNode(null, "/", 0o40777, 0);
        return this.#standFor(node, this.#other.lookupPath(root, { follow: true }).node);
      },
    };
  }

  /**
   * Make a folder of this program show what the other's folder of the same path has besides.
   *
   * @param {Node} folder one in this program's memory
   * @param {string} path of both
   */
  share(folder, path) {
    if (this.#shared.has(folder)) return;
    this.#shared.add(folder);
    const own = this.#keepOwn(folder.node_ops);
    const { node_ops: through } = this;
    const isOwn = (/** @type {string} */ name) => Object.hasOwn(folder.contents, name);
    // Whatever stands there now: the other may remove the folder and make it anew.
    Object.defineProperty(folder, "through", { get: () => this.#other.lookupPath(path, { follow: true }).node });
    folder.node_ops = {
      ...own,
      lookup: through.lookup,
      mknod: through.mknod,
      symlink: through.symlink,
      readdir: (/** @type {Node} */ node) => [...new Set([...own.readdir(node), ...through.readdir(node)])],
      rename: (/** @type {Node} */ node, /** @type {Node} */ to, /** @type {string} */ name) =>
        (node.node_ops === through ? through : own).rename(node, to, name),
      unlink: (/** @type {Node} */ node, /** @type {string} */ name) => (isOwn(name) ? own : through).unlink(node, name),
      rmdir: (/** @type {Node} */ node, /** @type {string} */ name) => (isOwn(name) ? own : through).rmdir(node, name),
    };
  }

  /**
   * A file in this program's own memory stays where only this program has files.
   *
   * @param {any} own what all folders in this program's memory do
   */
  #keepOwn(own) {
    const { rename } = own;
    if (!this.#owns.has(own)) {
      this.#owns.add(own);
      own.rename = (/** @type {Node} */ node, /** @type {Node} */ folder, /** @type {string} */ name) => {
        if (folder.through !== undefined) throw new this.#FS.ErrnoError(EXDEV);
        rename(node, folder, name);
      };
    }
    return own;
  }

  /** @param {Node | null} parent @param {string} name @param {Node} there @returns {Node} */
  node(parent, name, there) {
    return this.#standFor(this.#FS.createNode(parent, name, there.mode, there.rdev), there);
  }

  /** @param {Node} node @param {Node} there @returns {Node} */
  #standFor(node, there) {
    node.through = there;
    node.node_ops = this.node_ops;
    node.stream_ops = this.stream_ops;
    Object.defineProperty(node, "mode", { get: () => node.through.mode, set: () => {} });
    return node;
  }

  /** What the other has by this name in the folder that `folder` stands for. @param {Node} folder @param {string} name @returns {Node} */
  #there(folder, name) {
    const node = this.#other.lookupNode(folder.through, name);
    return node.mounted ? node.mounted.root : node;
  }

  /** @param {Node} folder @param {string} [name] */
  #path(folder, name) {
    const path = this.#other.getPath(folder.through);
    if (name === undefined) return path;
    return path === "/" ? `/${name}` : `${path}/${name}`;
  }

  #lookAgain() {
    const FS = this.#FS;
    const lookup = FS.lookupNode;
    FS.lookupNode = (/** @type {Node} */ folder, /** @type {string} */ name) => {
      const node = lookup(folder, name);
      if (node.node_ops !== this.node_ops || folder.through === undefined) return node;
      let now;
      try {
        now = this.#there(folder, name);
      } catch (error) {
        if (!this.#isErrno(error)) throw error;
        if (!node.mounted) FS.destroyNode(node);
        throw new FS.ErrnoError(error.errno);
      }
      if (now === node.through) return node;
      if ((now.mode & KIND) === (node.through.mode & KIND)) {
        node.through = now;
        return node;
      }
      FS.destroyNode(node);
      return lookup(folder, name);
    };
  }

  /** @param {Node} folder @param {string} name @param {number} mode @param {number} device */
  #mknod(folder, name, mode, device) {
    const there = folder.through;
    // Not by the other's mknod by path: its parent may have been removed and made anew under this one's feet.
    if (!there.node_ops.mknod) throw new this.#FS.ErrnoError(EINVAL);
    const error = this.#other.mayCreate(there, name);
    if (error) throw new this.#FS.ErrnoError(error);
    const made = there.node_ops.mknod(there, name, mode, device);
    return this.node(folder, name, made ?? this.#there(folder, name));
  }

  /** @param {Node} node @param {Node} folder @param {string} name */
  #rename(node, folder, name) {
    if (folder.through === undefined || (folder.node_ops !== this.node_ops && Object.hasOwn(folder.contents, name))) {
      throw new this.#FS.ErrnoError(EXDEV);
    }
    // By the name that it has here: a mount is another node there than the folder that it is mounted on.
    this.#other.rename(this.#path(node.parent, node.name), this.#path(folder, name));
    this.#forget(folder, name);
    node.name = name;
  }

  /** What had this name was replaced. @param {Node} folder @param {string} name */
  #forget(folder, name) {
    const FS = this.#FS;
    for (let node = FS.nameTable[FS.hashName(folder.id, name)]; node; node = node.name_next) {
      if (node.parent === folder && node.name === name) {
        FS.destroyNode(node);
        return;
      }
    }
  }

  /** @param {Stream} stream @param {number} offset @param {number} whence */
  #seek(stream, offset, whence) {
    let position = offset;
    if (whence === 1) position += stream.position;
    else if (whence === 2) position += this.stream_ops.getattr(stream).size;
    if (position < 0) throw new this.#FS.ErrnoError(EINVAL);
    return position;
  }

  /** A copy in this program's memory; `msync` writes it back. @param {Stream} stream @param {number} length @param {number} position */
  #mmap(stream, length, position) {
    const FS = this.#FS;
    if (!this.#M || !FS.isFile(stream.node.mode)) throw new FS.ErrnoError(ENODEV);
    const size = Math.ceil(length / PAGE) * PAGE;
    const ptr = this.#M._emscripten_builtin_memalign(PAGE, size);
    if (!ptr) throw new FS.ErrnoError(ENOMEM);
    const heap = this.#M.HEAPU8;
    heap.fill(0, ptr, ptr + size);
    for (let done = 0; done < length; ) {
      const count = this.stream_ops.read(stream, heap, ptr + done, length - done, position + done);
      if (count <= 0) break;
      done += count;
    }
    return { ptr, allocated: true };
  }

  /** @param {Node} there @param {string} operation @param {...any} args */
  #call(there, operation, ...args) {
    if (!there.node_ops[operation]) throw new this.#FS.ErrnoError(EINVAL);
    return there.node_ops[operation](there, ...args);
  }

  /** @param {any} error @returns {error is {errno: number}} */
  #isErrno(error) {
    return error?.name === "ErrnoError";
  }

  /**
   * The same functions; an error of the other's has this program's class. What is no error of a file system is one of reading.
   *
   * @template {Record<string, any>} T
   * @param {T} functions
   * @returns {T}
   */
  #translated(functions) {
    const FS = this.#FS;
    const translate = (/** @type {Function} */ f) => (/** @type {any[]} */ ...args) => {
      try {
        return f(...args);
      } catch (error) {
        if (error instanceof FS.ErrnoError) throw error;
        if (this.#isErrno(error)) throw new FS.ErrnoError(error.errno ?? ENOENT);
        if (error instanceof RangeError && !/call stack/i.test(error.message)) throw new FS.ErrnoError(ENOMEM);
        if (error instanceof DOMException || error instanceof SyntaxError) throw new FS.ErrnoError(EIO); // of a drive's requests
        throw error;
      }
    };
    return /** @type {any} */ (
      Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, translate(f)]))
    );
  }
}
