"""Files that stay, in a real browser: others write to the same storage, and what can go wrong does."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lab import FLAGS, Kernel, Lab
from needs import chromium
from playwright.sync_api import Browser, BrowserContext, Error
from serve import Site

IMPORT = "import os\nfrom jupyterlite_rpy import files\n"

# What another program does with the same storage: Emscripten's IDBFS, the file browser, another tab.
OTHER = """
async ([name, action, path, text]) => {
  const open = (version) => new Promise((yes, no) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => yes(request.result);
    request.onerror = () => no(request.error);
  });
  if (action === "delete database") {
    return await new Promise((yes, no) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => yes(null);
      request.onerror = request.onblocked = () => no(new Error("blocked"));
    });
  }
  const db = await open(21);
  try {
    const store = db.transaction("FILE_DATA", "readwrite").objectStore("FILE_DATA");
    const done = (request) => new Promise((yes, no) => {
      request.onsuccess = () => yes(request.result);
      request.onerror = () => no(request.error);
    });
    if (action === "write") {
      const contents = new TextEncoder().encode(text);
      await done(store.put({ timestamp: new Date(), mode: 0o100666, contents }, path));
    } else if (action === "put") {
      await done(store.put(eval(`(${text})`), path));
    } else if (action === "remove") {
      await done(store.delete(path));
    }
    const keys = await done(store.getAllKeys());
    const entries = await done(store.getAll());
    return Object.fromEntries(keys.map((key, i) => [key, [
      entries[i]?.timestamp instanceof Date, entries[i]?.mode, entries[i]?.link,
      entries[i]?.contents instanceof Uint8Array
        ? new TextDecoder().decode(entries[i].contents.slice(0, 100))
        : null,
    ]]));
  } finally {
    db.close();
  }
}
"""


WRITE_MEANWHILE = """
name => new Promise(done => {
  const request = indexedDB.open(name, 21);
  request.onsuccess = () => {
    const db = request.result;
    const transaction = db.transaction("FILE_DATA", "readwrite");
    const store = transaction.objectStore("FILE_DATA");
    for (const [path, text] of [["f.txt", "other's"], ["same", "alike"], ["back", "other's"]]) {
      const contents = new TextEncoder().encode(text);
      store.put({ timestamp: new Date(), mode: 0o100666, contents }, `/kept/${path}`);
    }
    store.delete("/kept/gone");
    transaction.oncomplete = () => { db.close(); done(); };
  };
})
"""


class Kept:
    """A kept folder of a kernel, and the others who write to its storage."""

    def __init__(self, kernel: Kernel, path: str) -> None:
        self.kernel, self.path = kernel, path
        assert self.run(IMPORT, f"kept = await files.persist({path!r})", f"os.chdir({path!r})") == ""
        self.name = self.see("kept._files.name")

    def run(self, *lines: str) -> str:
        """Run a cell that must succeed; return what it said on stderr."""
        result = self.kernel.run("\n".join(lines))
        assert result.error == ""
        return result.text("stderr")

    def see(self, code: str) -> Any:
        """The value of an expression, by JSON."""
        result = self.kernel.run(f"import json\nprint(json.dumps(({code})))")
        assert result.error == "", result.error
        return json.loads(result.text())

    def other(self, action: str = "look", path: str = "", text: str = "") -> dict[str, list[Any]]:
        """Have another program do something; return all entries without the folder in front."""
        full = f"{self.path}/{path}" if not path.startswith("/") else path
        found = self.kernel.page.evaluate(OTHER, [self.name, action, full, text])
        return {key.removeprefix(self.path + "/"): entry for key, entry in (found or {}).items()}

    def texts(self) -> dict[str, str]:
        """The files in the storage, as text."""
        return {name: entry[3] for name, entry in self.other().items() if entry[3] is not None}


@pytest.fixture(scope="module")
def folder(kernel_07: Kernel) -> Kept:
    kernel_07.clear()
    return Kept(kernel_07, "/kept")


@pytest.fixture
def kept(folder: Kept) -> Iterator[Kept]:
    """The folder, empty. The kernel's own R and Python have nothing of other tests."""
    folder.kernel.clear()
    folder.run(IMPORT, "kept = await files.persist('/kept')")
    folder.run("await kept.clear(ask=False)", "os.chdir('/kept')")
    assert folder.texts() == {}
    yield folder
    folder.kernel.run("os.chdir('/home/pyodide')")


