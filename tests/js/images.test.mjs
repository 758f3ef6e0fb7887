// Images of R's files: unpacked by R's zlib they are what they are otherwise, questions open no more of them than they need, and
// one that cannot be had is an error of R's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { inflate, quicken } from "../../jupyterlite_rpy/js/images.mjs";
import { warmHelp } from "../../jupyterlite_rpy/js/warm.mjs";
import { DIST, Rig } from "./rig.mjs";

/** @type {Rig} */
let rig;
/** What was read since the last look. @type {string[]} */
let reads = [];
/** Stands for what is at a path. @type {Map<string, Uint8Array | null>} */
const instead = new Map();

before(async () => {
  rig = await Rig.start();
  quicken(rig.r.c.M, "mountImagePath", (path) => {
    reads.push(path.replace(/^.*\/library\//, ""));
    const other = instead.get(reads[reads.length - 1]);
    if (other === null) throw new Error("not there");
    return other ?? readFileSync(path);
  });
});

/** @param {string} name @param {...(string | string[])} args */
function ask(name, ...args) {
  reads = [];
  return rig.request({ op: "ask", function: name, args }).reply.parts;
}

test("R's zlib unpacks what was packed, of any size, and refuses the rest", () => {
  const { M } = rig.r.c;
  for (const size of [0, 1, 65535, 65536, 65537, 300_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i) % 251);
    assert.deepEqual(inflate(M, gzipSync(bytes), size), bytes, String(size));
    assert.deepEqual(inflate(M, gzipSync(bytes, { level: 0 }), size), bytes, String(size));
  }
  const packed = gzipSync(new Uint8Array(1000).fill(7));
  for (const [bytes, size] of /** @type {[Uint8Array, number][]} */ ([
    [packed, 999],
    [packed, 1001],
    [packed.subarray(0, -1), 1000],
    [packed.subarray(0, 12), 1000],
    [new Uint8Array(100), 1000],
    [new Uint8Array(0), 0],
  ])) {
    assert.throws(() => inflate(M, bytes, size));
  }
  assert.ok(rig.intact());
});

test("packages are named without a look at their files", () => {
  const [names, types] = ask("complete_packages", "");
  assert.deepEqual(reads, []);
  for (const name of ["base", "parallel", "stats", "tcltk"]) assert.equal(types[names.indexOf(name)], "module", name);
});

test("help opens the image of the one package that it is from, once", () => {
  assert.match(ask("explain", ["mtcars"], [""], "")[0].join("\n"), /^mtcars: data.frame.*Motor Trend Car Road Tests \{datasets\}/s);
  assert.deepEqual(reads, ["datasets/help.js.metadata", "datasets/help.data.gz"]);
  assert.match(ask("explain", ["lm"], [""], "")[0].join("\n"), /^lm\(formula, .*Fitting Linear Models \{stats\}/s);
  assert.deepEqual(reads, ["stats/help.js.metadata", "stats/help.data.gz"]);
  for (const name of ["lm", "glm", "iris"]) assert.match(ask("explain", [name], [""], "")[0].join("\n"), /Usage:/);
  assert.deepEqual(reads, []);
});

test("files of images are those that were packed", () => {
  reads = [];
  const folder = `${DIST}/vfs/usr/lib/R/library/utils/help`;
  const whole = gunzipSync(readFileSync(`${folder}.data.gz`));
  for (const { filename, start, end } of JSON.parse(readFileSync(`${folder}.js.metadata`, "utf8")).files) {
    rig.ok(`path <- "/usr/lib/R/library/utils/help${filename}"; bytes <- readBin(path, "raw", file.size(path))`);
    const { buffers } = rig.get("bytes");
    assert.deepEqual(buffers[0], new Uint8Array(whole.subarray(start, end)), filename);
  }
  assert.deepEqual(reads, ["utils/help.js.metadata", "utils/help.data.gz"]);
});

test("an image that cannot be had, or is broken, is no help, and R goes on; the next question tries again", () => {
  const packed = readFileSync(`${DIST}/vfs/usr/lib/R/library/graphics/help.data.gz`);
  const broken = [null, packed.subarray(0, 1000), new Uint8Array(0)];
  for (const bytes of broken) {
    instead.set("graphics/help.data.gz", bytes);
    assert.match(ask("explain", ["abline"], [""], "")[0].join("\n"), /^abline\([^{]*\)$/s);
    assert.ok(rig.intact());
  }
  instead.clear();
  assert.match(ask("explain", ["abline"], [""], "")[0].join("\n"), /\{graphics\}/);
  instead.set("parallel.js.metadata", new TextEncoder().encode("<html>"));
  assert.match(rig.fail("library(parallel)").message, /parallel/);
  instead.clear();
  assert.equal(rig.ok("library(parallel); exists('mclapply')").text, "[1] TRUE\n");
});

test("an image that is not packed is webR's to open", () => {
  rig.ok("dir.create('/tmp/plain')");
  const { M } = rig.r.c;
  assert.throws(() => M.mountImagePath("/nowhere/plain.data", "/tmp/plain"), /ENOENT|no such file/i);
});

test("preparing R for the first question opens nothing and changes nothing that a user sees", () => {
  rig.ok("set.seed(1); seen <- function() list(search(), loadedNamespaces(), ls(all.names = TRUE), .Random.seed, options(), dev.list()); before <- NULL; before <- seen(); 42");
  reads = [];
  rig.r.c.call(rig.r.bridge, "warm_help"); // as an answer its failure would not be seen
  warmHelp(rig.r);
  assert.deepEqual(reads, []);
  assert.equal(rig.ok(".Last.value; identical(seen(), before)").text, "[1] 42\n[1] TRUE\n");
});
