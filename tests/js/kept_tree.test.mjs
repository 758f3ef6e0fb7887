// What the file browser does with kept files, and a kernel that has them: an IndexedDB in memory. Real pages: tests/browser.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { KeptFiles } from "../../jupyterlite_rpy/js/kept_files.mjs";
import { KeptStore, storeName } from "../../jupyterlite_rpy/js/kept_store.mjs";
import { KeptTree } from "../../kernels/lite/src/kept_tree.mjs";

const SITE = "https://host/a/b/";
const FOLDER = "/persist";
const root = new URL("../../.cache/pyodide-0.29.0/pyodide/pyodide/", import.meta.url);
const { loadPyodide } = await import(new URL("pyodide.mjs", root).href);
const pyodide = await loadPyodide({ indexURL: fileURLToPath(root) });
const kernel = new KeptFiles(pyodide.FS, FOLDER, SITE);
const store = new KeptStore(storeName(FOLDER, SITE), FOLDER);
const tree = new KeptTree(store);

/** A cell: what others wrote comes in, what it writes goes out. @param {string} code @returns {Promise<any>} */
async function cell(code) {
  await kernel.refresh();
  const value = pyodide.runPython(`import os, shutil\nos.chdir("${FOLDER}")\n${code}`);
  const { notes } = await kernel.save();
  return notes.length > 0 ? notes : value?.toJs ? value.toJs() : value;
}

const bytes = (/** @type {string} */ text) => /** @type {Uint8Array<ArrayBuffer>} */ (new TextEncoder().encode(text));
const write = (/** @type {string} */ name, /** @type {string} */ text, /** @type {number | undefined} */ base = undefined) => tree.write(`${FOLDER}/${name}`, bytes(text), base);
const text = async (/** @type {string} */ name) => new TextDecoder().decode((await tree.read(`${FOLDER}/${name}`)).contents);
/** Names with "/" for folders, else sizes. */
const listed = async (folder = "") => {
  const found = await tree.list(folder ? `${FOLDER}/${folder}` : FOLDER);
  return Object.fromEntries([...found].map(([name, { folder, size }]) => [name, folder ? "/" : size]));
};

beforeEach(async () => {
  await kernel.clear();
  await cell("pass");
});

test("the file browser and a kernel see what the other wrote", async () => {
  await cell('open("data.csv", "w").write("1,2")\nos.makedirs("d/e")\nopen("d/é x", "w").write("three")');
  assert.deepEqual(await listed(), { "data.csv": 3, d: "/" });
  assert.deepEqual(await listed("d"), { e: "/", "é x": 5 });
  assert.equal(await text("d/é x"), "three");
  await write("from page.txt", "hello");
  await write("new/deep/file", "made with its folders");
  assert.deepEqual(await cell('[open("from page.txt").read(), open("new/deep/file").read()]'), ["hello", "made with its folders"]);
  assert.deepEqual(await listed("new"), { deep: "/" });
});

test("names of new files are free ones", async () => {
  const make = (/** @type {Uint8Array<ArrayBuffer> | null} */ contents) => tree.create(`${FOLDER}/n`, "Untitled", contents ? ".ipynb" : "", contents);
  assert.deepEqual([await make(bytes("{}")), await make(bytes("{}")), await make(null)], ["/persist/n/Untitled.ipynb", "/persist/n/Untitled1.ipynb", "/persist/n/Untitled"]);
  assert.deepEqual(await cell('sorted(os.listdir("n"))'), ["Untitled", "Untitled.ipynb", "Untitled1.ipynb"]);
});

