// Cells in, what the user sees out: exactly R's own console.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Rig } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => (rig = await Rig.start()));

/** @param {string} code @param {string[]} expected stream by stream, in order */
const sees = (code, ...expected) => assert.deepEqual(rig.ok(code).seen, expected);

test("text, values, messages and warnings come in the order in which they happen", () => {
  sees(
    'cat("a\\n"); 1; message("m"); f <- function() { warning("w"); 2 }; f(); cat("b\\n")',
    "stdout: a\n[1] 1\n",
    "stderr: m\n",
    "stdout: [1] 2\n",
    "stderr: Warning message:\nIn f() : w\n",
    "stdout: b\n",
  );
});

test("output without an end of line is shown, and joined with what follows", () => sees('cat("a"); cat("b"); 1', "stdout: ab[1] 1\n"));

test("text beyond ASCII arrives whole", () => sees('cat("h\\u00e9 \\u65e5\\u672c \\U1F600\\n"); "\\u00fc"', 'stdout: hé 日本 😀\n[1] "ü"\n'));

test("a warning names its own call, and none of the bridge's", () => {
  sees('warning("top")', "stderr: Warning message:\ntop \n");
  sees('as.integer("x")', "stdout: [1] NA\n", "stderr: Warning message:\nNAs introduced by coercion \n");
  sees('for (i in 1:3) warning(paste("w", i))', "stderr: Warning messages:\n1: w 1 \n2: w 2 \n3: w 3 \n");
  sees('for (i in 1:60) warning("m")', "stderr: There were 50 or more warnings (use warnings() to see the first 50)\n");
});

test("suppressWarnings and handlers keep warnings from being shown", () => {
  sees('suppressWarnings(warning("x"))');
  sees('withCallingHandlers({ warning("x"); 3 }, warning = function(w) { cat("seen\\n"); invokeRestart("muffleWarning") })', "stdout: seen\n[1] 3\n");
  sees('tryCatch(warning("x"), warning = conditionMessage)', 'stdout: [1] "x"\n');
});

test("options(warn=) means what it means in R", () => {
  rig.ok('w <- function() { warning("now"); 1 }');
  sees('options(warn = 1); w(); cat("after\\n")', "stderr: Warning in w() : now\n", "stdout: [1] 1\nafter\n");
  const failed = rig.fail("options(warn = 2); w()");
  assert.equal(failed.message, "(converted from warning) now");
  assert.equal(failed.call, "w()");
  sees("options(warn = -1); w()", "stdout: [1] 1\n");
  sees("options(warn = 0); w()", "stdout: [1] 1\n", "stderr: Warning message:\nIn w() : now\n");
});

test("warnings of a cell that fails are shown, once", () => {
  const failed = rig.fail('g <- function() { warning("before"); stop("then") }; g()');
  assert.equal(failed.stderr, "Warning message:\nIn g() : before\n");
  sees("1", "stdout: [1] 1\n");
});

test("an error tells message, call, class and the stack as the user wrote it, and prints nothing", () => {
  const failed = rig.fail('inner <- function(x) stop("no ", x); outer <- function(x) inner(x); outer("way")');
  assert.equal(failed.message, "no way");
  assert.equal(failed.call, "inner(x)");
  assert.deepEqual(failed.class, ["simpleError", "error", "condition"]);
  assert.deepEqual(failed.traceback, ['outer("way")', "inner(x)", 'stop("no ", x)']);
  assert.equal(failed.stderr, "");
  sees("traceback()", 'stdout: 3: stop("no ", x)\n2: inner(x)\n1: outer("way")\n');
});

test("an error at top level has no call, as at the console", () => {
  assert.equal(rig.fail('stop("x")').call, null);
  assert.equal(rig.fail("undefined_name").message, "object 'undefined_name' not found");
  assert.equal(rig.fail("delayedAssign('p', p); p").call, null);
});

test("a condition of the user's own class keeps it", () => {
  const failed = rig.fail('stop(structure(class = c("mine", "error", "condition"), list(message = "own", call = NULL)))');
  assert.deepEqual([failed.message, failed.class], ["own", ["mine", "error", "condition"]]);
});

