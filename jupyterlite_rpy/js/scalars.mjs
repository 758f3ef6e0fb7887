// A plain scalar between R and Python without buffers: an R vector of length 1 in, a JavaScript value out, and back.
//
// double: number; integer: "i" and its digits; logical: boolean; character: "s" and the text; NULL: null. convert/plain.py does the same
// in Python. What would not survive (NA, NaN, infinities, -0, text that is not UTF-8) or has attributes is no plain scalar: it
// goes as any other value does.

import { TYPE } from "./capi.mjs";

/** @typedef {number | string | boolean | null} Scalar */

const INTEGER_NA = -2147483648;
const CE_UTF8 = 1;
const NATIVE_OR_UTF8 = new Set([0, CE_UTF8]);

/**
 * @param {import("./capi.mjs").CApi} c
 * @param {number} sexp
 * @returns {Scalar | undefined} undefined: it is no plain scalar
 */
export function readScalar({ M, nil, naString }, sexp) {
  if (sexp === nil) return null;
  const type = M._TYPEOF(sexp);
  if (type < TYPE.LOGICAL || type > TYPE.CHARACTER || M._ATTRIB(sexp) !== nil || M._Rf_xlength(sexp) !== 1) return undefined;
  if (type === TYPE.CHARACTER) {
    const charsxp = M._STRING_ELT(sexp, 0);
    if (charsxp === naString || !NATIVE_OR_UTF8.has(M._Rf_getCharCE(charsxp))) return undefined;
    const address = M._R_CHAR(charsxp);
    // U+F000 to U+FFFF: UTF8ToString drops a leading byte order mark (U+FEFF) of a longer text.
    if (M.HEAPU8[address] === 0xef) return undefined;
    const text = M.UTF8ToString(address);
    return text.includes("\uFFFD") ? undefined : `s${text}`;
  }
  const address = M._DATAPTR_RO(sexp);
  if (type === TYPE.DOUBLE) {
    const number = M.HEAPF64[address >> 3];
    return Number.isFinite(number) && !Object.is(number, -0) ? number : undefined;
  }
  if (type === TYPE.COMPLEX) return undefined;
  const number = M.HEAP32[address >> 2];
  if (number === INTEGER_NA) return undefined;
  return type === TYPE.LOGICAL ? number !== 0 : `i${number}`;
}

/**
 * The inverse. Call inside a guard, or in a function that R calls.
 *
 * @param {import("./capi.mjs").CApi} c
 * @param {Scalar} scalar
 * @returns {number} unprotected
 */
export function writeScalar(c, scalar) {
  const { M } = c;
  if (scalar === null) return c.nil;
  if (typeof scalar === "number") return M._Rf_ScalarReal(scalar);
  if (typeof scalar === "boolean") return M._Rf_ScalarLogical(scalar ? 1 : 0);
  if (scalar[0] === "i") return M._Rf_ScalarInteger(Number(scalar.slice(1)));
  const text = c.withText(scalar.slice(1), (address) => M._Rf_protect(M._Rf_mkCharCE(address, CE_UTF8)));
  const sexp = M._Rf_ScalarString(text);
  M._Rf_unprotect(1);
  return sexp;
}
