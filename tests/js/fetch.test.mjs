// What a browser's worker fetches of webR, and what it says where R cannot be.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { fetchProgram } from "../../jupyterlite_rpy/js/fetch.mjs";

const real = { fetch: globalThis.fetch, validate: WebAssembly.validate };
afterEach(() => {
  globalThis.fetch = real.fetch;
  WebAssembly.validate = real.validate;
});

/** @param {(url: string) => Promise<Response>} answer @returns {string[]} addresses that are asked for */
function answers(answer) {
  const asked = /** @type {string[]} */ ([]);
  globalThis.fetch = /** @type {any} */ (
    (/** @type {string} */ url) => {
      asked.push(url);
      return answer(url);
    }
  );
  return asked;
}

const nothing = { size: 0, integrity: "sha384-" };
const expected = Object.fromEntries(["R.wasm", "R.js", "webr-worker.js", "libRblas.so", "libRlapack.so"].map((name) => [name, nothing]));
const begin = () => fetchProgram("https://site/webr/", expected, "0.6.0", () => {});

test("a browser without WebAssembly exceptions is told so, and nothing is fetched", async () => {
  const asked = answers(async () => new Response(""));
  /** @param {BufferSource} bytes */
  WebAssembly.validate = (bytes) => {
    assert.ok(real.validate(bytes), "the module that is tried is none"); // this Node has them
    return false;
  };
  const { texts, wasm, done } = begin();
  for (const promise of [texts, wasm, done]) {
    await assert.rejects(promise, /this browser has no WebAssembly exceptions, which R needs\nHint: use a current Chrome, Edge, Firefox or Safari/);
  }
  assert.deepEqual(asked, []);
});

test("what is tried uses exceptions: without its try block it is another module", () => {
  /** @type {Uint8Array | undefined} */
  let tried;
  WebAssembly.validate = (bytes) => {
    tried = /** @type {Uint8Array} */ (bytes);
    return false;
  };
  begin();
  assert.ok(tried?.includes(0x06) && tried.includes(0x19), "try and catch_all");
});

test("a failed download is one failure, told when the others are done, and leaves none unhandled", async () => {
  const asked = answers(async (url) => (url.endsWith("R.js") ? new Response("", { status: 404, statusText: "Not Found" }) : Promise.reject(new TypeError("offline"))));
  await assert.rejects(begin().done, /cannot be reached|answered 404/);
  assert.equal(asked.length, 5);
});
