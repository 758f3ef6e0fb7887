// R's character vectors in, UTF-8 of the distinct strings and the number of each element's out.

/** @typedef {import("./capi.mjs").CApi} CApi */
/** @typedef {(message: string, element: number) => Error} Fail an error at an element */

/** cetype_t (Rinternals.h). */
const LATIN1 = 2;
const BYTES = 3;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Is every string between two offsets whole, valid UTF-8? Valid in one piece, and none begins in the middle of a character.
 *
 * @param {Uint8Array} data
 * @param {Int32Array} offsets
 */
function isText(data, offsets) {
  if (offsets.some((offset) => (data[offset] & 0xc0) === 0x80)) return false;
  try {
    utf8.decode(data);
    return true;
  } catch {
    return false;
  }
}

/**
 * Equal strings are one CHARSXP in R, so each distinct one is copied once.
 *
 * @param {CApi} c
 * @param {number} sexp a character vector, protected
 * @param {number} length
 * @param {Fail} fail
 * @returns {{codes: Int32Array<ArrayBuffer>, offsets: Int32Array<ArrayBuffer>, data: Uint8Array}} -1: NA
 */
export function readTexts(c, sexp, length, fail) {
  const { M, naString } = c;
  const start = length > 0 ? M._DATAPTR_RO(sexp) >> 2 : 0;
  const codes = new Int32Array(length);
  /** @type {Map<number, number>} */
  const seen = new Map([[naString, -1]]);
  /** @type {number[]} */
  const distinct = [];
  const elements = M.HEAPU32.subarray(start, start + length);
  let last = naString;
  let code = -1;
  for (let i = 0; i < length; i++) {
    const element = elements[i];
    if (element !== last) {
      last = element;
      const known = seen.get(element);
      if (known === undefined) {
        code = distinct.length;
        seen.set(element, code);
        distinct.push(element);
      } else code = known;
    }
    codes[i] = code;
  }
  return { codes, ...utf8Of(c, distinct, (message, wrong) => fail(message, codes.indexOf(wrong))) };
}

/**
 * @param {CApi} c
 * @param {number[]} charsxps
 * @param {Fail} fail told which of them
 */
function utf8Of({ M }, charsxps, fail) {
  const offsets = new Int32Array(charsxps.length + 1);
  let data = new Uint8Array(Math.max(16, charsxps.length * 16));
  let end = 0;
  for (let i = 0; i < charsxps.length; i++) {
    const charsxp = charsxps[i];
    let address = M._R_CHAR(charsxp);
    let bytes = M._LENGTH(charsxp);
    // CE_BYTES has no text; LATIN1 must be translated; all others are UTF-8 here (webR's locale is UTF-8).
    const encoding = M._Rf_getCharCE(charsxp);
    if (encoding === BYTES) {
      throw fail('a string is marked as "bytes" and has no text. Hint: in R, Encoding(x) <- "latin1" or "UTF-8"; see ?Encoding', i);
    }
    if (encoding === LATIN1) {
      address = M._Rf_translateCharUTF8(charsxp);
      bytes = 0;
      while (M.HEAPU8[address + bytes] !== 0) bytes += 1;
    }
    if (end + bytes > data.length) {
      const larger = new Uint8Array(Math.max(data.length * 2, end + bytes));
      larger.set(data.subarray(0, end));
      data = larger;
    }
    data.set(M.HEAPU8.subarray(address, address + bytes), end);
    end += bytes;
    offsets[i + 1] = end;
  }
  data = data.subarray(0, end);
  if (!isText(data, offsets)) {
    const wrong = charsxps.findIndex((_, i) => !isText(data.subarray(offsets[i], offsets[i + 1]), new Int32Array(1)));
    throw fail('a string is not valid UTF-8. Hint: in R, iconv(x, "latin1", "UTF-8") if it is Latin-1; see ?validUTF8', wrong);
  }
  return { offsets, data };
}