def test_what_a_cell_wrote_is_stored_in_idbfs_format_when_it_has_ended(kept: Kept) -> None:
    kept.run("open('a.txt', 'w').write('one')", "os.makedirs('d/e')", "os.symlink('a.txt', 'link')")
    assert kept.other() == {
        "a.txt": [True, 0o100666, None, "one"],
        "d": [True, 0o40777, None, None],
        "d/e": [True, 0o40777, None, None],
        "link": [True, 0o120777, "a.txt", None],
    }
    kept.run("open('a.txt', 'a').write(' two')", "os.rename('d', 'f')")
    kept.run("open('f/new', 'w').write('n')", "os.remove('link')")
    assert kept.texts() == {"a.txt": "one two", "f/new": "n"}
    assert sorted(kept.other()) == ["a.txt", "f", "f/e", "f/new"]


def test_r_writes_there_as_to_any_folder(kept: Kept) -> None:
    kept.run("%load_ext jupyterlite_rpy")
    kept.run("%R cat('\"x\"\\n1\\n', file = 'r.csv'); saveRDS(mtcars, 'm.rds'); dir.create('sub')")
    assert kept.texts()["r.csv"] == '"x"\n1\n'
    assert sorted(kept.other()) == ["m.rds", "r.csv", "sub"]
    kept.run("%R cat('2\\n', file = 'r.csv', append = TRUE); unlink('sub', recursive = TRUE)")
    assert kept.texts()["r.csv"] == '"x"\n1\n2\n'
    assert sorted(kept.other()) == ["m.rds", "r.csv"]


def test_what_others_wrote_is_there_in_the_next_cell(kept: Kept) -> None:
    kept.run("open('a', 'w').write('1')", "open('b', 'w').write('1')")
    kept.other("write", "a", "other's")
    kept.other("write", "new/deep", "d")
    kept.other("remove", "b")
    found = kept.see("open('a').read(), open('new/deep').read(), sorted(os.listdir())")
    assert found == ["other's", "d", ["a", "new"]]


def test_nothing_is_overwritten_when_both_sides_changed_a_file(kept: Kept) -> None:
    kept.run("[open(name, 'w').write('base') for name in ('f.txt', 'same', 'gone', 'back')]")
    # While a cell runs the kernel hears of nothing: what others write then is what it did not know.
    said = kept.run(
        f"import js; await js.eval({WRITE_MEANWHILE!r})({kept.name!r})",
        "open('f.txt', 'w').write('mine')",
        "open('same', 'w').write('alike')",
        "open('gone', 'w').write('mine')",
        "os.remove('back')",
    )
    copy = next(name for name in kept.texts() if name.startswith("f (conflict "))
    assert kept.texts() == {
        "f.txt": "mine", copy: "other's", "same": "alike", "back": "other's", "gone": "mine"
    }  # fmt: skip
    assert copy == f"f (conflict {date.today().isoformat()}).txt"
    assert (
        f"/kept/f.txt was changed here and by another tab or program: the other's is now /kept/{copy}\n"
    ) in said
    assert "/kept/back was removed here and changed by another tab or program: it is back" in said
    found = kept.see(f"open('f.txt').read(), open({copy!r}).read(), open('back').read()")
    assert found == ["mine", "other's", "other's"]


def test_a_folder_is_not_removed_from_under_what_others_put_there(kept: Kept) -> None:
    kept.run("os.mkdir('d')")
    kept.run("os.rmdir('d')", "os.mkdir('d')")
    kept.other("write", "d/theirs", "t")
    kept.run("import shutil; shutil.rmtree('d')")
    assert "d/theirs" not in kept.texts()  # it was here before the cell removed it
    assert kept.see("os.listdir()") == []


def test_damaged_entries_are_told_and_left(kept: Kept) -> None:
    kept.run("open('good', 'w').write('g')")
    for path, entry in {
        "time": "{timestamp: 'yesterday', mode: 33206, contents: new Uint8Array(1)}",
        "mode": "{timestamp: new Date(), contents: new Uint8Array(1)}",
        "contents": "{timestamp: new Date(), mode: 33206, contents: 'text'}",
        "null": "null",
        "/elsewhere/x": "{timestamp: new Date(), mode: 33206, contents: new Uint8Array(1)}",
        "good/below": "{timestamp: new Date(), mode: 33206, contents: new Uint8Array(1)}",
        "buffer": "{timestamp: new Date(), mode: 33206, contents: new Uint8Array([104, 105]).buffer}",
    }.items():
        kept.other("put", path, entry)
    said = kept.run("await kept._told(kept._files.load, 'x')")
    assert len(set(said.splitlines())) == 6
    for what in (
        "/kept/time has no time",
        "/kept/mode has no mode",
        "/kept/contents has no contents",
        "/kept/null has no entry",
        '"/elsewhere/x" is no path below /kept',
        "/kept/good/below is in what is no folder",
    ):
        assert f"damaged in the browser's storage, and left there: {what}" in said
    assert kept.see("sorted(os.listdir()), open('buffer').read()") == [["buffer", "good"], "hi"]
    # What is written over a damaged entry does not remove it.
    kept.run("open('contents', 'w').write('new')")
    assert kept.texts()["contents"] == "new"
    assert any(name.startswith("contents (conflict ") for name in kept.other())