test("an error whose message cannot be made is still an error", () => {
  rig.ok('conditionMessage.broken <- function(c) if (told) stop("twice") else { told <<- TRUE; "once" }; told <- FALSE');
  const failed = rig.fail('stop(structure(class = c("broken", "error", "condition"), list(message = "m", call = NULL)))');
  assert.equal(failed.message, "(its message could not be made)");
  assert.ok(rig.intact());
});

test("what came before an error stays done", () => {
  const record = rig.run('before <- 1; cat("said\\n"); stop("x"); after <- 1');
  assert.equal(record.stdout, "said\n");
  assert.equal(rig.ask('paste(exists("before"), exists("after"))'), "TRUE FALSE");
});

test("tryCatch, try, finally and on.exit work", () => {
  sees('tryCatch(stop("a"), error = function(e) "caught", finally = cat("finally\\n"))', 'stdout: finally\n[1] "caught"\n');
  sees('x <- try(stop("loud"))', 'stderr: Error in try(stop("loud")) : loud\n');
  sees('x <- try(stop("quiet"), silent = TRUE); class(x)', 'stdout: [1] "try-error"\n');
  const failed = rig.fail('f <- function() { on.exit(cat("left\\n")); stop("in f") }; f()');
  assert.equal(failed.stdout, "left\n");
});

test("geterrmessage() in a later expression or cell is the last error's", () => {
  assert.match(rig.ok('x <- try(log("a"), silent = TRUE)\ncat(geterrmessage())').stdout, /^Error in log\("a"\) : non-numeric argument/);
  rig.fail('f <- function() stop("gone"); f()');
  assert.match(rig.ok("cat(geterrmessage())").stdout, /^Error in f\(\) : gone/);
});

test("only visible values are printed", () => {
  sees("invisible(1); x <- 2; if (FALSE) 3; for (i in 1:2) i; assign('y', 4); library(stats); f <- function() invisible(7); f(); y <- f()");
  sees("(invisible(1)); NULL; (f()); x[1] <- 9; x", "stdout: [1] 1\nNULL\n[1] 7\n[1] 9\n");
});

test("show chooses which values are printed", () => {
  assert.equal(rig.ok("1; 2", { show: "all" }).text, "[1] 1\n[1] 2\n");
  assert.equal(rig.ok("1; 2", { show: "last" }).text, "[1] 2\n");
  assert.equal(rig.ok("1; x <- 2", { show: "last" }).text, "");
  assert.equal(rig.ok("1; 2", { show: "none" }).text, "");
});

test("the reply tells whether the last value was visible", () => {
  assert.equal(rig.ok("1").reply.visible, true);
  assert.equal(rig.ok("x <- 1").reply.visible, false);
  assert.equal(rig.ok("").reply.visible, false);
});

test("S4 and S3 objects are shown by their methods", () => {
  sees(
    'setClass("P", representation(x = "numeric")); setMethod("show", "P", function(object) cat("<P>\\n")); p <- new("P", x = 1); p',
    "stdout: <P>\n",
  );
  sees('print.q <- function(x, ...) cat("<q>\\n"); structure(1, class = "q")', "stdout: <q>\n");
});

test("a print method that fails is an ordinary error, any number of times", () => {
  rig.ok('print.bad <- function(x, ...) stop("cannot print"); bad <- structure(1, class = "bad")');
  for (let i = 0; i < 200; i++) assert.equal(rig.fail("bad").message, "cannot print");
  assert.ok(rig.intact());
});

test(".Last.value is the last value, visible or not, in the next expression and cell", () => {
  sees("invisible(41); .Last.value + 1", "stdout: [1] 42\n");
  sees(".Last.value", "stdout: [1] 42\n");
});

test("no function of the bridge is on the stack of the user's code", () => {
  sees(
    "sys.calls(); sys.call(); sys.nframe(); identical(parent.frame(), globalenv()); identical(environment(), globalenv())",
    "stdout: NULL\nNULL\n[1] 0\n[1] TRUE\n[1] TRUE\n",
  );
  sees("f <- function() list(sys.call(), sys.nframe(), identical(parent.frame(), globalenv())); x <- f(); str(x)", "stdout: List of 3\n $ : language f()\n $ : int 1\n $ : logi TRUE\n");
});

test("a function prints as it was written, comments and all", () => {
  const written = "function(x) {\n  # why\n  x+1   }";
  sees(`f <- ${written}\nf`, `stdout: ${written}\n`);
  sees("g <- \\(x)  x # c\ng", "stdout: \\(x)  x\n");
});

