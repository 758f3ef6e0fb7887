// webR beside other programs in one thread: nothing of theirs is touched, several R are apart, an R that is dropped is freed.

import assert from "node:assert/strict";
import { test } from "node:test";

/** What webR might leave behind, counted from before it is loaded. */
const listeners = /** @type {string[]} */ ([]);
const globals = /** @type {any} */ (globalThis);
globals.addEventListener = (/** @type {string} */ name) => listeners.push(`globalThis ${name}`);
const namesBefore = Object.getOwnPropertyNames(globalThis).sort();
for (const method of /** @type {const} */ (["on", "once", "addListener", "prependListener"])) {
  const original = process[method];
  process[method] = /** @type {any} */ (
    function (/** @type {any[]} */ ...args) {
      listeners.push(`process ${args[0]}`);
      return /** @type {any} */ (original).apply(process, args);
    }
  );
}

const { Rig, python } = await import("./rig.mjs");

/** @type {() => void} */
const collect = /** @type {any} */ (globalThis.gc);

test("starting R adds nothing to the global and no listener to it or to the process", async () => {
  listeners.length = 0; // the test runner's own
  const rig = await Rig.start();
  rig.ok("plot(1); webr::eval_js('1 + 1'); lm(dist ~ speed, cars)");
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).sort(), namesBefore);
  assert.deepEqual(listeners, []);
});

test("several R in one thread keep their own variables, options and outputs", async () => {
  const [one, two] = [await Rig.start(), await Rig.start()];
  one.ok("x <- 'one'; options(digits = 3)");
  two.ok("x <- 'two'");
  assert.equal(one.ok("x; pi").text, '[1] "one"\n[1] 3.14\n');
  assert.equal(two.ok("x; pi").text, '[1] "two"\n[1] 3.141593\n');
  // One inside a callback of the other.
  one.python = () => {
    const { reply, buffers } = two.ok("x", { value: true, show: "none" });
    return { reply: { value: reply.value }, buffers };
  };
  one.set({ f: python(1) });
  assert.equal(one.ok("f(); x").text, '[1] "two"\n[1] "one"\n');
  assert.ok(one.intact() && two.intact());
});

test("R's environment and start do not depend on this process's", async () => {
  const rig = await Rig.start({ environment: { TZ: "America/New_York", GREETING: "grüß" } });
  assert.equal(rig.ok('Sys.timezone(); Sys.getenv("GREETING"); format(as.POSIXct(0), "%H:%M")').text, '[1] "America/New_York"\n[1] "grüß"\n[1] "19:00"\n');
});

test("ten R started one after the other are collected, and take the memory of one", async () => {
  const modules = /** @type {WeakRef<object>[]} */ ([]);
  const used = /** @type {number[]} */ ([]);
  for (let i = 0; i < 10; i++) {
    const rig = await Rig.start();
    rig.ok("x <- runif(1e6)");
    modules.push(new WeakRef(rig.r.c.M));
    // Finalizers and the engine's own clean-up run between tasks.
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    used.push(process.memoryUsage().rss);
  }
  const alive = modules.filter((module) => module.deref() !== undefined).length;
  assert.ok(alive <= 2, `${alive} of 10 modules are still alive`);
  const grown = (used[9] - used[2]) / 2 ** 20;
  assert.ok(grown < 150, `memory grew by ${grown.toFixed(0)} MB in seven starts (${used.map((bytes) => Math.round(bytes / 2 ** 20))})`);
});
