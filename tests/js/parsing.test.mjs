// Code that does not parse in; line, column and R's words out, with nothing evaluated.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Rig } from "./rig.mjs";

/** @type {Rig} */
let rig;
before(async () => (rig = await Rig.start()));

/** @param {string} code */
function problem(code) {
  const failed = rig.fail(`ran <- TRUE\n${code}`, { name: "<cell 7>" });
  assert.equal(failed.kind, "parse", code);
  assert.equal(rig.ask("exists('ran')"), "FALSE");
  assert.equal(failed.stdout + failed.stderr, "");
  return failed;
}

test("a syntax error tells line and column, shows the lines with a caret, and runs nothing", () => {
  const failed = problem("x <- 1\n  y <- (2 3)");
  assert.deepEqual([failed.message, failed.line, failed.column], ["unexpected numeric constant", 3, 11]);
  assert.equal(failed.source, "2: x <- 1\n3:   y <- (2 3\n             ^");
});

test("too many and too few brackets, and open strings, are told apart", () => {
  assert.equal(problem("f(1))").message, "unexpected ')'");
  assert.equal(problem("f(1").message, "unexpected end of input");
  assert.equal(problem("if (TRUE) {").message, "unexpected end of input");
  assert.match(problem('"open').message, /INCOMPLETE_STRING/);
  assert.match(problem("x = = 1").message, /unexpected '='/);
  assert.match(problem("`a").message, /INCOMPLETE_STRING|unexpected/);
  assert.match(problem('r"(abc').message, /malformed raw string|INCOMPLETE/);
});

test("errors that R's grammar does not name are told in words too", () => {
  assert.match(problem("x |> y").message, /pipe/);
  assert.match(problem("'\\xqq'").message, /hex|unrecognized|'\\x'/);
  assert.match(problem("function(a, a) 1").message, /repeated formal argument/);
  assert.match(problem("5 -> 1x").message, /unexpected/);
});

test("CRLF and CR line ends are line ends", () => {
  assert.equal(problem("a <- 1\r\nb <- 1\r\n)").line, 4);
  assert.equal(rig.ok("x <- 1\r\ny <- 2\rx + y\r\n").text, "[1] 3\n");
  assert.equal(rig.ok('"a\r\nb"').text, '[1] "a\\nb"\n');
});

test("NUL and half characters are refused with their place", () => {
  const nul = problem("x <- 'a\0b'");
  assert.deepEqual([nul.line, nul.column, /NUL/.test(nul.message)], [2, 8, true]);
  const half = problem("y\n😀 \ud800");
  assert.deepEqual([half.line, half.column, /surrogate/.test(half.message)], [3, 3, true]);
});

test("a parse error leaves no warning for the next cell", () => {
  problem("'\\ud800 \ufffe' )");
  assert.equal(rig.ok("1").text, "[1] 1\n");
});

test("inputs are not assigned when the code does not parse", () => {
  const record = rig.run("new_input )", { inputs: { new_input: { value: { type: "NULL" }, buffers: [] } } });
  assert.equal(record.reply.error.kind, "parse");
  assert.equal(rig.ask("exists('new_input')"), "FALSE");
});

test("a cell of 20,000 lines parses and runs", () => {
  const code = Array.from({ length: 20_000 }, (_, i) => `x${i % 10} <- ${i}L`).join("\n");
  assert.equal(rig.ok(`${code}\nx9`).text, "[1] 19999\n");
});

test("code nested deeper than R's parser allows is an error in words", () => {
  assert.match(rig.fail(`${"(".repeat(3000)}1${")".repeat(3000)}`).message, /contextstack overflow|too deep|nested|memory exhausted/);
  assert.ok(rig.intact());
});
