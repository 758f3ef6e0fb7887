// The bridge in Pyodide's thread: request text and Python's buffers in, reply text and buffers for Python out.
//
// Crossing between Python and JavaScript costs a few microseconds a piece, so small buffers travel packed into one; large ones are
// views of a heap, copied once, straight to where they stay.

import { downloads, fetchHelpOnce, openCachedHelp, quicken } from "./images.mjs";
import { bootBrowser, loadBrowser } from "./runtime.mjs";
import { Tree } from "./tree.mjs";
import { warmHelp } from "./warm.mjs";

/** Buffers up to this many bytes travel packed. runtime/parcel.py has the same number. */
const SMALL = 4096;
/** Packed buffers begin at multiples of this, so that any element type can be read in place. */
const ALIGNMENT = 16;

/** How long after R's start it is prepared for the first question, once it is idle: later than for the first plot. */
const WARM_AFTER_MS = 700;

/** @param {number} size */
const padded = (size) => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/**
 * What Python gave: sizes of all buffers, the small ones in one piece, the large ones as they are.
 *
 * @param {number[]} sizes
 * @param {Uint8Array | undefined} packed
 * @param {Uint8Array[]} large
 */
function unpack(sizes, packed, large) {
  let start = 0;
  let next = 0;
  return sizes.map((size) => {
    if (size > SMALL) return large[next++];
    const end = start + size;
    const view = /** @type {Uint8Array} */ (packed).subarray(start, end);
    start += padded(size);
    return view;
  });
}

/** @param {Uint8Array[]} buffers */
function pack(buffers) {
  const sizes = buffers.map((buffer) => buffer.byteLength);
  const large = buffers.filter((buffer) => buffer.byteLength > SMALL);
  const total = sizes.reduce((sum, size) => (size > SMALL ? sum : sum + padded(size)), 0);
  const packed = new Uint8Array(total);
  let start = 0;
  for (const buffer of buffers) {
    if (buffer.byteLength > SMALL) continue;
    packed.set(buffer, start);
    start += padded(buffer.byteLength);
  }
  return { sizes, packed, large };
}

/**
 * A Python object that supports the buffer protocol, as bytes, for the time of `use`.
 *
 * @template T
 * @param {any} proxies a Python list of memoryviews, or undefined
 * @param {(views: Uint8Array[]) => T} use
 * @returns {T}
 */
function withBuffers(proxies, use) {
  if (!proxies) return use([]);
  const items = Array.from(proxies, (/** @type {any} */ proxy) => ({ proxy, buffer: proxy.getBuffer("u8") }));
  try {
    return use(items.map(({ buffer }) => buffer.data));
  } finally {
    for (const { proxy, buffer } of items) {
      buffer.release();
      proxy.destroy();
    }
  }
}

export class Bridge {
  /** @type {any} see `bootBrowser`, as a JavaScript object */
  settings;

  /** @type {import("./fetch.mjs").Program | undefined} what has been begun, for the first start */
  #program;