test("a cell that is empty, or only comments, does nothing", () => {
  for (const code of ["", "\n\n", "# only a comment", "  \r\n# x\r\n"]) sees(code);
});

test("assignments by name, super and pipe work at top level", () => {
  sees('"v" <- 1; v <<- v + 1; 3 -> w; c(v, w) |> sum()', "stdout: [1] 5\n");
});

test("q() and quit() are R errors, and R goes on", () => {
  for (const code of ["q()", 'quit("no")', "f <- function() q(); f()"]) assert.match(rig.fail(code).message, /^quit\(\) would end R/);
  sees('tryCatch(q(), error = function(e) "refused")', 'stdout: [1] "refused"\n');
  assert.ok(rig.intact());
});

test("readline asks and gets the answer, after what was printed before", () => {
  const prompts = /** @type {string[]} */ ([]);
  rig.input = (prompt) => {
    prompts.push(prompt);
    return { text: "Ada Lövelace" };
  };
  sees('cat("hello\\n"); x <- readline("name? "); x', "stdout: hello\n", 'stdout: [1] "Ada Lövelace"\n');
  assert.deepEqual(prompts, ["name? "]);
});

test("readline takes an empty answer and one longer than R's buffer, asking once each", () => {
  let asked = 0;
  rig.input = () => ({ text: asked++ === 0 ? "" : "ü".repeat(3000) });
  sees('c(nchar(readline()), nchar(readline()), identical(.Machine$integer.max, 2147483647L))', "stdout: [1]    0 3000    1\n");
  assert.equal(asked, 2);
});

test("readline that nobody answers is an R error that can be caught", () => {
  rig.input = () => ({ error: { message: "no keyboard" } });
  assert.equal(rig.fail('readline("n ")').message, "cannot ask for input: no keyboard");
  sees('tryCatch(readline(), error = function(e) "refused")', 'stdout: [1] "refused"\n');
});

test('invokeRestart("abort") ends the cell with words of its own, whatever failed before', () => {
  rig.fail("f <- function() f(); f()");
  assert.match(rig.fail('invokeRestart("abort")').message, /aborted/);
  rig.ok('x <- try(stop("earlier"), silent = TRUE)');
  assert.match(rig.fail('invokeRestart("abort")').message, /aborted/);
  assert.match(rig.fail('withCallingHandlers(stop("x"), error = function(e) invokeRestart("abort"))').message, /aborted|x/);
});

test("options(error=) runs for an error, as code or as a function, also when it fails itself", () => {
  assert.equal(rig.fail('options(error = quote(cat("code\\n"))); stop("E")').stdout, "code\n");
  assert.equal(rig.fail('options(error = function() cat("function\\n")); stop("E")').stdout, "function\n");
  assert.equal(rig.fail('options(error = expression(cat("e1\\n"), cat("e2\\n"))); stop("E")').stdout, "e1\ne2\n");
  assert.equal(rig.fail('options(error = function() stop("worse")); stop("E")').message, "E");
  rig.ok("options(error = NULL)");
  assert.ok(rig.intact());
});

test("the search for outputs knows promises, active bindings and what is missing", () => {
  rig.ok("n <- 0; makeActiveBinding('active', function() { n <<- n + 1; as.numeric(1:3) * n }, globalenv()); delayedAssign('lazy', 1 + 1)");
  const record = rig.ok("invisible()", { outputs: ["active", "lazy", "active", "pi"] });
  const values = record.reply.outputs.map((/** @type {any} */ { value }) => [...new Float64Array(record.buffers[value.buffer].buffer)]);
  assert.deepEqual(values, [[1, 2, 3], [2], [2, 4, 6], [Math.PI]]);
  for (const name of ["nowhere", "", "a b"]) {
    const failed = rig.fail("1", { outputs: ["pi", name] });
    assert.deepEqual([failed.kind, failed.name], ["missing", name]);
  }
});

test("a thousand errors and warnings, caught or not, leave nothing behind", () => {
  rig.ok('for (i in 1:1000) try(stop("x"), silent = TRUE); for (i in 1:1000) suppressWarnings(warning("w"))');
  for (let i = 0; i < 200; i++) rig.fail("stop('x')");
  assert.ok(rig.intact());
});
