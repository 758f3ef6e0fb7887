// One tree: a real R beside a real Pyodide in this process. Whatever one does to files, the other sees at the same path.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Tree } from "../../jupyterlite_rpy/js/tree.mjs";
import { Rig } from "./rig.mjs";

const VERSIONS = ["0.29.0", "314.0.6"];
const HOME = "/home/pyodide";

/** @param {string} version of a Pyodide that `make setup` put together */
async function start(version) {
  const folder = new URL(`../../.cache/pyodide-${version}/pyodide/pyodide/`, import.meta.url);
  const { loadPyodide } = await import(new URL("pyodide.mjs", folder).href);
  const pyodide = await loadPyodide({ indexURL: fileURLToPath(folder) });
  const rig = await Rig.start({ homedir: HOME });
  const before = JSON.stringify(listing(pyodide.FS, "/"));
  Tree.of(pyodide.FS).join(rig.r.c.M);
  return { pyodide, rig, before };
}

/** @param {any} FS @param {string} folder @returns {string[]} */
const listing = (FS, folder) => FS.readdir(folder).sort();

for (const version of VERSIONS) {
  const { pyodide, rig, before } = await start(version);
  const { FS } = pyodide;
  const R = rig.r.c.M.FS;
  const label = (/** @type {string} */ name) => `${name} (Pyodide ${version})`;

  /** Python's value as JSON would have it. @param {string} code statements, the last one an expression */
  const python = (code) => {
    const lines = code.trim().split("\n");
    const last = lines.pop();
    return JSON.parse(pyodide.runPython(`import json, os, errno\n${lines.join("\n")}\njson.dumps(${last})`));
  };
  /** The errno of a statement of Python's. @param {string} statement */
  const refused = (statement) =>
    pyodide.runPython(`import os, errno\ntry:\n    ${statement}\n    name = ""\nexcept OSError as error:\n    name = errno.errorcode[error.errno]\nname`);
  const r = (/** @type {string} */ code) => rig.ok(code).text;
  /** What R says when something about files fails: its message, which has the system's. @param {string} code */
  const complaint = (code) => rig.ask(`tryCatch({ ${code}; "" }, warning = conditionMessage, error = conditionMessage)`);

  beforeEach(() => python(`os.chdir("${HOME}")\nimport shutil\n[shutil.rmtree(n) if os.path.isdir(n) and not os.path.islink(n) else os.remove(n) for n in os.listdir(".")]`));

  test(label("a file touched in each language is in the listing of both"), () => {
    python('open("python.txt", "w").close()');
    r('invisible(file.create("r.txt"))');
    assert.deepEqual(python("sorted(os.listdir())"), ["python.txt", "r.txt"]);
    assert.equal(r("list.files()"), '[1] "python.txt" "r.txt"     \n');
    assert.deepEqual(listing(R, "/"), listing(FS, "/"));
    assert.deepEqual(listing(R, "/usr/lib/R/library"), listing(FS, "/usr/lib/R/library"));
    assert.equal(rig.ask("tempdir()"), python("'/tmp/' + [name for name in os.listdir('/tmp') if name.startswith('Rtmp')][0]"));
    assert.equal(rig.ask("path.expand('~')"), python("os.path.expanduser('~')"));
  });

  test(label("the working directory is one, also where only one had the folder"), () => {
    python('os.mkdir("sub")\nos.chdir("sub")');
    assert.equal(rig.ask("getwd()"), `${HOME}/sub`);
    r('cat("here", file = "x"); setwd(".."); cat("up", file = "x")');
    assert.deepEqual(python('[os.getcwd(), open("x").read(), open("sub/x").read()]'), [HOME, "up", "here"]);
    r('setwd("/usr/lib/R")');
    assert.deepEqual(python('[os.getcwd(), "library" in os.listdir()]'), ["/usr/lib/R", true]);
    assert.match(complaint('setwd("/nowhere")'), /cannot change working directory/);
    r("setwd(tempdir())");
    assert.equal(python("os.getcwd()"), rig.ask("tempdir()"));
    // While R calls Python and Python R, too.
    python(`os.chdir("${HOME}")`);
    rig.python = () => ({ reply: { value: { type: "NULL" } }, buffers: (python('os.chdir("sub")'), []) });
    rig.set({ go: { value: { type: "python", id: 1, class: ["function"], callable: true }, buffers: [] } });
    assert.equal(r('invisible(go()); cat(getwd()); setwd("/tmp")'), `${HOME}/sub`);
    assert.equal(python("os.getcwd()"), "/tmp");
  });

  test(label("names may have blanks and any letters"), () => {
    python('os.mkdir("ein Ordner")\nopen("ein Ordner/d\u00fc \u65e5\u672c \ud83d\ude42.csv", "w").write("a,b\\n1,\u00e9\\n")');
    assert.equal(r('f <- list.files("ein Ordner", full.names = TRUE); cat(f, read.csv(f)$b)'), "ein Ordner/d\u00fc \u65e5\u672c \ud83d\ude42.csv \u00e9");
    r('cat("x", file = "\u00e4 \u00f6")');
    assert.equal(python('open("\u00e4 \u00f6").read()'), "x");
  });

  test(label("writing, appending, seeking and cutting off mean the same to both"), () => {
    r('con <- file("f", "w"); writeLines(c("one", "two"), con); close(con); cat("three\\n", file = "f", append = TRUE)');
    assert.equal(python('open("f").read()'), "one\ntwo\nthree\n");
    python('f = open("f", "r+")\nf.seek(4)\nf.write("TWO")\nf.close()');
    assert.equal(r('cat(readLines("f"))'), "one TWO three");
    r('con <- file("f", "r+b"); seek(con, 8, rw = "write"); writeBin(charToRaw("T"), con); seek(con, 0, rw = "read"); cat(readBin(con, "raw", 100)); close(con)');
    assert.equal(python('open("f").read()'), "one\nTWO\nThree\n");
    r('con <- file("f", "r+"); invisible(readLines(con, 1)); seek(con, 4, rw = "write"); truncate(con); close(con)');
    assert.equal(python('os.path.getsize("f")'), 4);
    python('os.truncate("f", 2)');
    assert.equal(rig.ask('file.size("f")'), "2");
    // One language sees what the other has not closed yet.
    python('held = open("held", "w")\nheld.write("a")\nheld.flush()');
    assert.equal(rig.ask('readLines("held", warn = FALSE)'), "a");
    python('held.write("b")\nheld.close()');
    assert.equal(rig.ask('readLines("held", warn = FALSE)'), "ab");
  });

  test(label("compressed files, R's and Python's own formats, plots"), () => {
    r('saveRDS(mtcars, "m.rds"); png("p.png", type = "cairo"); plot(1); invisible(dev.off()); write.csv(cars, gzfile("c.csv.gz"))');
    assert.equal(python('import gzip\ngzip.open("c.csv.gz").read(9).decode()'), '"","speed');
    assert.equal(python('open("p.png", "rb").read(4)[1:].decode()'), "PNG");
    python('os.rename("m.rds", "/tmp/m.rds")');
    assert.equal(r('identical(readRDS("/tmp/m.rds"), mtcars)'), "[1] TRUE\n");
  });

  test(label("what one removes, renames or replaces is so for the other at once"), () => {
    python('[open(name, "w").write(name) for name in "abc"]');
    assert.equal(rig.ask('paste(readLines("a", warn = FALSE), readLines("b", warn = FALSE), readLines("c", warn = FALSE))'), "a b c");
    python('os.remove("a")\nos.rename("b", "B")\nos.remove("c")\nos.mkdir("c")\nopen("c/inside", "w").write("in")');
    assert.equal(r('cat(file.exists("a", "b", "B"), list.files("c"), file.info("c")$isdir)'), "FALSE FALSE TRUE inside TRUE");
    assert.match(complaint('readLines("a")'), /No such file or directory/);
    r('cat("again", file = "a"); invisible(file.rename("B", "c/inside"))');
    assert.deepEqual(python('[open("a").read(), open("c/inside").read(), os.path.exists("B")]'), ["again", "b", false]);
    r('dir.create("d/e/f", recursive = TRUE); invisible(file.rename("d/e", "g")); unlink(c("c", "d"), recursive = TRUE)');
    assert.deepEqual(python("sorted(os.listdir())"), ["a", "g"]);
    assert.deepEqual(python('os.listdir("g")'), ["f"]);
    // A folder that was removed and made anew is the new one.
    python('os.rmdir("g/f")\nos.rmdir("g")\nos.mkdir("g")\nopen("g/new", "w").close()');
    assert.equal(rig.ask('list.files("g")'), "new");
  });

  test(label("a file that is open stays readable when the other removes it"), () => {
    r('con <- file("f", "w+"); writeLines("1", con)');
    python('os.remove("f")');
    assert.equal(r('writeLines("2", con); cat(readLines(con)); close(con); cat("", file.exists("f"))'), "1 2 FALSE");
  });

  test(label("links lead to the same, whoever made them"), () => {
    python('open("file", "w").write("x")\nos.symlink("file", "by-python")\nos.symlink("/nowhere", "dangling")');
    r('invisible(file.symlink("by-python", "by-r"))');
    assert.equal(r('cat(readLines("by-python", warn = FALSE), Sys.readlink("by-python"), file.exists("dangling"))'), "x file FALSE");
    assert.deepEqual(python('[os.readlink("by-r"), open("by-r").read()]'), ["by-python", "x"]);
    r('unlink("by-python")');
    assert.deepEqual(python('sorted(os.listdir())'), ["by-r", "dangling", "file"]);
    python('os.symlink("loop", "loop")');
    assert.match(complaint('readLines("loop")'), /Symbolic link loop|Too many/);
  });

  test(label("refusals have the system's own reasons in both"), () => {
    python('open("locked", "w").close()\nos.chmod("locked", 0o444)\nos.mkdir("full")\nopen("full/x", "w").close()\nopen("file", "w").close()');
    assert.match(complaint('cat("x", file = "locked")'), /Permission denied/);
    assert.equal(r('cat(file.access("locked", 2), format(file.mode("locked")))'), "-1 444");
    r('Sys.chmod("locked", "644"); cat("x", file = "locked"); Sys.chmod("full/x", "400")');
    assert.equal(refused('open("full/x", "w")'), "EACCES");
    assert.match(complaint('dir.create("full")'), /already exists/);
    assert.match(complaint('file.rename("nope", "x")'), /No such file or directory/);
    assert.match(complaint('cat("x", file = "file/below")'), /Not a directory/);
    assert.match(complaint('cat("x", file = "nope/below")'), /No such file or directory/);
    // Between what R has of its own and Python's files there is no renaming, as between two disks.
    assert.match(complaint('file.rename("file", "/usr/lib/R/file")'), /Cross-device link/);
    assert.match(complaint('file.rename("/usr/lib/R/library/stats/DESCRIPTION", "x")'), /Cross-device link/);
    assert.equal(refused('os.rename("/usr/lib/R/library/stats/DESCRIPTION", "x")'), "EXDEV");
    assert.equal(refused('os.rmdir("/usr/lib/R/library")'), "ENOTEMPTY");
    assert.equal(refused('open("/usr/lib/R/nope")'), "ENOENT");
    assert.equal(refused('os.rmdir("/usr")'), "EBUSY");
  });

  test(label("Python reads, writes and removes in R's own folders"), () => {
    assert.match(python('open("/usr/lib/R/library/stats/DESCRIPTION").read()'), /^Package: stats/);
    python('os.makedirs("/usr/lib/R/library/mine/x")\nopen("/usr/lib/R/library/mine/x/f", "w").write("p")\nos.rename("/usr/lib/R/library/mine/x/f", "/usr/lib/R/library/mine/g")');
    assert.equal(r('cat(list.files("/usr/lib/R/library/mine"), readLines("/usr/lib/R/library/mine/g", warn = FALSE))'), "g x p");
    r('unlink("/usr/lib/R/library/mine", recursive = TRUE)');
    assert.equal(python('os.path.exists("/usr/lib/R/library/mine")'), false);
    r('cat("n", file = "/new.txt")');
    assert.equal(python('open("/new.txt").read()'), "n");
    python('os.remove("/new.txt")');
    assert.equal(rig.ask('file.exists("/new.txt")'), "FALSE");
  });

  test(label("what is mounted in Python later is there in R, and gone when it is gone"), () => {
    python('os.makedirs("/mnt/later")\nopen("/mnt/later/below", "w").close()');
    assert.equal(rig.ask('list.files("/mnt/later")'), "below");
    FS.mount(FS.filesystems.MEMFS, {}, "/mnt/later");
    r('cat("x", file = "/mnt/later/f")');
    assert.deepEqual(python('os.listdir("/mnt/later")'), ["f"]);
    assert.equal(rig.ask('list.files("/mnt/later")'), "f");
    assert.match(complaint(`file.rename("/mnt/later/f", "${HOME}/f")`), /Cross-device link/);
    FS.unmount("/mnt/later");
    assert.equal(rig.ask('list.files("/mnt/later")'), "below");
  });

  test(label("a file can be mapped into R's memory"), () => {
    python('open("f", "wb").write(bytes(range(100)) * 1000)');
    const stream = R.open(`${HOME}/f`, "r+");
    const { ptr, allocated } = R.mmap(stream, 70000, 3, 1, 2);
    assert.ok(allocated);
    assert.deepEqual([...rig.r.c.M.HEAPU8.subarray(ptr, ptr + 4)], [3, 4, 5, 6]);
    assert.equal(rig.r.c.M.HEAPU8[ptr + 69999], 2);
    R.msync(stream, new Uint8Array([200, 201]), 10, 2, 1);
    R.close(stream);
    rig.r.c.M._free(ptr);
    assert.deepEqual(python('list(open("f", "rb").read()[9:13])'), [9, 200, 201, 12]);
  });

  test(label("a fresh R joins the same tree; nothing of the one before stays"), async () => {
    python('open("kept", "w").write("k")');
    r('cat("t", file = tempfile())');
    const old = rig.ask("tempdir()");
    const next = await Rig.start({ homedir: HOME });
    Tree.of(FS).join(next.r.c.M);
    assert.deepEqual(python(`[os.path.exists("${old}"), os.getcwd()]`), [false, HOME]);
    assert.equal(next.ask('readLines("kept", warn = FALSE)'), "k");
    next.ok('cat("s", file = "/usr/lib/R/second"); setwd("/tmp")');
    assert.deepEqual(python('[os.getcwd(), open("/usr/lib/R/second").read()]'), ["/tmp", "s"]);
    Tree.of(FS).leave(next.r.c.M);
    assert.equal(JSON.stringify(listing(FS, "/").filter((name) => name !== "mnt")), before);
    assert.equal(refused('open("/usr/lib/R/second")'), "ENOENT");
  });
}
