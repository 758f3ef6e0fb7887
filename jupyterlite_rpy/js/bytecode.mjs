// A site's Pyodide, run in Node while the site is built, in; bytecode of what its kernels import out.
//
// node bytecode.mjs JOB: a JSON object, see below. The program (compile_modules.py) does the work.

import { readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Whole, or not at all. @param {string} path @param {Uint8Array} bytes */
async function save(path, bytes) {
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

/**
 * @typedef {object} Job
 * @property {string} pyodide its folder
 * @property {string} lock its lock file
 * @property {string} own this package's wheel
 * @property {string} program
 * @property {string} customization what Python's `site` is to run
 * @property {string[]} packages what a kernel starts with
 * @property {Record<string, string>} wheels path of each that is to be written, by its distribution's name
 * @property {Record<string, string>} libraries what such a distribution is of; the others are of the kernel
 * @property {{from: string, to: string}} standardLibrary paths of Python's own archive, and of the one with bytecode
 */

const { pyodide, lock, own, program, customization, packages, wheels, libraries, standardLibrary } = /** @type {Job} */ (JSON.parse(process.argv[2]));
const { loadPyodide } = await import(pathToFileURL(join(resolve(pyodide), "pyodide.mjs")).href);
const python = await loadPyodide({ indexURL: resolve(pyodide), lockFileURL: resolve(lock), packages });
const extractDir = python.runPython("import site; site.getsitepackages()[0]");
python.unpackArchive(new Uint8Array(await readFile(own)), "wheel", { extractDir });
python.runPython(await readFile(program, "utf8"));
for (const [name, path] of Object.entries(wheels)) {
  const library = libraries[name];
  if (library !== undefined) await python.loadPackage(library);
  const wheel = library === undefined ? python.globals.get("compile_kernel")(name) : python.globals.get("compile_library")(name, library);
  await save(path, wheel.toJs());
}
// At last: what the libraries import of it is known by now.
const archive = python.globals.get("compile_standard_library")(
  python.toPy(new Uint8Array(await readFile(standardLibrary.from))),
  await readFile(customization, "utf8"),
);
await save(standardLibrary.to, archive.toJs());
process.exit(0);
