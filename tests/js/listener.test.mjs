// Exceptions of whoever listens to R in; the same exceptions out, with R never the wiser.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Rig, python } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => {
  rig = await Rig.start();
  rig.set({ call: python(1) });
});

class Mine extends Error {}

/** @param {string} wanted the event at which the listener throws */
function throwAt(wanted) {
  rig.watch = ({ event }) => {
    if (event === wanted) throw new Mine(`at ${wanted}`);
  };
}

/** Where R's stacks stand. */
function stacks() {
  const { M } = rig.r.c;
  return { pointer: M._emscripten_stack_get_current(), protects: M.HEAP32[M._R_PPStackTop >> 2], listeners: rig.r.listeners.stack.length };
}

const CELLS = {
  stream: 'cat(strrep("x", 10000)); 1',
  display: "plot(1)",
  input: 'readline("? ")',
  python: "call(1)",
};

for (const [event, code] of Object.entries(CELLS)) {
  test(`what a listener throws at "${event}" comes out of the call, and R is intact`, () => {
    const standing = stacks();
    throwAt(event);
    assert.throws(() => rig.run(code), new Mine(`at ${event}`));
    rig.watch = () => {};
    assert.deepEqual(stacks(), standing);
    assert.equal(rig.ok("1 + 1").text, "[1] 2\n");
  });
}

test("a thousand exceptions leave R's stacks where they were", () => {
  const standing = stacks();
  for (let i = 0; i < 250; i++) {
    for (const event of ["stream", "input", "python"]) {
      throwAt(event);
      assert.throws(() => rig.run(CELLS[/** @type {keyof typeof CELLS} */ (event)]), Mine);
    }
    throwAt("stream");
    assert.throws(() => rig.run("cat('x\\n'); cat(strrep('x', 10000)); tryCatch(cat(strrep('y', 10000)), finally = done <- TRUE)"), Mine);
  }
  rig.watch = () => {};
  assert.deepEqual(stacks(), standing);
  assert.ok(rig.intact());
});

test("R is asked to stop soon after its listener threw", () => {
  throwAt("stream");
  const code = "n <- 0; cat(strrep('x', 10000)); repeat n <- n + 1";
  assert.throws(() => rig.run(code), Mine);
  rig.watch = () => {};
  assert.ok(Number(rig.ask("n")) > 0);
  assert.equal(rig.ok("2").seen.join(), "stdout: [1] 2\n");
});

test("handlers and on.exit of R run when a listener threw below them", () => {
  throwAt("python");
  rig.ok("log <- character()");
  assert.throws(() => rig.run('f <- function() { on.exit(log <<- c(log, "left")); call(1) }; tryCatch(f(), error = function(e) log <<- c(log, "caught"))'), Mine);
  rig.watch = () => {};
  assert.deepEqual(rig.ask("paste(log, collapse = ' ')"), "left caught");
});

test("an exception of a nested listener comes out of the nested call, not of the outer one", () => {
  let nested = 0;
  rig.python = () => {
    throwAt("stream");
    assert.throws(() => rig.run("cat(strrep('x', 10000))"), Mine);
    rig.watch = () => {};
    nested += 1;
    return { reply: { value: { type: "NULL" } }, buffers: [] };
  };
  assert.equal(rig.ok("call(1); 'outer goes on'").text, 'NULL\n[1] "outer goes on"\n');
  assert.equal(nested, 1);
});

test("a listener that calls R while a reply is made gets its own reply and spoils none", () => {
  rig.watch = ({ event, text }) => {
    if (event !== "stream" || text !== "outer\n") return;
    const inner = rig.ok("y <- as.numeric(5:1)", { outputs: ["y"] });
    assert.equal(inner.buffers.length, 1);
  };
  const record = rig.ok("x <- as.numeric(1:3); cat('outer\\n')", { outputs: ["x", "y"] });
  rig.watch = () => {};
  const [x, y] = record.reply.outputs.map((/** @type {any} */ { value }) => [...new Float64Array(record.buffers[value.buffer].buffer)]);
  assert.deepEqual([x, y], [[1, 2, 3], [5, 4, 3, 2, 1]]);
});

test("an interrupt stops loops and sleeping, is told as such, and runs on.exit", async () => {
  let asked = 0;
  const other = await Rig.start({ interrupted: () => ++asked > 2 });
  for (const code of ["repeat {}", "Sys.sleep(60)", "f <- function() { on.exit(left <<- TRUE); repeat sqrt(2) }; f()"]) {
    asked = 0;
    const failed = other.fail(code);
    assert.equal(failed.kind, "interrupt");
    assert.equal(failed.stderr, "");
  }
  asked = -1e9;
  assert.equal(other.ask("left"), "TRUE");
  asked = 0;
  assert.equal(other.fail("tryCatch(repeat {}, error = function(e) 'swallowed')").kind, "interrupt");
  asked = -1e9;
  assert.ok(other.intact());
});
