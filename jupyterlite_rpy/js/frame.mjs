// A message and its buffers in, bytes on a file descriptor out, and back. `runtime/frame.py` is the same in
// Python and describes the layout. Everything is synchronous: R's thread waits for Python's answer.

import fs from "node:fs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const HEAD = 8;
const PIECES = 512;
/** Buffers of at least this many bytes go by the shared file, where there is one. */
const LARGE = 1 << 18;
const IN_FILE = 1n << 63n;
const ALIGNMENT = 64;

/** @typedef {import("./protocol.js").Incoming} Incoming */

/** @param {number} size */
const padded = (size) => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/**
 * Write one frame.
 *
 * @param {number} descriptor
 * @param {object} message
 * @param {ArrayBufferView[]} [buffers] written from where they are: views of R's memory are fine
 * @param {number} [shared] a file in memory that the other side has, too; only if it has read what is in it
 */
export function writeFrame(descriptor, message, buffers = [], shared) {
  const apart = shared === undefined ? [] : buffers.filter((buffer) => buffer.byteLength >= LARGE);
  const inFile = apart.length > 0 && put(/** @type {number} */ (shared), apart.map(bytes));
  const least = inFile ? LARGE : Infinity;
  const text = encoder.encode(JSON.stringify(message));
  const head = new Uint8Array(HEAD + 8 * buffers.length + text.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, text.length, true);
  view.setUint32(4, buffers.length, true);
  buffers.forEach((buffer, i) => view.setBigUint64(HEAD + 8 * i, BigInt(buffer.byteLength) | (buffer.byteLength >= least ? IN_FILE : 0n), true));
  head.set(text, HEAD + 8 * buffers.length);
  writeAll(descriptor, [head, ...buffers.filter((buffer) => buffer.byteLength > 0 && buffer.byteLength < least).map(bytes)]);
}

/**
 * Read one frame; null when the other side has closed its end.
 *
 * @param {number} descriptor
 * @param {number} [shared] file in memory with the large buffers; they are read from there when they are used
 * @returns {{message: any, buffers: Incoming} | null} each buffer is fresh memory, at offset 0 of its own
 */
export function readFrame(descriptor, shared) {
  const head = readExactly(descriptor, HEAD);
  if (head === null) return null;
  const view = new DataView(head.buffer);
  const length = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  const sizes = readExactly(descriptor, 8 * count);
  const text = readExactly(descriptor, length);
  if (sizes === null || text === null) return null;
  const sizeView = new DataView(sizes.buffer);
  /** @type {Incoming} */
  const buffers = [];
  let position = 0;
  for (let i = 0; i < count; i++) {
    const marked = sizeView.getBigUint64(8 * i, true);
    if (marked & IN_FILE && shared !== undefined) {
      const size = Number(marked ^ IN_FILE);
      leave(buffers, i, shared, position, size);
      position += padded(size);
      continue;
    }
    const buffer = readExactly(descriptor, Number(marked));
    if (buffer === null) return null;
    buffers[i] = buffer;
  }
  return { message: JSON.parse(decoder.decode(text)), buffers };
}

/**
 * Leave a buffer in the file until it is used: by its place in the list, or at once where it stays (`waiting`).
 *
 * @param {Incoming} buffers
 * @param {number} i
 * @param {number} file
 * @param {number} position
 * @param {number} size
 */
function leave(buffers, i, file, position, size) {
  const into = (/** @type {Uint8Array} */ target) => {
    let got = 0;
    while (got < size) {
      const count = fs.readSync(file, target, got, Math.min(size - got, 0x40000000), position + got);
      if (count === 0) throw new Error("the shared file was cut");
      got += count;
    }
  };
  const get = () => {
    const whole = new Uint8Array(size);
    into(whole);
    Object.defineProperty(buffers, i, { value: whole, configurable: true, enumerable: true, writable: true });
    buffers.waiting?.delete(i);
    return whole;
  };
  Object.defineProperty(buffers, i, { get, configurable: true, enumerable: true });
  (buffers.waiting ??= new Map()).set(i, { size, into });
}

/** Take what is left in the file, before the other side writes there again. @param {Incoming | null} buffers */
export function takeWaiting(buffers) {
  for (const i of [...(buffers?.waiting?.keys() ?? [])]) void buffers?.[i];
}

/** @param {number} file @param {Uint8Array[]} pieces @returns {boolean} false: there is no room */
function put(file, pieces) {
  let position = 0;
  try {
    for (const piece of pieces) {
      let done = 0;
      while (done < piece.byteLength) done += fs.writeSync(file, piece, done, Math.min(piece.byteLength - done, 0x40000000), position + done);
      position += padded(piece.byteLength);
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} descriptor
 * @param {number} size
 * @returns {Uint8Array | null}
 */
function readExactly(descriptor, size) {
  const target = new Uint8Array(size);
  let got = 0;
  while (got < size) {
    // One read of a pipe is limited by the system to less than 2 GB.
    const count = fs.readSync(descriptor, target, got, Math.min(size - got, 0x40000000), null);
    if (count === 0) return null;
    got += count;
  }
  return target;
}

/**
 * @param {number} descriptor
 * @param {Uint8Array[]} pieces
 */
function writeAll(descriptor, pieces) {
  while (pieces.length > 0) {
    let written = fs.writevSync(descriptor, pieces.slice(0, PIECES));
    let done = 0;
    while (done < pieces.length && written >= pieces[done].byteLength) {
      written -= pieces[done].byteLength;
      done++;
    }
    pieces = pieces.slice(done);
    if (written > 0) pieces[0] = pieces[0].subarray(written);
  }
}

/** @param {ArrayBufferView} view */
function bytes(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
