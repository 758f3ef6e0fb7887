// Recursion without end in; R's own error out, with R as it was.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Rig, integer, number, python } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => {
  rig = await Rig.start();
  rig.python = nested;
  rig.set({ deep: python(1), endless: python(2) });
  rig.ok("keep <- 'me'");
});

/** What R evaluates at the end of `deep`. */
let bottom = "0L";

/** Python calls R, which calls Python, ... @type {Rig["python"]} */
function nested(id, args, buffers) {
  const n = id === 1 ? number({ value: args[0].value, buffers }) : -1;
  const code = id === 2 ? "endless()" : n > 0 ? `deep(${n - 1}L)` : bottom;
  const inner = rig.run(code, { value: true, show: "none" });
  if (inner.reply.status === "ok") return { reply: { value: inner.reply.value }, buffers: inner.buffers };
  return { reply: { error: { message: inner.reply.error.message, class: ["RError"], python: 1 } }, buffers: [] };
}

test("recursion goes 300 levels deep, and 200 in a compiled function", () => {
  assert.equal(rig.ok("f <- function(n) if (n == 0) 0 else 1 + f(n - 1); f(300)").text, "[1] 300\n");
  assert.equal(rig.ok("f <- compiler::cmpfun(f); f(200)").text, "[1] 200\n");
  assert.match(rig.fail("f(50000)").message, /stack/);
  assert.ok(rig.intact());
});

test("recursion through R's own functions goes 80 levels deep", () => {
  for (const call of ["sapply(n - 1, f)", "do.call(f, list(n - 1))", "Reduce(function(a, b) f(n - 1), 1:2)"]) {
    const levels = call.startsWith("Reduce") ? 8 : 80; // Reduce calls twice
    assert.equal(rig.ok(`f <- function(n) if (n == 0) 0 else 1 + ${call}; f(${levels})`).text, `[1] ${levels}\n`);
  }
});

const ENDLESS = {
  "a plain function": "f <- function() f(); f()",
  "a function with work to do after": "f <- function(x) 1 + f(x + 1); f(1)",
  sapply: "f <- function(n) sapply(1, f); f(1)",
  lapply: "f <- function(n) lapply(1, f); f(1)",
  vapply: "f <- function(n) vapply(1, f, 1); f(1)",
  Map: "f <- function(n) Map(f, 1); f(1)",
  Reduce: "f <- function(a, b) Reduce(f, 1:2); f(1, 2)",
  Recall: "f <- function() Recall(); f()",
  "do.call": "f <- function() do.call(f, list()); f()",
  eval: "f <- function() eval(quote(f())); f()",
  local: "f <- function() local(f()); f()",
  Vectorize: "f <- Vectorize(function(x) f(x)); f(1)",
  tryCatch: "f <- function() tryCatch(f(), warning = identity); f()",
  "tryCatch of errors": "f <- function(n) tryCatch(f(n + 1), interrupt = identity); f(0)",
  withCallingHandlers: "f <- function() withCallingHandlers(f(), warning = identity); f()",
  "on.exit": "f <- function() { on.exit(f()); 1 }; f()",
  promises: "f <- function(n, x) if (n == 0) x else f(n - 1, x + 1); f(1e5, 0)",
  "S3 operators": 'Ops.endless <- function(e1, e2) e1 + e2; structure(1, class = "endless") + 1',
  "S3 print methods": 'print.endless <- function(x, ...) print(x); structure(1, class = "endless")',
  "S3 format methods": 'format.endless <- function(x, ...) format(x); format(structure(1, class = "endless"))',
  "S4 methods": 'setGeneric("s4", function(x) standardGeneric("s4")); setMethod("s4", "numeric", function(x) s4(x)); s4(1)',
  "reference classes": 'C <- setRefClass("C", methods = list(m = function() m())); C$new()$m()',
  "active bindings": 'makeActiveBinding("active", function() active, globalenv()); active',
  "numerical integration": "f <- function(x) integrate(f, 0, 1)$value; f(1)",
};

for (const [name, code] of Object.entries(ENDLESS)) {
  test(`endless recursion through ${name} is an R error`, () => {
    const failed = rig.fail(code);
    assert.equal(failed.kind, "error");
    assert.match(failed.message, /too close to the limit|infinite recursion|nested too deeply/);
    assert.ok(rig.intact());
    assert.equal(rig.ask("keep"), "me");
  });
}

test("endless recursion is an error that tryCatch gets", () => {
  const caught = 'f <- function() f(); tryCatch(f(), error = function(e) inherits(e, "stackOverflowError"))';
  assert.equal(rig.ok(caught).text, "[1] TRUE\n");
});

test("R and Python call each other 45 levels deep", () => {
  for (const n of [0, 10, 44]) assert.equal(rig.ok(`deep(${n}L)`).text, "[1] 0\n");
});

test("deeper than that is an error in words, at every depth and without end", () => {
  for (const code of ["deep(45L)", "deep(100L)", "endless()"]) assert.match(rig.fail(code).message, /levels deep \(infinite recursion\?\)/);
  assert.ok(rig.intact());
  assert.equal(rig.ok("deep(44L)").text, "[1] 0\n");
});

test("endless recursion at the bottom of nested calls is an error of all of them", () => {
  rig.ok("plain <- function() plain(); mapped <- function(n) sapply(1, mapped)");
  for (bottom of ["plain()", "mapped(1)"]) {
    for (const n of [0, 5, 20, 44]) assert.match(rig.fail(`deep(${n}L)`).message, /too close to the limit/);
  }
  bottom = "0L";
  assert.ok(rig.intact());
});

test("Python is not called when R's stack is nearly used up", () => {
  rig.ok("recurse <- function(n) if (n == 0) deep(0L) else recurse(n - 1)");
  assert.equal(rig.ok("recurse(150)").text, "[1] 0\n");
  const failed = rig.fail("recurse(330)");
  assert.match(failed.message, /nested too deeply here to call Python/);
  assert.ok(failed.class.includes("python.RecursionError"));
  assert.ok(rig.intact());
});

test("a vector that R has no room for is an R error", () => {
  assert.match(rig.fail("numeric(2^40)").message, /cannot allocate|too large/);
  assert.match(rig.fail("x <- numeric(4e8)").message, /cannot allocate/);
  assert.ok(rig.intact());
});

test("a value from Python that R has no room for is an error about that value", () => {
  const huge = { value: /** @type {const} */ ({ type: "double", length: 2 ** 29, buffer: 0 }), buffers: [new Uint8Array(8)] };
  const failed = rig.fail("1", { inputs: { huge } });
  assert.equal(failed.kind, "value");
  assert.equal(failed.name, "huge");
  assert.ok(rig.intact());
  assert.equal(rig.ok("one", { inputs: { one: integer(1) } }).text, "[1] 1\n");
});
