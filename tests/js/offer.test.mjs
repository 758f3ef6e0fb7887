// What a page posts to a kernel's worker: R's program, how far it is, or why there is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Offer } from "../../jupyterlite_rpy/js/offer.mjs";

const ADDRESS = "https://site/webr/";
const KIND = "jupyterlite-rpy program";
const never = () => assert.fail("nothing has happened yet");

/** @returns {{offer: Offer, post: (data: unknown) => void, listeners: Set<Function>}} */
function begin() {
  const listeners = new Set();
  const worker = /** @type {any} */ ({
    addEventListener: (/** @type {string} */ type, /** @type {Function} */ f) => type === "message" && listeners.add(f),
    removeEventListener: (/** @type {string} */ _, /** @type {Function} */ f) => listeners.delete(f),
  });
  return { offer: new Offer(ADDRESS, worker), listeners, post: (data) => [...listeners].forEach((hear) => hear({ data })) };
}

test("the program is the page's, whether it was asked for before it came or after", async () => {
  for (const late of [true, false]) {
    const { offer, post, listeners } = begin();
    const before = late ? undefined : offer.take(ADDRESS, never);
    const content = { texts: { workerText: "worker", glueText: "glue" }, wasm: { module: "module", bytecode: 8 } };
    post({ id: 1, type: "APPLY" }); // JupyterLite's own
    post(null);
    post({ kind: KIND, ...content, libraries: new Map([["library", new ArrayBuffer(1)]]) });
    const program = before ?? offer.take(ADDRESS, never);
    assert.ok(program);
    await program.done;
    assert.deepEqual(await program.texts, content.texts);
    assert.deepEqual(await program.wasm, content.wasm);
    assert.deepEqual([...program.libraries.keys()], ["library"]);
    assert.equal(listeners.size, 0);
  }
});

test("how far the page is, is told to whoever waits", () => {
  const { offer, post } = begin();
  /** @type {unknown[]} */
  const told = [];
  post({ kind: KIND, stage: "Downloading R", loaded: 1, total: 4 });
  offer.take(ADDRESS, (...progress) => told.push(progress));
  post({ kind: KIND, stage: "Downloading R", loaded: 2, total: 4 });
  assert.deepEqual(told, [["Downloading R", 2, 4]]);
});

test("why the page has none is the failure of the start, in its words", async () => {
  const { offer, post } = begin();
  const program = offer.take(ADDRESS, never);
  post({ kind: KIND, failed: "R.wasm answered 404\nHint: build the site again" });
  for (const part of [program?.texts, program?.wasm, program?.done]) {
    await assert.rejects(/** @type {Promise<unknown>} */ (part), { name: "BootProblem", message: "R.wasm answered 404\nHint: build the site again" });
  }
  assert.equal(offer.take(ADDRESS, never), undefined); // the next start fetches by itself
});

test("a failure that nobody asks about disturbs nobody", async () => {
  const { post } = begin();
  post({ kind: KIND, failed: "nothing" });
  await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would end this test
});

test("another address than the page's is no offer", () => {
  assert.equal(begin().offer.take("https://elsewhere/webr/", never), undefined);
});