test("what is renamed, copied and removed takes what is in it along", async () => {
  await cell('os.makedirs("d/e")\nopen("d/e/f", "w").write("f")\nopen("a.txt", "w").write("a")');
  await tree.move(`${FOLDER}/d`, `${FOLDER}/in/D`);
  assert.deepEqual(await cell('[open("in/D/e/f").read(), os.path.exists("d")]'), ["f", false]);
  assert.deepEqual([await tree.copy(`${FOLDER}/in`, FOLDER), await tree.copy(`${FOLDER}/a.txt`, FOLDER)], ["/persist/in-Copy1", "/persist/a-Copy1.txt"]);
  assert.equal(await cell('open("in-Copy1/D/e/f").read()'), "f");
  await tree.remove(`${FOLDER}/in`);
  assert.deepEqual(await cell("sorted(os.listdir())"), ["a-Copy1.txt", "a.txt", "in-Copy1"]);
  await assert.rejects(tree.move(`${FOLDER}/a.txt`, `${FOLDER}/a-Copy1.txt`), { status: 409 });
  await assert.rejects(tree.move(`${FOLDER}/nothing`, `${FOLDER}/x`), { status: 404 });
  await assert.rejects(tree.move(`${FOLDER}/in-Copy1`, `${FOLDER}/in-Copy1/D/x`), { status: 409 });
  await assert.rejects(tree.list(`${FOLDER}/nothing`), { status: 404 });
  await assert.rejects(tree.read(`${FOLDER}/in-Copy1`), { status: 400 });
  await assert.rejects(write("in-Copy1", "over a folder"), { status: 409 });
});

test("a page that saves over what a kernel wrote keeps both, and the other way round", async () => {
  const { version } = await write("n.txt", "page 1");
  await cell('open("n.txt", "w").write("kernel")');
  const { copies, version: later } = await write("n.txt", "page 2", version);
  assert.equal(copies.length, 1);
  assert.match(copies[0], /^\/persist\/n \(conflict \d{4}-\d\d-\d\d\)\.txt$/);
  assert.deepEqual(await cell(`[open("n.txt").read(), open(${JSON.stringify(copies[0])}).read()]`), ["page 2", "kernel"]);
  assert.deepEqual((await write("n.txt", "page 3", later)).copies, []);
  await kernel.refresh();
  pyodide.runPython('open("/persist/n.txt", "w").write("kernel again")');
  await write("n.txt", "page 4", tree.known(`${FOLDER}/n.txt`));
  const { notes } = await kernel.save();
  assert.match(notes[0], /n\.txt was changed here and by another tab or program: the other's is now .* 2\)\.txt/);
  assert.equal(await text(notes[0].slice(notes[0].lastIndexOf("/persist/") + 9)), "page 4");
});

test("what was removed in the file browser while a cell changed it is there again", async () => {
  await cell('open("a", "w").write("1")\nopen("b", "w").write("1")');
  await kernel.refresh();
  pyodide.runPython('open("/persist/a", "w").write("2")');
  await tree.remove(`${FOLDER}/a`);
  await tree.remove(`${FOLDER}/b`);
  await kernel.save();
  assert.deepEqual([await text("a"), await listed(), await cell("os.listdir()")], ["2", { a: 1 }, ["a"]]);
});

test("links show what they lead to; those that lead nowhere are not shown", async () => {
  await cell('os.mkdir("d")\nopen("d/f", "w").write("abc")\nos.symlink("d/f", "to file")\nos.symlink("/persist/d", "to folder")\nos.symlink("x", "x")\nos.symlink("../d/f", "d/up")');
  assert.deepEqual(await listed(), { d: "/", "to file": 3 });
  assert.deepEqual([await text("to file"), await text("d/up")], ["abc", "abc"]);
  await write("to file", "written", tree.known(`${FOLDER}/d/f`));
  assert.deepEqual(await cell('[open("d/f").read(), os.path.islink("to file")]'), ["written", true]);
  await assert.rejects(tree.read(`${FOLDER}/x`), { status: 404 });
});

test("two who look at once see the same", async () => {
  await listed();
  await cell('open("a", "w").write("1")');
  assert.deepEqual(await Promise.all([listed(), listed()]), [{ a: 1 }, { a: 1 }]);
});

test("others' writing is told, with the paths", async () => {
  const told = new Promise((resolve) => {
    store.onchange = resolve;
  });
  await cell('open("a", "w").write("1")');
  assert.deepEqual(await told, ["/persist/a"]);
});
