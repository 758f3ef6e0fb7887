// An R that broke in; its variables in a fresh R out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Rig, python } from "./rig.mjs";

// R's own check of its stack does not cover these recursions in C (deparse and identical are others; deparse is slow to get there).
const NEST = "deep <- list(); for (i in 1:50000) deep <- list(deep)";

test("after a trap the reply names what was kept and lost, and the next R has it", async () => {
  const rig = await Rig.start();
  rig.set({ from_python: python(5), thing: python(6, false) });
  rig.ok(`text <- "ü"; f <- local({ z <- 5; function() z }); e <- new.env(); e$a <- 3; .hidden <- 1; frame <- head(cars)
    library(splines); library(stats4); ${NEST}`);
  const record = rig.run("cat('last words\\n'); unlist(deep)");
  const { kind, message, kept, lost } = record.reply.error;
  assert.equal(kind, "trap");
  assert.match(message, /^R broke \(/);
  assert.equal(record.stdout, "last words\n");
  assert.deepEqual(kept.sort(), [".hidden", "e", "f", "frame", "i", "text"]);
  assert.deepEqual(lost.sort(), ["deep", "from_python", "thing"]);
  assert.equal(rig.run("1").reply.error.kind, "closed");

  const next = await Rig.start();
  assert.deepEqual(next.state().restored.kept.sort(), kept);
  assert.deepEqual(next.state().restored.lost.sort(), lost);
  assert.equal(next.ok("cat(text, f(), e$a, .hidden, identical(frame, head(cars)))").stdout, "ü 5 3 1 TRUE");
  assert.equal(next.ask('all(c("package:splines", "package:stats4") %in% search())'), "TRUE");
  assert.ok(next.intact());
});

test("a trap below Python, below R, ends both calls of R", async () => {
  const rig = await Rig.start();
  rig.ok(`rm(list = ls()); saved <- 1; ${NEST}`);
  /** @type {any} */
  let inner;
  rig.python = () => {
    inner = rig.run("unlist(deep)").reply;
    return { reply: { error: { message: "trap", class: ["RError"] } }, buffers: [] };
  };
  rig.set({ call: python(1) });
  const outer = rig.run("tryCatch(call(), error = function(e) 'must not be reached')").reply;
  assert.equal(inner.error.kind, "trap");
  assert.equal(outer.error.kind, "trap");
  assert.ok(outer.error.kept.includes("saved"));
  assert.equal((await Rig.start()).ask("saved"), "1");
});

test("a mistake in what R calls in JavaScript is a trap, too: variables are kept, and the thread goes on", async () => {
  const rig = await Rig.start();
  rig.ok("rm(list = ls()); saved <- 2");
  rig.r.c.M.FS.stat = () => {
    throw new TypeError("not of R's file system");
  };
  const { error } = rig.run("tryCatch(file.exists('/tmp'), error = function(e) 'must not be reached')").reply;
  assert.equal(error.kind, "trap");
  assert.match(error.message, /not of R's file system/);
  assert.equal((await Rig.start()).ask("saved"), "2");
});