def test_a_storage_that_is_removed_is_written_again(kept: Kept) -> None:
    kept.run("open('a', 'w').write('1')", "os.mkdir('d')", "open('d/b', 'w').write('2')")
    kept.other("delete database")
    said = kept.run("open('c', 'w').write('3')")
    assert "the browser's storage of /kept was removed; what is in memory is written again" in said
    assert kept.texts() == {"a": "1", "c": "3", "d/b": "2"}


def test_all_files_go_into_a_zip_file_and_come_back(kept: Kept) -> None:
    kept.run("open('é f.txt', 'w').write('1')", "os.makedirs('d/empty')")
    kept.run("open('d/g', 'w').write('2')", "os.symlink('d/g', 'link')")
    assert kept.see("kept.export('/tmp/kept.zip')") == "/tmp/kept.zip"
    kept.run("os.remove('d/g')", "open('é f.txt', 'w').write('changed')", "os.remove('link')")
    assert sorted(kept.see("kept.restore('/tmp/kept.zip')")) == ["d/g", "link", "é f.txt"]
    found = kept.texts()
    assert (found["é f.txt"], found["d/g"]) == ("1", "2")
    assert [text for name, text in found.items() if name.startswith("é f (conflict ")] == ["changed"]
    assert kept.see("os.readlink('link')") == "d/g"


def test_clearing_asks(kept: Kept) -> None:
    kept.run("open('a', 'w').write('1')")
    result = kept.kernel.run("await kept.clear()", answers=["no"])
    assert result.value == "False"
    assert result.prompts == ["Remove all 1 files (1 bytes) of /kept for ever? Type yes: "]
    assert kept.texts() == {"a": "1"}
    assert kept.kernel.run("await kept.clear()", answers=["yes"]).value == "True"
    assert (kept.texts(), kept.see("os.listdir()")) == ({}, [])


def test_how_much_is_used_can_be_seen(kept: Kept) -> None:
    assert "used" in str(kept.kernel.value("str(await files.usage())"))


HOLD = """
name => new Promise(done => {
  const request = indexedDB.open(name, 1); // an older form; it is not closed when others want to change it
  request.onsuccess = () => { window.held = request.result; done(); };
})
"""


def test_another_tab_in_the_way_is_told_and_the_next_cell_tries_again(kept: Kept) -> None:
    page = kept.kernel.page
    page.evaluate(HOLD, kept.name.replace("/kept", "/held"))
    said = kept.run("held = await files.persist('/held')", "open('/held/a', 'w').write('1')")
    told = "another tab of this site holds an older form of the storage open. Hint: close this site's other"
    assert f"nothing was loaded, and what is written will be lost, in /held: {told} tabs" in said
    assert f"not kept: what has changed in /held: {told} tabs" in kept.run("pass")
    page.evaluate("window.held.close()")
    try:
        assert kept.run("pass") == ""
        assert kept.see("(await held._files.load()).notes.to_py(), open('/held/a').read()") == [[], "1"]
    finally:
        kept.run("files._folders.pop('/held')")


def test_a_browser_that_stores_nothing_is_told(kept: Kept) -> None:
    hide = "Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true })"
    kept.run("import js", f"js.eval({hide!r})")
    try:
        said = kept.run("await files.persist('/private')", "open('/private/a', 'w').write('1')")
        why = "this browser window has no storage (IndexedDB). Hint: it may be a private window"
        assert f"what is written will be lost, in /private: {why}" in said
        assert f"not kept: what has changed in /private: {why}" in kept.run("pass")
        assert kept.see("open('/private/a').read()") == "1"
    finally:
        kept.run("del js.globalThis.indexedDB", "files._folders.pop('/private')")


