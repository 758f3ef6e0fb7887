// RValue trees and buffers in, R objects out: bytes are copied into R's heap as they are.

import { TYPE } from "./capi.mjs";
import { ValueProblem } from "./reader.mjs";

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {import("./handles.mjs").Handles} Handles */
/** @typedef {import("./protocol.js").RValue} RValue */

const PLAIN = Object.freeze({
  logical: [TYPE.LOGICAL, 4],
  integer: [TYPE.INTEGER, 4],
  double: [TYPE.DOUBLE, 8],
  complex: [TYPE.COMPLEX, 16],
  raw: [TYPE.RAW, 1],
});
const CE_UTF8 = 1;

/**
 * The same bytes as 32-bit integers; copied only when they do not start on a multiple of 4.
 *
 * @param {Uint8Array} bytes
 */
function int32(bytes) {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.byteLength >> 2);
}

export class Writer {
  /**
   * @param {CApi} c
   * @param {Handles} handles
   * @param {(id: number, classes: string[], callable: boolean, convert: boolean) => number} pythonObject makes R's view of a Python object
   */
  constructor(c, handles, pythonObject) {
    this.c = c;
    this.handles = handles;
    this.pythonObject = pythonObject;
    /** @type {import("./protocol.js").Incoming} */
    this.buffers = [];
  }

  /**
   * Call inside a guard.
   *
   * @param {RValue} value
   * @param {Uint8Array[]} buffers
   * @returns {number} a fresh, unprotected R object (for a handle: the object itself)
   */
  write(value, buffers) {
    // R may run a finalizer that calls Python, whose answer is written in the middle of this value.
    const outer = this.buffers;
    this.buffers = buffers;
    try {
      return this.#write(value);
    } finally {
      this.buffers = outer;
    }
  }

  /** @param {RValue} value @returns {number} */
  #write(value) {
    const { c } = this;
    const { M } = c;
    switch (value.type) {
      case "NULL":
        return c.nil;
      case "handle":
        return this.handles.get(value.id);
      case "python":
        return this.pythonObject(value.id, value.class ?? [], value.callable ?? false, value.convert ?? true);
      default: {
        const sexp = M._Rf_protect(this.#vector(value));
        for (const [name, attribute] of value.attributes ?? []) {
          const child = M._Rf_protect(this.#write(attribute));
          M._Rf_setAttrib(sexp, c.symbol(name), child);
          M._Rf_unprotect(1);
        }
        M._Rf_unprotect(1);
        return sexp;
      }
    }
  }

  /** @param {Exclude<RValue, {type: "NULL" | "handle" | "python"}>} value @returns {number} */
  #vector(value) {
    const { M } = this.c;
    if (value.type === "list") {
      const list = M._Rf_protect(M._Rf_allocVector(TYPE.LIST, value.length));
      const element = this.#elements(value);
      for (let i = 0; i < value.length; i++) M._SET_VECTOR_ELT(list, i, element(i));
      M._Rf_unprotect(1);
      return list;
    }
    if (value.type === "character") return this.#character(value);
    const layout = PLAIN[value.type];
    if (!layout) throw new ValueProblem(`unknown type of value: ${/** @type {any} */ (value).type}`);
    const [type, size] = layout;
    const waiting = this.buffers.waiting?.get(value.buffer);
    const found = waiting ? waiting.size : this.buffers[value.buffer].byteLength;
    if (found !== value.length * size) throw new ValueProblem(`${value.type} vector of length ${value.length} came with ${found} bytes`);
    const sexp = M._Rf_allocVector(type, value.length);
    if (value.length === 0) return sexp;
    const start = M._DATAPTR(sexp);
    if (waiting) waiting.into(M.HEAPU8.subarray(start, start + found));
    else M.HEAPU8.set(this.buffers[value.buffer], start);
    return sexp;
  }

  /** @param {Extract<RValue, {type: "list"}>} value @returns {(i: number) => number} makes an element */
  #elements({ items, handles, pythons }) {
    if (handles) return (i) => this.handles.get(handles.ids[i]);
    if (!pythons) return (i) => this.#write(items[i]);
    const { ids, of, kinds } = pythons;
    return (i) => {
      const kind = kinds[of[i]];
      return this.pythonObject(ids[i], kind.class, kind.callable, true);
    };
  }

  /** @param {Extract<RValue, {type: "character"}>} value @returns {number} */
  #character(value) {
    const { M, naString } = this.c;
    const codes = int32(this.buffers[value.buffer]);
    const offsets = int32(this.buffers[value.offsets]);
    const text = this.buffers[value.data];
    const distinct = offsets.length - 1;
    const pool = M._Rf_protect(M._Rf_allocVector(TYPE.CHARACTER, distinct));
    const heap = M._malloc(text.byteLength || 1);
    if (heap === 0) throw new ValueProblem(`R has no room for ${text.byteLength} bytes of text`);
    try {
      M.HEAPU8.set(text, heap);
      for (let i = 0; i < distinct; i++) {
        M._SET_STRING_ELT(pool, i, M._Rf_mkCharLenCE(heap + offsets[i], offsets[i + 1] - offsets[i], CE_UTF8));
      }
    } finally {
      M._free(heap);
    }
    const sexp = M._Rf_allocVector(TYPE.CHARACTER, value.length);
    if (value.length > 0) {
      // Written without R's write barrier: `sexp` was allocated after all of its elements, so it is never the older one.
      const from = distinct > 0 ? M._DATAPTR_RO(pool) >> 2 : 0;
      const to = M._DATAPTR_RO(sexp) >> 2;
      const { HEAPU32 } = M;
      for (let i = 0; i < value.length; i++) HEAPU32[to + i] = codes[i] < 0 ? naString : HEAPU32[from + codes[i]];
    }
    M._Rf_unprotect(1);
    return sexp;
  }
}
