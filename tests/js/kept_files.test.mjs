// Kept files: a real Pyodide's file system, and an IndexedDB in memory that others write to as well. Real browsers: tests/browser.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { KeptFiles } from "../../jupyterlite_rpy/js/kept_files.mjs";

const NAME = "/kept of /a/b/";
const folder = new URL("../../.cache/pyodide-0.29.0/pyodide/pyodide/", import.meta.url);
const { loadPyodide } = await import(new URL("pyodide.mjs", folder).href);
const pyodide = await loadPyodide({ indexURL: fileURLToPath(folder) });
const kept = new KeptFiles(pyodide.FS, "/kept", "https://host/a/b/");

/** @param {string} code statements; the last one may be an expression */
const python = (code) => {
  const value = pyodide.runPython(`import os, shutil\n${code}`);
  return value?.toJs ? value.toJs() : value;
};

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Another program opens the storage. @template T @param {(store: IDBObjectStore) => Promise<T>} use @returns {Promise<T>} */
async function other(use) {
  const db = await done(indexedDB.open(NAME, 21));
  try {
    return await use(db.transaction("FILE_DATA", "readwrite").objectStore("FILE_DATA"));
  } finally {
    db.close();
  }
}

/** @param {string} path @param {string} text */
const write = (path, text) =>
  other((store) => done(store.put({ timestamp: new Date(), mode: 0o100666, contents: new TextEncoder().encode(text) }, `/kept/${path}`)));
/** @param {string} path @param {any} entry */
const put = (path, entry) => other((store) => done(store.put(entry, path)));
/** @param {string} path */
const remove = (path) => other((store) => done(store.delete(`/kept/${path}`)));

/** What is stored: text of a file, target of a link, "/" for a folder. @returns {Promise<Record<string, any>>} */
const stored = () =>
  other(async (store) => {
    const [keys, entries] = [await done(store.getAllKeys()), await done(store.getAll())];
    return Object.fromEntries(keys.map((key, i) => [String(key).replace("/kept/", ""), told(entries[i])]));
  });

/** @param {any} entry */
function told(entry) {
  if (!(entry?.timestamp instanceof Date)) return "damaged";
  if (entry.link !== undefined) return `-> ${entry.link}`;
  return entry.contents instanceof Uint8Array ? new TextDecoder().decode(entry.contents) : "/";
}

const nothing = { failed: [], notes: [], written: 0 };

beforeEach(async () => {
  python('os.chdir("/kept")');
  await kept.clear();
});

test("the format is IDBFS's: folders, links, times, bytes without what memory has beyond them", async () => {
  python('open("a", "w").write("one")\nos.makedirs("d/e")\nos.symlink("a", "link")\nopen("empty", "w").close()');
  assert.equal((await kept.save()).written, 5);
  assert.deepEqual(await stored(), { a: "one", d: "/", "d/e": "/", link: "-> a", empty: "" });
  const entry = await other((store) => done(store.get("/kept/a")));
  assert.deepEqual([entry.contents.buffer.byteLength, entry.mode, Object.keys(entry).sort()], [3, 0o100666, ["contents", "mode", "timestamp"]]);
  python('f = open("a", "a")\nfor i in range(1000): f.write("x")\nf.close()');
  await kept.save();
  assert.equal((await other((store) => done(store.get("/kept/a")))).contents.buffer.byteLength, 1003);
});

test("only what has changed is written", async () => {
  python('[open(f"f{i}", "w").write("x") for i in range(10)]');
  assert.equal((await kept.save()).written, 10);
  assert.deepEqual(await kept.save(), nothing);
  python('open("f3").read()\nopen("f3", "a").write("y")\nos.chmod("f4", 0o600)\nopen("made", "w").close()\nos.remove("made")');
  assert.equal((await kept.save()).written, 2);
  assert.equal((await other((store) => done(store.get("/kept/f4")))).mode, 0o100600);
});

test("renaming, removing and replacing are written as they are", async () => {
  python('os.makedirs("d/e")\nopen("d/e/f", "w").write("x")\nopen("g", "w").write("g")');
  await kept.save();
  python('os.rename("d", "D")\nos.rename("g", "D/e/f")');
  await kept.save();
  assert.deepEqual(await stored(), { D: "/", "D/e": "/", "D/e/f": "g" });
  python('shutil.rmtree("D")\nopen("D", "w").write("a file")');
  await kept.save();
  assert.deepEqual(await stored(), { D: "a file" });
  python('os.remove("D")\nos.mkdir("D")');
  await kept.save();
  assert.deepEqual(await stored(), { D: "/" });
  // A file that is removed while it is open is gone, whatever is still written to it.
  python('f = open("open", "w")');
  await kept.save();
  python('os.remove("open")\nf.write("x")\nf.close()');
  await kept.save();
  assert.deepEqual(await stored(), { D: "/" });
});

