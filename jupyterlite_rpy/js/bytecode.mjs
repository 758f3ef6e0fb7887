// A site's Pyodide, run in Node while the site is built, in; a wheel with bytecode of what its kernels import out.
//
// node bytecode.mjs PYODIDE-FOLDER LOCK-FILE OWN-WHEEL PROGRAM OUTPUT PACKAGES...: the program (compile_modules.py) does the work.

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, lock, own, program, output, ...packages] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")).href);
const python = await loadPyodide({ indexURL: resolve(folder), lockFileURL: resolve(lock), packages });
const extractDir = python.runPython("import site; site.getsitepackages()[0]");
python.unpackArchive(new Uint8Array(await readFile(own)), "wheel", { extractDir });
python.runPython(await readFile(program, "utf8"));
await writeFile(output, python.globals.get("wheel").toJs());
process.exit(0);
