// R's reading of files in its own memory, and of Python's by the one tree: `node --stack-size=1968 benchmarks/files.mjs`.
// Needs what `make setup` puts together, and RPY_WEBR_URL. The figures are medians, in milliseconds; `--json`: all samples, for run.py.

import { fileURLToPath } from "node:url";
import { Tree } from "../jupyterlite_rpy/js/tree.mjs";
import { Rig } from "../tests/js/rig.mjs";

const WORK = {
  "readBin of 50 MB": ['cat(x, file = "bin", sep = "")', 'readBin("bin", "raw", 5e7)'],
  "read.csv of 11 MB": ['cat(csv, file = "csv")', 'read.csv("csv")'],
  "readLines of 11 MB": ["", 'readLines("csv")'],
  "1,000 small files opened and read": [
    'for (i in 1:1000) cat(i, "\\n", file = paste0("f", i))',
    'for (i in 1:1000) readLines(paste0("f", i))',
  ],
};
const RUNS = 5;

/** @param {Rig} rig */
function measure(rig) {
  /** @type {Record<string, number[]>} */
  const samples = {};
  for (const [name, [prepare, work]] of Object.entries(WORK)) {
    rig.ok(prepare);
    samples[name] = Array.from({ length: RUNS }, () => {
      const start = performance.now();
      rig.ok(`invisible({ ${work} })`);
      return performance.now() - start;
    });
  }
  return samples;
}

const folder = new URL("../.cache/pyodide-0.29.0/pyodide/pyodide/", import.meta.url);
const { loadPyodide } = await import(new URL("pyodide.mjs", folder).href);
const pyodide = await loadPyodide({ indexURL: fileURLToPath(folder) });
const rig = await Rig.start({ homedir: "/home/pyodide" });
rig.ok('x <- strrep("0123456789", 5e6)');
rig.ok('rows <- paste(1:200000 / 7, sin(1:200000), "abcdefghij", sep = ","); csv <- paste(c("a,b,c", rows, ""), collapse = "\\n")');
const own = measure(rig);
rig.ok('unlink(list.files())');
Tree.of(pyodide.FS).join(rig.r.c.M);
const tree = measure(rig);
if (process.argv.includes("--json")) {
  console.log(JSON.stringify(Object.fromEntries(Object.keys(WORK).map((name) => [name, { rpy: tree[name], own: own[name] }]))));
} else {
  const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  console.log("| work | R's own memory | one tree | ratio |\n| --- | --- | --- | --- |");
  for (const name of Object.keys(WORK)) {
    const [memory, through] = [median(own[name]), median(tree[name])];
    console.log(`| ${name} | ${memory.toFixed(1)} ms | ${through.toFixed(1)} ms | ${(through / memory).toFixed(2)} x |`);
  }
}
process.exit(0);