  /** @param {import("./fetch.mjs").Program} program */
  constructor(program) {
    this.#program = program;
    /** @type {import("./core.mjs").R | null} */
    this.r = null;
    /** @type {{sizes: number[], packed: Uint8Array, large: Uint8Array[]}} buffers for Python to take */
    this.outgoing = { sizes: [], packed: new Uint8Array(0), large: [] };
    /** @type {((text: string) => any)} Python's event handler: returns None, or `[text, packed, large]` */
    this.listen = () => null;
    /** @type {((id: number, ...scalars: any[]) => any)} Python's answer to the short way of calling it: a scalar, or such a list */
    this.listenScalars = () => null;
    /** Python's stack pointer. */
    this.below = () => 0;
    /** @type {import("./protocol.js").OnEvent} */
    this.listener = Object.assign(
      (/** @type {import("./protocol.js").Event} */ event, /** @type {Uint8Array[]} */ data) => this.#tell(event, data),
      { scalars: (/** @type {number} */ id, /** @type {import("./scalars.mjs").Scalar[]} */ args) => this.#tellScalars(id, args) },
    );
  }

  async load() {
    await loadBrowser(this.settings, this.#begun()).done;
  }

  async open() {
    this.r = await bootBrowser(this.settings, this.#begun());
    this.r.below = this.below;
    const { r } = this;
    const { M } = r.c;
    Tree.of(this.settings.fs).join(M);
    quicken(M, "mountImageUrl", downloads(M));
    r.asked = fetchHelpOnce(M);
    setTimeout(() => openCachedHelp(M).then(() => warmHelp(r)), WARM_AFTER_MS);
  }

  #begun() {
    const program = this.#program;
    this.#program = undefined;
    return program;
  }

  close() {
    if (this.r) Tree.of(this.settings.fs).leave(this.r.c.M);
  }

  /**
   * @param {string} text JSON: `{message, sizes}`
   * @param {any} packed Python bytes, or undefined
   * @param {any} large Python list of memoryviews, or undefined
   * @returns {string} JSON: `{message, sizes}`; the buffers are then in `outgoing`
   */
  call(text, packed, large) {
    const { message, sizes } = JSON.parse(text);
    const answered = this.#receive(sizes, packed, large, (buffers) => {
      const r = /** @type {import("./core.mjs").R} */ (this.r);
      return r.handle(message, buffers, this.listener);
    });
    return this.#send(answered.reply, answered.buffers);
  }

  /**
   * Call an R function with plain scalars.
   *
   * @param {number} id
   * @param {string | undefined} label
   * @param {...(number | string | boolean | undefined)} args None comes as undefined
   * @returns {number | string | boolean | undefined} a plain scalar, or "{" and the rest of a reply as `call` gives it
   */
  callScalars(id, label, ...args) {
    const r = /** @type {import("./core.mjs").R} */ (this.r);
    const request = /** @type {const} */ ({ op: "scalars", id, label, args: args.map((arg) => arg ?? null) });
    const { reply, buffers } = r.handle(request, [], this.listener);
    if (reply.status === "ok" && reply.scalar !== undefined && !reply.freed) return reply.scalar ?? undefined;
    return this.#send(reply, buffers);
  }

  /** @param {number} id @param {import("./scalars.mjs").Scalar[]} args */
  #tellScalars(id, args) {
    // Python has None for undefined only.
    const answer = this.listenScalars(id, ...args.map((arg) => arg ?? undefined));
    if (answer === undefined) return null;
    return typeof answer === "object" && answer !== null ? this.#answer(answer) : answer;
  }

  /** @param {object} event @param {Uint8Array[]} data */
  #tell(event, data) {
    const answer = this.listen(this.#send(event, data));
    return answer === undefined || answer === null ? null : this.#answer(answer);
  }

  /** @param {any} answer Python's list of text, packed and large @returns {import("./protocol.js").Answer} */
  #answer(answer) {
    const [text, packed, large] = answer;
    answer.destroy();
    const { message, sizes } = JSON.parse(text);
    // Python's memory can move while R takes the values: these few are copied.
    const buffers = this.#receive(sizes, packed, large, (views) => views.map((view) => view.slice()));
    return { reply: message, buffers };
  }

  /**
   * @template T
   * @param {number[]} sizes @param {any} packed @param {any} large @param {(buffers: Uint8Array[]) => T} use @returns {T}
   */
  #receive(sizes, packed, large, use) {
    try {
      if (!packed) return withBuffers(large, (views) => use(unpack(sizes, undefined, views)));
      const small = packed.getBuffer("u8");
      try {
        return withBuffers(large, (views) => use(unpack(sizes, small.data, views)));
      } finally {
        small.release();
      }
    } finally {
      packed?.destroy();
      large?.destroy();
    }
  }

  /** @param {object} message @param {Uint8Array[]} buffers */
  #send(message, buffers) {
    this.outgoing = pack(buffers);
    return JSON.stringify({ message, sizes: this.outgoing.sizes });
  }
}
