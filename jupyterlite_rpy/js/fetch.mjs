// An address in; webR's program, checked and compiled, out. What can go wrong on the way is told in words, with the file's name.
//
// runtime/pyodide.py begins the download with this module before the others are there.

import { findSwitch } from "./interpreter.mjs";

/** @typedef {{size: number, integrity: string}} Expected */

/**
 * @typedef {object} Program R's files
 * @property {Promise<{workerText: string, glueText: string}>} texts of webr-worker.js and R.js
 * @property {Promise<import("./scope.mjs").Compiled>} wasm R.wasm
 * @property {Map<string, ArrayBuffer>} libraries what R loads while it starts, as far as it is there, by address
 * @property {Promise<unknown>} done when all of these are there; fails if R cannot be started of them
 */

/** R was not started; `hint` says what to do. */
export class BootProblem extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(`${message}\nHint: ${hint}`);
    this.name = "BootProblem";
  }
}

/** A module whose only function uses WebAssembly's exception handling (legacy encoding, which webR is built with). */
const EXCEPTIONS = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 6, 64, 25, 11, 11,
]);

/** Compiled, and alive as long as this module: whoever compiles the same bytes in this browser's process is done at once. */
const compiledLibraries = new Set();

/**
 * Begin to fetch.
 *
 * @param {string} baseUrl ends in /
 * @param {Record<string, Expected>} expected by file name
 * @param {string} version of webR, for messages
 * @param {(stage: string, loaded: number, total: number) => void} progress
 * @param {RequestPriority} [priority] of these requests among the page's
 * @returns {Program}
 */
export function fetchProgram(baseUrl, expected, version, progress, priority = "auto") {
  /** @type {RequestInit} */
  const options = { credentials: "same-origin", priority };
  /** @param {string} name */
  const bytes = async (name) => {
    const found = await whole(baseUrl + name, (await request(baseUrl, name, options)).arrayBuffer());
    await verify(name, found, expected[name], version, baseUrl);
    return found;
  };
  /** @param {string} name */
  const text = async (name) => new TextDecoder().decode(await bytes(name));
  /** @type {Map<string, ArrayBuffer>} */
  const libraries = new Map();
  /** @param {string} name */
  const library = async (name) => {
    const found = await bytes(name);
    libraries.set(baseUrl + name, found);
    compiledLibraries.add(await WebAssembly.compile(found));
  };
  const begun = (async () => {
    if (typeof WebAssembly === "object" && WebAssembly.validate(EXCEPTIONS)) return;
    throw new BootProblem("this browser has no WebAssembly exceptions, which R needs", "use a current Chrome, Edge, Firefox or Safari");
  })();
  const wasm = begun.then(() => fetchWasm(baseUrl, expected, version, progress, options));
  const texts = begun
    .then(() => Promise.all([text("webr-worker.js"), text("R.js")]))
    // Whichever fails first is reported, when the other is done, too; neither failure is left unhandled.
    .catch((error) => wasm.then(() => Promise.reject(error), () => Promise.reject(error)))
    .then(([workerText, glueText]) => ({ workerText, glueText }));
  for (const name of LIBRARIES) begun.then(() => library(name)).catch(() => {}); // R asks for it again, and reports what is wrong
  const done = texts.then(() => wasm);
  wasm.catch(() => {});
  done.catch(() => {});
  return { texts, wasm, libraries, done };
}

/**
 * @param {string} baseUrl
 * @param {string} name
 * @param {RequestInit} options
 */
async function request(baseUrl, name, options) {
  const url = baseUrl + name;
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw new BootProblem(
      `${url} cannot be reached (${/** @type {Error} */ (error).message})`,
      "are you offline? Otherwise the server refuses this page; build the site with its own copy of webR (jupyter lite build --webr=...)",
    );
  }
  if (!response.ok) {
    throw new BootProblem(`${url} answered ${response.status} ${response.statusText}`.trimEnd(), "build the site again; `jupyter lite check` names missing files");
  }
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/html")) {
    throw new BootProblem(`${url} is a web page (${type}), not webR's file`, "the address of webR's files is wrong, or the server answers missing files with a page");
  }
  return response;
}

/**
 * @template T
 * @param {string} url
 * @param {Promise<T>} body what reads the body of the answer, or a part of it
 * @returns {Promise<T>}
 */
async function whole(url, body) {
  try {
    return await body;
  } catch (error) {
    throw new BootProblem(`the download of ${url} broke off (${/** @type {Error} */ (error).message})`, "run the cell again; are you still online?");
  }
}

/**
 * @param {string} baseUrl
 * @param {Record<string, Expected>} expected
 * @param {string} version
 * @param {(stage: string, loaded: number, total: number) => void} progress
 * @param {RequestInit} options
 */
