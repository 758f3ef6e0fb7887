// R evaluates syntax trees: from its first step on, in the build of webR that is pinned, and in no other does anything happen.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { findSwitch, useSyntaxTrees } from "../../jupyterlite_rpy/js/interpreter.mjs";
import { boot, DIST, Rig } from "./rig.mjs";

// Byte code calls byte code without a new frame on R's stack, syntax trees do not.
const DEEP = "f <- compiler::cmpfun(function(n) if (n == 0) 0 else 1 + f(n - 1)); f(5000)";

test("byte code is not run, whatever was compiled", async () => {
  const rig = await Rig.start();
  assert.match(rig.fail(DEEP).message, /too close to the limit/);
  assert.equal(rig.ok("g <- compiler::cmpfun(function(x) { for (i in 1:3) x <- x * 2; x }); g(1); body(g)").text.split("\n")[0], "[1] 8");
  assert.equal(rig.ok("is.environment(environment(lm)); coef(lm(dist ~ speed, cars))[[2]]").text, "[1] TRUE\n[1] 3.932409\n");
});

test("the switch is where it is said to be: where it is not set, byte code runs", async () => {
  const rig = new Rig(await boot({ environment: { R_DISABLE_BYTECODE: "0" } }));
  const { HEAP32 } = rig.r.c.M;
  const address = findSwitch(await readFile(`${DIST}/R.wasm`));
  assert.ok(address !== null);
  assert.equal(HEAP32[address >> 2], 0);
  assert.equal(rig.ok(DEEP).text, "[1] 5000\n");
  useSyntaxTrees(/** @type {WebAssembly.Memory} */ ({ buffer: HEAP32.buffer }), address);
  assert.match(rig.fail(DEEP).message, /too close to the limit/);
});

test("in another build nothing is written", async () => {
  const bytes = new Uint8Array(await readFile(`${DIST}/R.wasm`));
  bytes[0xc64ad] ^= 1;
  assert.equal(findSwitch(bytes), null);
  assert.equal(findSwitch(new Uint8Array(8)), null);
  const memory = new WebAssembly.Memory({ initial: 1 });
  useSyntaxTrees(memory, null);
  assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
});
