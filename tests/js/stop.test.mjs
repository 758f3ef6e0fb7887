// Stop's logic alone: addresses that can or cannot be read. tests/browser/test_stop.py has the real ones.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Stop } from "../../jupyterlite_rpy/js/stop.mjs";

/** @type {Set<string>} */
let readable;
let asked = 0;

beforeEach(() => {
  readable = new Set(["a", "b", "c"]);
  asked = 0;
  /** @type {any} */ (globalThis).XMLHttpRequest = class {
    open(/** @type {string} */ _, /** @type {string} */ url) {
      this.url = url;
    }
    send() {
      asked++;
      if (!readable.has(/** @type {string} */ (this.url))) throw new Error("NetworkError");
    }
    status = 200;
  };
});

afterEach(() => {
  delete (/** @type {any} */ (globalThis).XMLHttpRequest);
});

/** A cell that has run for long. */
function running() {
  const stop = new Stop();
  assert.equal(stop.arm(["a", "b", "c"]), true);
  stop.begin();
  stop.last = -Infinity;
  return stop;
}

test("an address that is taken back stops once", () => {
  const stop = running();
  assert.equal(stop.requested(), false);
  readable.delete("a");
  assert.equal(stop.requested(), false, "asked a moment ago");
  stop.last = -Infinity;
  assert.equal(stop.requested(), true);
  stop.last = -Infinity;
  assert.equal(stop.requested(), false);
});

test("what comes too late for a cell is not meant for the next", () => {
  const stop = running();
  stop.end();
  readable.delete("a");
  assert.equal(stop.requested(), false);
  stop.begin();
  stop.last = -Infinity;
  assert.equal(stop.requested(), false);
  assert.deepEqual(stop.urls, ["b", "c"]);
});

test("where addresses cannot be read nothing is stopped, and nothing asked", () => {
  readable.clear();
  const stop = new Stop();
  assert.equal(stop.arm(["a", "b"]), false);
  stop.begin();
  stop.last = -Infinity;
  const before = asked;
  assert.equal(stop.requested(), false);
  assert.equal(asked, before);
});

test("what the page says by a message counts if it is not known yet", () => {
  const stop = running();
  assert.equal(stop.told("a"), true);
  assert.equal(stop.told("a"), false);
  stop.end();
  assert.equal(stop.told("b"), false);
});

test("Python is given one signal, however often it looks, and what others put there", () => {
  const stop = running();
  const module = { HEAP8: new Int8Array(8), _Py_EMSCRIPTEN_SIGNAL_HANDLING: 4, Py_EmscriptenSignalBuffer: /** @type {any} */ (undefined) };
  stop.watchPython(module);
  assert.equal(module.HEAP8[4], 1);
  const look = () => {
    // As Pyodide does: is there one, which signal, clear it.
    if (!module.Py_EmscriptenSignalBuffer) return 0;
    const signal = module.Py_EmscriptenSignalBuffer[0];
    module.Py_EmscriptenSignalBuffer[0] = 0;
    return signal;
  };
  assert.equal(look(), 0);
  readable.delete("a");
  stop.last = -Infinity;
  const signals = Array.from({ length: 40 }, look).filter((signal) => signal !== 0);
  assert.deepEqual(signals, [2]);
  const other = [15];
  module.Py_EmscriptenSignalBuffer = other;
  assert.equal(module.Py_EmscriptenSignalBuffer, other);
});

test("Python that takes longer than its time limit is stopped, once", () => {
  const stop = new Stop();
  stop.limit(-1);
  assert.equal(stop.requested("r"), false, "R has a limit of its own");
  assert.equal(stop.requested("python"), true);
  assert.equal(stop.requested("python"), false);
  assert.equal(stop.unlimit(), true);
  stop.limit(60_000);
  assert.equal(stop.requested("python"), false);
  assert.equal(stop.unlimit(), false);
});