class Profile:
    """A browser that keeps what its pages store in a folder, as a user's does."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._type, self._folder = browser.browser_type, folder

    def new_context(self, **options: Any) -> BrowserContext:
        return self._type.launch_persistent_context(
            self._folder, executable_path=chromium(), args=FLAGS, **options
        )

    def kill(self) -> None:
        """End the browser's own process at once, as a crash or a power cut would."""
        mark = f"--user-data-dir={self._folder}"
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (folder / "cmdline").read_text().split("\0")
                if mark in words and not any(word.startswith("--type=") for word in words):
                    os.kill(int(folder.name), signal.SIGKILL)


EXAMPLE = json.loads((Path(__file__).parents[2] / "examples" / "files-that-stay.ipynb").read_text())["cells"]


def printed(cells: list[dict[str, Any]]) -> list[str]:
    """The lines of the example's outputs that tell whether it ran before."""
    texts = "".join(output.get("text", "") for cell in cells for output in cell["outputs"])
    return [line for line in texts.splitlines(keepends=True) if "visit " in line or "time" in line]


SAVE_NOTEBOOK = """async () => {
  const { contents } = jupyterapp.serviceManager;
  const { path, content } = await contents.newUntitled({ path: "Kept:", type: "notebook" })
    .then(({ path }) => contents.get(path, { type: "notebook", content: true }));
  const cell = { cell_type: "code", source: "1 + 1", metadata: {}, outputs: [], execution_count: null };
  await contents.save(path, { type: "notebook", format: "json", content: { ...content, cells: [cell] } });
}"""
READ_NOTEBOOK = """async () => {
  const { contents } = jupyterapp.serviceManager;
  const names = (await contents.get("Kept:", { content: true })).content.map(({ name }) => name);
  const { content } = await contents.get("Kept:Untitled.ipynb", { type: "notebook", content: true });
  return [names, content.cells[0].source];
}"""
UNTIL_IT_PRINTS = """
code => new Promise(done => {
  const future = window.kernels[0].requestExecute({ code });
  future.onIOPub = message => { if (message.header.msg_type === "stream") done(); };
})
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the browser's process in /proc")
def test_files_outlive_the_browser_also_when_it_is_killed(
    site_07: Path, browser: Browser, tmp_path: Path
) -> None:
    profile = Profile(browser, tmp_path / "profile")

    def start(lab: Lab, said: str = "") -> Kernel:
        kernel = lab.kernel()
        result = kernel.run(f"{IMPORT}data = await files.persist('/data')")
        assert (result.error, result.text("stderr").partition(": a cell")[0]) == ("", said)
        return kernel

    with Site(site_07) as site:
        lab = Lab(profile, site.url)  # type: ignore[arg-type]
        kernel = start(lab)
        kernel.run("os.makedirs('/data/deep')\nopen('/data/deep/table', 'w').write('one')")
        assert kernel.run("%load_ext jupyterlite_rpy\n%Rinstall campus").error == ""
        assert kernel.value("os.path.exists('/data/.r-library/4.6/campus')") == "True"
        lab.page.evaluate(SAVE_NOTEBOOK)
        assert printed(kernel.run_notebook(EXAMPLE)) == [
            "This is visit 1.\n",
            "Fitting for the first time.\n",
        ]
        lab.close()

        lab = Lab(profile, site.url)  # type: ignore[arg-type]
        kernel = start(lab)
        assert kernel.value("open('/data/deep/table').read()") == "'one'"
        kernel.run("open('/data/deep/table', 'w').write('two')\nopen('/data/new', 'w').write('n')")
        # A cell that has written, and is still running when everything ends.
        torn = (
            "open('/data/deep/table', 'w').write('torn')\nopen('/data/lost', 'w').write('l')\nprint('done')"
        )
        kernel.page.evaluate(UNTIL_IT_PRINTS, f"{torn}\nwhile True: pass")
        profile.kill()
        with suppress(Error):
            lab.close()

        lab = Lab(profile, site.url)  # type: ignore[arg-type]
        kernel = start(lab, "not kept: /data/deep/table, /data/lost")
        found = "open('/data/deep/table').read(), sorted(os.listdir('/data'))"
        assert kernel.value(found) == "('two', ['.r-library', 'deep', 'new'])"
        # The file browser's own drive, too.
        assert lab.page.evaluate(READ_NOTEBOOK) == [
            ["Untitled.ipynb", "model.rds", "visits.csv"], "1 + 1"
        ]  # fmt: skip
        assert printed(kernel.run_notebook(EXAMPLE)) == ["This is visit 2.\n"]
        # R's packages: found where they were kept, and not installed again.
        result = kernel.run("%%R\nlibrary(campus)\nfind.package('campus')")
        assert (result.error, result.text()) == ("", '[1] "/data/.r-library/4.6/campus"\n')
        lab.close()