test("what others write, remove and make is taken over", async () => {
  python('open("a", "w").write("mine")\nopen("b", "w").write("mine")\nheld = open("a")');
  await kept.save();
  await write("a", "theirs");
  await write("deep/down", "d");
  await remove("b");
  assert.deepEqual(await kept.refresh(), nothing);
  assert.deepEqual(python('[open("a").read(), held.read(), open("deep/down").read(), os.path.exists("b")]'), ["theirs", "theirs", "d", false]);
  assert.deepEqual(await kept.save(), nothing);
  await put("/kept/a", { timestamp: new Date(), mode: 0o40777 }); // a folder now
  await kept.refresh();
  assert.equal(python('os.path.isdir("a")'), true);
});

test("nothing is lost when both sides changed a file", async () => {
  python('[open(name, "w").write("base") for name in ("f.tar.gz", "same", "gone", "back", ".hidden")]');
  await kept.save();
  python('[open(name, "w").write("mine") for name in ("f.tar.gz", "gone", ".hidden", "new")]\nopen("same", "w").write("alike")\nos.remove("back")');
  for (const name of ["f.tar.gz", "back", ".hidden", "new"]) await write(name, "theirs");
  await write("same", "alike");
  await remove("gone");
  await kept.refresh(); // leaves what is changed here
  const { notes, failed } = await kept.save();
  const now = new Date();
  const day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  const both = { [`f.tar (conflict ${day}).gz`]: "theirs", [`.hidden (conflict ${day})`]: "theirs", [`new (conflict ${day})`]: "theirs" };
  const expected = { "f.tar.gz": "mine", same: "alike", gone: "mine", back: "theirs", ".hidden": "mine", new: "mine", ...both };
  assert.deepEqual(await stored(), expected);
  assert.deepEqual(python("sorted(os.listdir())"), Object.keys(expected).sort());
  assert.equal(python('open("back").read()'), "theirs");
  assert.deepEqual([notes.length, failed], [4, []]);
  assert.ok(notes.includes(`/kept/new was changed here and by another tab or program: the other's is now /kept/new (conflict ${day})`));
  // A second conflict of the day has a name of its own.
  python('open("new", "w").write("mine 2")');
  await write("new", "theirs 2");
  await kept.save();
  assert.equal((await stored())[`new (conflict ${day} 2)`], "theirs 2");
  assert.deepEqual([await kept.refresh(), await kept.save()], [nothing, nothing]);
});

test("a folder is not removed from under what others have put there meanwhile", async () => {
  python('os.mkdir("d")');
  await kept.save();
  python('os.rmdir("d")');
  await write("d/theirs", "t");
  await kept.save();
  await kept.refresh();
  assert.deepEqual(await stored(), { d: "/", "d/theirs": "t" });
  assert.equal(python('open("d/theirs").read()'), "t");
});

test("the working directory stays when others remove it, and is there again with what is written into it", async () => {
  python('os.makedirs("in/deep")\nopen("in/deep/f", "w").write("x")\nopen("z", "w").write("z")\nos.chdir("in/deep")');
  await kept.save();
  for (const name of ["in/deep/f", "in/deep", "in", "z"]) await remove(name);
  assert.deepEqual(await kept.refresh(), nothing);
  assert.deepEqual(python('[os.getcwd(), os.listdir("."), os.listdir("/kept")]'), ["/kept/in/deep", [], ["in"]]);
  assert.deepEqual(await kept.refresh(), nothing);
  python('open("new", "w").write("n")\nos.chdir("/kept")');
  await kept.save();
  assert.deepEqual(await stored(), { in: "/", "in/deep": "/", "in/deep/new": "n" });
});

test("what is damaged is named, left where it is, and never overwritten", async () => {
  python('open("good", "w").write("g")');
  await kept.save();
  const bytes = new Uint8Array(1);
  await put("/kept/time", { timestamp: "yesterday", mode: 0o100666, contents: bytes });
  await put("/kept/mode", { timestamp: new Date(), contents: bytes });
  await put("/kept/contents", { timestamp: new Date(), mode: 0o100666, contents: "text" });
  await put("/kept/null", null);
  await put("/elsewhere", { timestamp: new Date(), mode: 0o100666, contents: bytes });
  await put("/kept/../out", { timestamp: new Date(), mode: 0o100666, contents: bytes });
  await put("/kept/good/below", { timestamp: new Date(), mode: 0o100666, contents: bytes });
  await put("/kept/buffer", { timestamp: new Date(), mode: 0o100666, contents: new TextEncoder().encode("hi").buffer });
  const { notes } = await kept.load();
  assert.equal(notes.length, 7);
  for (const what of ["time has no time", "mode has no mode", "contents has no contents", "null has no entry", "good/below is in what is no folder"]) {
    assert.ok(notes.includes(`damaged in the browser's storage, and left there: /kept/${what}`), what);
  }
  assert.deepEqual(python('[sorted(os.listdir()), open("buffer").read()]'), [["buffer", "good"], "hi"]);
  python('open("contents", "w").write("new")');
  await kept.save();
  assert.equal((await stored()).contents, "new");
  assert.equal(Object.keys(await stored()).filter((name) => name.startsWith("contents (conflict ")).length, 1);
});