async function fetchWasm(baseUrl, expected, version, progress, options) {
  const name = "R.wasm";
  const response = await request(baseUrl, name, options);
  const copy = response.clone();
  const compiled = compile(response);
  compiled.catch(() => {});
  const total = expected[name].size;
  const bytes = new Uint8Array(total);
  let length = 0;
  let told = 0;
  const reader = /** @type {ReadableStream<Uint8Array>} */ (copy.body).getReader();
  for (;;) {
    const { done, value } = await whole(baseUrl + name, reader.read());
    if (done) break;
    if (length + value.length <= total) bytes.set(value, length);
    length += value.length;
    // Not for each of the hundreds of pieces: this thread has other things to do meanwhile.
    if (length - told < total / STEPS && length < total) continue;
    told = length;
    progress("Downloading R", length, total);
  }
  progress("Compiling R", length, total);
  if (length !== total) {
    throw new BootProblem(
      `${baseUrl}${name} has ${length} bytes instead of ${total}`,
      `the download broke off, or the file is not webR ${version}'s; build the site again`,
    );
  }
  await verify(name, bytes, expected[name], version, baseUrl);
  const bytecode = findSwitch(bytes);
  try {
    return { module: await compiled, bytecode };
  } catch {
    // A server that names the wrong type (application/octet-stream) prevents streaming only.
    return { module: await WebAssembly.compile(bytes), bytecode };
  }
}

/** @param {Response} response */
async function compile(response) {
  return WebAssembly.compileStreaming(response);
}

/**
 * @param {string} name
 * @param {BufferSource} bytes
 * @param {Expected} expected
 * @param {string} version
 * @param {string} baseUrl
 */
async function verify(name, bytes, { integrity }, version, baseUrl) {
  // Absent on plain http other than localhost; there the size has to do.
  if (!globalThis.crypto?.subtle) return;
  const [algorithm, wanted] = integrity.split("-", 2);
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm.replace("sha", "SHA-"), bytes));
  if (btoa(String.fromCharCode(...digest)) === wanted) return;
  throw new BootProblem(
    `${baseUrl}${name} is not the file of webR ${version}`,
    `this jupyterlite_rpy needs webR ${version}; build the site again with it, or clear the browser's cache of this site`,
  );
}

/** How often a download tells how far it is. */
const STEPS = 20;

/** Shared libraries that R itself loads when it starts. */
const LIBRARIES = ["libRblas.so", "libRlapack.so"];

/** What the first plot needs: R's Cairo library, fonts and their configuration. */
const GRAPHICS = [
  "vfs/usr/lib/R/library/grDevices/libs.js.metadata",
  "vfs/usr/lib/R/library/grDevices/libs.data.gz",
  "vfs/etc/fonts/fonts.conf",
  "vfs/var/cache/fontconfig/3830d5c3ddfd5cd38a049b759396e72e-le32d8.cache-9",
  "vfs/var/cache/fontconfig/CACHEDIR.TAG",
  "vfs/usr/share/fonts/NotoSans-Regular.ttf",
  "vfs/usr/share/fonts/NotoSans-Bold.ttf",
];

/**
 * An XMLHttpRequest for webR's synchronous downloads, and a `fetch`, that answer from memory what was fetched before.
 *
 * @param {Map<string, ArrayBuffer>} files by address; more may come
 */
export function remembering(files) {
  class Remembering extends XMLHttpRequest {
    /** @type {ArrayBuffer | undefined} */
    #known;
    /** @param {string} method @param {string} url @param {boolean} [asynchronous] */
    open(method, url, asynchronous = true) {
      // A lazy file asks for its length first (HEAD).
      const read = method === "GET" || method === "HEAD";
      this.#known = read && !asynchronous ? files.get(String(url)) : undefined;
      super.open(method, url, asynchronous);
    }
    /** @param {any} [body] */
    send(body) {
      if (!this.#known) super.send(body);
    }
    get status() {
      return this.#known ? 200 : super.status;
    }
    get response() {
      if (!this.#known) return super.response;
      return this.responseType === "arraybuffer" ? this.#known.slice(0) : new TextDecoder().decode(this.#known);
    }
    get responseText() {
      return this.#known ? new TextDecoder("x-user-defined").decode(this.#known) : super.responseText;
    }
    /** @param {string} name */
    getResponseHeader(name) {
      if (!this.#known) return super.getResponseHeader(name);
      return name.toLowerCase() === "content-length" ? String(this.#known.byteLength) : null;
    }
  }
  /** @param {string} url @param {RequestInit} [options] */
  const remember = async (url, options) => {
    const known = files.get(url);
    return known ? new Response(known) : fetch(url, options);
  };
  return { files, XMLHttpRequest: Remembering, fetch: remember };
}

/**
 * Fetch, behind the user's back, what the first plot will ask for.
 *
 * @param {string} baseUrl
 * @param {{files: Map<string, ArrayBuffer>}} cache
 */
export async function prefetch(baseUrl, { files }) {
  await Promise.all(
    GRAPHICS.map(async (name) => {
      try {
        const response = await fetch(baseUrl + name, { credentials: "same-origin" });
        if (response.ok) files.set(baseUrl + name, await response.arrayBuffer());
      } catch {
        // Then the first plot asks again, and reports what is wrong.
      }
    }),
  );
}
