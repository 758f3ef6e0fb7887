// A message and its buffers in, bytes on a file descriptor out, and back. `runtime/frame.py` is the same in
// Python and describes the layout. Everything is synchronous: R's thread waits for Python's answer.

import fs from "node:fs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const HEAD = 8;
const PIECES = 512;

/**
 * Write one frame.
 *
 * @param {number} descriptor
 * @param {object} message
 * @param {ArrayBufferView[]} [buffers] written from where they are: views of R's memory are fine
 */
export function writeFrame(descriptor, message, buffers = []) {
  const text = encoder.encode(JSON.stringify(message));
  const head = new Uint8Array(HEAD + 8 * buffers.length + text.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, text.length, true);
  view.setUint32(4, buffers.length, true);
  buffers.forEach((buffer, i) => view.setBigUint64(HEAD + 8 * i, BigInt(buffer.byteLength), true));
  head.set(text, HEAD + 8 * buffers.length);
  writeAll(descriptor, [head, ...buffers.filter((buffer) => buffer.byteLength > 0).map(bytes)]);
}

/**
 * Read one frame; null when the other side has closed its end.
 *
 * @param {number} descriptor
 * @returns {{message: any, buffers: Uint8Array[]} | null} each buffer is fresh memory, at offset 0 of its own
 */
export function readFrame(descriptor) {
  const head = readExactly(descriptor, HEAD);
  if (head === null) return null;
  const view = new DataView(head.buffer);
  const length = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  const sizes = readExactly(descriptor, 8 * count);
  const text = readExactly(descriptor, length);
  if (sizes === null || text === null) return null;
  const sizeView = new DataView(sizes.buffer);
  /** @type {Uint8Array[]} */
  const buffers = [];
  for (let i = 0; i < count; i++) {
    const buffer = readExactly(descriptor, Number(sizeView.getBigUint64(8 * i, true)));
    if (buffer === null) return null;
    buffers.push(buffer);
  }
  return { message: JSON.parse(decoder.decode(text)), buffers };
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