test("when the whole storage is removed, what is in memory is written again", async () => {
  python('open("a", "w").write("1")\nos.mkdir("d")\nopen("d/b", "w").write("2")');
  await kept.save();
  await done(indexedDB.deleteDatabase(NAME));
  const { notes } = await kept.refresh();
  assert.deepEqual(notes, ["the browser's storage of /kept was removed; what is in memory is written again"]);
  await kept.save();
  assert.deepEqual(await stored(), { a: "1", d: "/", "d/b": "2" });
});

test("without a storage, and with one that cannot be used, it is said why, and what changed is tried again", async () => {
  python('open("a", "w").write("1")');
  const real = globalThis.indexedDB;
  const close = () => done(indexedDB.deleteDatabase(NAME)); // the kept folder lets go of it for that
  await close();
  try {
    /** @type {any} */ (globalThis).indexedDB = undefined;
    await assert.rejects(kept.save(), /no storage \(IndexedDB\).*Hint: it may be a private window/);
    /** @type {any} */ (globalThis).indexedDB = {
      open() {
        const request = /** @type {any} */ ({ error: new DOMException("denied", "InvalidStateError") });
        queueMicrotask(() => request.onerror());
        return request;
      },
    };
    await assert.rejects(kept.save(), /does not let the site store anything \(InvalidStateError: denied\)/);
  } finally {
    globalThis.indexedDB = real;
  }
  await done(indexedDB.open(NAME, 22)).then((db) => db.close());
  await assert.rejects(kept.save(), /written by a newer version/);
  await close();
  const empty = await done(indexedDB.open(NAME, 21)); // without the table
  empty.close();
  await assert.rejects(kept.save(), /is damaged: it has no table of files/);
  await close();
  // An older form that another tab holds open.
  const held = await done(indexedDB.open(NAME, 1));
  await assert.rejects(kept.save(), /another tab of this site holds an older form.*Hint: close this site's other tabs/);
  await assert.rejects(kept.save(), /another tab of this site holds an older form/); // and does not wait for ever
  const free = new Promise((resolve) => setTimeout(resolve, 20));
  held.close();
  await free;
  await kept.save();
  assert.deepEqual(await stored(), { a: "1" });
});

test("a full storage keeps what fits and names the rest, which is tried again", async (t) => {
  python('open("big", "wb").write(bytes(2_500_000))\nopen("small", "w").write("s")\nopen("tiny", "w").write("t")');
  const { put: real } = IDBObjectStore.prototype;
  t.mock.method(IDBObjectStore.prototype, "put", /** @this {IDBObjectStore} */ function (/** @type {any} */ entry, /** @type {any} */ key) {
    if (entry.contents?.length > 1e6) throw new DOMException("no room", "QuotaExceededError");
    return real.call(this, entry, key);
  });
  assert.deepEqual(await kept.save(), { failed: ["/kept/big (3 MB): the browser's storage is full"], notes: [], written: 2 });
  assert.deepEqual(await stored(), { small: "s", tiny: "t" });
  t.mock.restoreAll();
  assert.equal((await kept.save()).written, 1);
  assert.deepEqual(Object.keys(await stored()), ["big", "small", "tiny"]);
});

test("what a killed cell had changed is named once, at the next start; what others run is not", async () => {
  /** @type {Set<string>} */
  const held = new Set();
  const locks = {
    request: async (/** @type {string} */ name) => held.add(name),
    query: async () => ({ held: [...held].map((name) => ({ name })), pending: [] }),
  };
  const start = (/** @type {string} */ folder) => new KeptFiles(pyodide.FS, folder, "https://host/running/", /** @type {any} */ (locks));
  const first = start("/run");
  assert.deepEqual((await first.load()).notes, []);
  python('open("/run/kept", "w").write("k")');
  await first.save();
  python('open("/run/kept", "a").write("torn")\nopen("/run/lost", "w").write("l")\n[open(f"/run/{i}", "w").close() for i in range(30)]');
  pyodide.FS.unmount("/run");
  const second = start("/run");
  assert.deepEqual((await second.load()).notes, []); // the first one lives
  held.clear();
  pyodide.FS.unmount("/run");
  const third = start("/run");
  const { notes } = await third.load();
  assert.equal(notes.length, 1);
  assert.match(notes[0], /^not kept: \/run\/kept, \/run\/lost, (\/run\/\d, ){7}\/run\/7 and 22 more: a cell had changed this when its kernel ended, \d{4}-\d\d-\d\d \d\d:\d\d; the files are as/);
  assert.deepEqual(python('[os.listdir("/run"), open("/run/kept").read()]'), [["kept"], "k"]);
  pyodide.FS.unmount("/run");
  assert.deepEqual((await start("/run").load()).notes, []);
  pyodide.FS.unmount("/run");
});

test("each site, and each folder, has a storage of its own", () => {
  assert.equal(kept.name, NAME);
  assert.equal(new KeptFiles(pyodide.FS, "/other", "https://host/a/c/").name, "/other of /a/c/");
});
