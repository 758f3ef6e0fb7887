"""The drive "Kept in this browser": what the file browser, kernels and other tabs do with the same files."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lab import Kernel, Lab
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from serve import Answer, Site

NOTEBOOK = "Kept:course/Untitled.ipynb"


class Drive:
    """The drive as the page's own code uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def do(self, method: str, *arguments: Any) -> Any:
        """Call a method of JupyterLab's Contents; a refusal comes as its text."""
        return self.page.evaluate(
            """([method, args]) => jupyterapp.serviceManager.contents[method](...args)
              .catch(error => `${error.response?.status} ${error.message}`)""",
            [method, arguments],
        )

    def write(self, path: str, text: str) -> Any:
        return self.do("save", path, {"type": "file", "format": "text", "content": text})

    def read(self, path: str) -> Any:
        found = self.do("get", path, {"type": "file", "format": "text", "content": True})
        return found["content"] if isinstance(found, dict) else found

    def list(self, folder: str) -> list[str]:
        found = self.do("get", folder, {"content": True})["content"]
        return sorted(model["name"] + "/" * (model["type"] == "directory") for model in found)


def see(kernel: Kernel, code: str) -> Any:
    """The value of an expression, by JSON."""
    result = kernel.run(f"import json, os\nprint(json.dumps(({code})))")
    assert result.error == "", result.error
    return json.loads(result.text())


def conflict(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return f"{stem} (conflict {date.today().isoformat()}){dot}{extension}"


@pytest.fixture(scope="module")
def lab(site_07: Path, browser: Browser) -> Iterator[Lab]:
    with Site(site_07) as site:
        lab = Lab(browser, site.url)
        yield lab
        lab.close()


@pytest.fixture(scope="module")
def drive(lab: Lab) -> Drive:
    """The drive, with one notebook that a kernel belongs to."""
    drive = Drive(lab.page)
    assert drive.list("Kept:") == []
    drive.do("save", "Kept:course", {"type": "directory"})
    assert drive.do("newUntitled", {"path": "Kept:course", "type": "notebook"})["path"] == NOTEBOOK
    return drive


@pytest.fixture(scope="module")
def kernel(lab: Lab, drive: Drive) -> Kernel:
    return lab.kernel("python-r", NOTEBOOK)


# Its text would take long from here to the page.
SAVE_LARGE = """() => jupyterapp.serviceManager.contents
  .save("big 2", { type: "file", format: "base64", content: "A".repeat(40_000_000) })
  .catch(error => `${error.response?.status} ${error.message}`)"""


class Prepared:
    """A browser that does something to a window before a page is in it."""

    def __init__(self, browser: Browser, prepare: Callable[[BrowserContext], None]) -> None:
        self._browser, self._prepare = browser, prepare

    def new_context(self, **options: Any) -> BrowserContext:
        context = self._browser.new_context(**options)
        self._prepare(context)
        return context


def listing(page: Page, name: str) -> Any:
    return page.locator("#jupyterlite-rpy-kept .jp-DirListing-itemName", has_text=name)


def test_a_kernel_has_the_files_of_its_notebooks_drive(kernel: Kernel, drive: Drive) -> None:
    drive.write("Kept:course/from page.csv", "a,b\n1,2\n")
    assert see(kernel, "os.getcwd(), open('from page.csv').read()") == ["/persist/course", "a,b\n1,2\n"]
    kernel.page.evaluate("jupyterapp.shell.activateById('jupyterlite-rpy-kept')")
    listing(kernel.page, "course").dblclick()
    expect(listing(kernel.page, "from page.csv")).to_be_visible()
    done = kernel.run("%R write.csv(read.csv('from page.csv'), 'from R.csv'); saveRDS(mtcars, 'm.rds')")
    assert done.error == ""
    kernel.run(
        "import pandas as pd\npd.read_csv('/persist/course/from R.csv').to_csv('/persist/from pandas.csv')"
    )
    # Nobody has asked the file browser to look again.
    expect(listing(kernel.page, "from R.csv")).to_be_visible()
    assert drive.read("Kept:course/from R.csv") == '"","a","b"\n"1",1,2\n'
    assert drive.list("Kept:") == ["course/", "from pandas.csv"]
    assert drive.list("Kept:course") == [
        ".ipynb_checkpoints/", "Untitled.ipynb", "from R.csv", "from page.csv", "m.rds"
    ]  # fmt: skip


def test_files_are_made_renamed_copied_and_removed(drive: Drive, kernel: Kernel) -> None:
    for kind, name in ("directory", "Untitled Folder"), ("file", "untitled.txt"), ("file", "untitled1.txt"):
        assert drive.do("newUntitled", {"path": "Kept:", "type": kind, "ext": "txt"})["name"] == name
    assert (
        drive.do("rename", "Kept:untitled.txt", "Kept:Untitled Folder/á.txt")["path"]
        == "Kept:Untitled Folder/á.txt"
    )
    drive.write("Kept:Untitled Folder/á.txt", "text")
    assert drive.do("copy", "Kept:Untitled Folder/á.txt", "Kept:Untitled Folder")["name"] == "á-Copy1.txt"
    assert drive.do("rename", "Kept:Untitled Folder", "Kept:d")["type"] == "directory"
    assert see(kernel, "sorted(os.listdir('/persist/d')), open('/persist/d/á-Copy1.txt').read()") == [
        ["á-Copy1.txt", "á.txt"], "text"
    ]  # fmt: skip
    assert drive.do("rename", "Kept:untitled1.txt", "Kept:d").startswith("409 There is a file named")
    assert drive.read("Kept:nothing").startswith("404 ")
    drive.do("delete", "Kept:d")
    assert drive.list("Kept:") == ["course/", "from pandas.csv", "untitled1.txt"]
    assert see(kernel, "os.path.exists('/persist/d')") is False


def test_bytes_go_up_and_down_unchanged(drive: Drive, kernel: Kernel, tmp_path: Path) -> None:
    content = bytes(range(256)) * 9_000  # more than a page sends at once
    (tmp_path / "big.bin").write_bytes(content)
    with kernel.page.expect_file_chooser() as chooser:
        kernel.page.locator("#jupyterlite-rpy-kept [data-jp-item-name='upload'] jp-button").click()
    chooser.value.set_files(tmp_path / "big.bin")
    expect(listing(kernel.page, "big.bin")).to_be_visible()
    kernel.page.wait_for_function("!document.querySelector('.jp-FileBrowser [role=progressbar]')")
    assert see(kernel, "open('big.bin', 'rb').read() == bytes(range(256)) * 9_000") is True
    kernel.run("open('small.bin', 'wb').write(bytes(range(256)))")
    url = drive.do("getDownloadUrl", "Kept:course/small.bin")
    got = kernel.page.evaluate(
        "async url => [...new Uint8Array(await (await fetch(url)).arrayBuffer())]", url
    )
    assert bytes(got) == bytes(range(256))
    # As a kernel's /drive asks: text too comes as bytes.
    kernel.run("open('utf16.txt', 'wb').write('é'.encode('utf-16'))")
    model = drive.do("get", "Kept:course/utf16.txt", {"content": True})
    assert (model["format"], base64.b64decode(model["content"])) == ("base64", "é".encode("utf-16"))
    assert drive.read("Kept:course/utf16.txt").startswith("400 ")


def test_checkpoints_are_taken_and_restored(drive: Drive) -> None:
    drive.write("Kept:course/text.txt", "one")
    assert drive.do("listCheckpoints", "Kept:course/text.txt") == []
    point = drive.do("createCheckpoint", "Kept:course/text.txt")
    drive.write("Kept:course/text.txt", "two")
    drive.do("rename", "Kept:course/text.txt", "Kept:course/other.txt")
    assert [found["id"] for found in drive.do("listCheckpoints", "Kept:course/other.txt")] == [point["id"]]
    drive.do("restoreCheckpoint", "Kept:course/other.txt", point["id"])
    assert drive.read("Kept:course/other.txt") == "one"
    drive.do("delete", "Kept:course/other.txt")
    assert "other-checkpoint.txt" not in drive.list("Kept:course/.ipynb_checkpoints")


def test_page_and_kernel_that_write_at_once_lose_nothing(drive: Drive, kernel: Kernel) -> None:
    kernel.run("open('both.txt', 'w').write('base')")
    assert drive.read("Kept:course/both.txt") == "base"
    # While the cell runs the page saves.
    running = kernel.page.evaluate_handle(
        """code => {
          const future = window.kernels[0].requestExecute({ code });
          const said = [];
          let begun;
          const started = new Promise(done => { begun = done; });
          future.onIOPub = ({ header, content }) => {
            if (header.msg_type === "stream") { said.push(content.text); begun(); }
          };
          return { started, said, done: future.done };
        }""",
        "import asyncio\nprint('go')\nawait asyncio.sleep(0.5)\nopen('both.txt', 'w').write('kernel')",
    )
    running.evaluate("running => running.started")
    drive.write("Kept:course/both.txt", "page")
    running.evaluate("running => running.done.then(() => true)")
    said = "".join(running.evaluate("running => running.said"))
    assert f"the other's is now /persist/course/{conflict('both.txt')}" in said
    assert drive.read("Kept:course/both.txt") == "kernel"
    assert drive.read(f"Kept:course/{conflict('both.txt')}") == "page"
    # And the other way round: the page has not seen what the kernel wrote since.
    assert drive.read("Kept:course/both.txt") == "kernel"
    kernel.run("open('both.txt', 'w').write('kernel 2')")
    drive.write("Kept:course/both.txt", "page 2")
    copy = conflict("both.txt").replace(").txt", " 2).txt")
    assert (drive.read("Kept:course/both.txt"), drive.read(f"Kept:course/{copy}")) == ("page 2", "kernel 2")
    expect(kernel.page.locator(".Toastify__toast", has_text=copy)).to_be_visible()


def test_a_second_tab_that_writes_at_the_same_time(lab: Lab, drive: Drive, kernel: Kernel) -> None:
    page = lab.context.new_page()
    page.goto(lab.page.url)
    page.wait_for_function("window.jupyterapp")
    page.evaluate("jupyterapp.restored.then(() => true)")
    second = Kernel(page, "python")
    mount = "from jupyterlite_rpy import files\nawait files.persist('/persist')"
    assert second.run(f"{mount}\nimport os\nos.chdir('/persist/course')").error == ""
    assert see(second, "open('from page.csv').read()") == "a,b\n1,2\n"
    see(kernel, "1")  # both know the same now
    code = """
import asyncio
for i in range(20):
    open(f'{NAME}-{i}.txt', 'w').write(NAME)
    open('shared.txt', 'w').write(NAME)
    await files.save()
    await asyncio.sleep(0)
"""
    send = "code => { window.sent = window.kernels[0].requestExecute({ code }).done; }"
    for tab, name in (page, "second"), (kernel.page, "first"):
        tab.evaluate(send, f"from jupyterlite_rpy import files\nNAME = {name!r}\n{code}")
    for tab in page, kernel.page:
        assert tab.evaluate("window.sent.then(reply => reply.content.status)") == "ok"
    names = drive.list("Kept:course")
    assert {f"{name}-{i}.txt" for name in ("first", "second") for i in range(20)} <= set(names)
    shared = {drive.read(f"Kept:course/{name}") for name in names if name.startswith("shared")}
    assert shared == {"first", "second"}
    found = "sorted(name for name in os.listdir() if name.startswith('shared'))"
    assert see(kernel, found) == see(second, found)
    # A file that the other page's file browser writes.
    Drive(page).write("Kept:course/from tab.txt", "t")
    assert see(kernel, "open('from tab.txt').read()") == "t"
    page.close()


def test_after_a_reload_the_notebook_is_open_again(lab: Lab, drive: Drive, kernel: Kernel) -> None:
    page = lab.page
    page.evaluate(
        """async () => {
          const { context, content } = jupyterapp.shell.currentWidget;
          content.model.sharedModel.cells[0].setSource("open('from page.csv').read()");
          await context.save();
        }"""
    )
    page.reload()
    page.wait_for_function("window.jupyterapp")
    page.evaluate("jupyterapp.restored.then(() => true)")
    page.wait_for_function("jupyterapp.shell.currentWidget?.context?.isReady")
    source = "jupyterapp.shell.currentWidget.content.model.sharedModel.cells[0].source"
    assert page.evaluate("jupyterapp.shell.currentWidget.context.path") == NOTEBOOK
    assert page.evaluate(source) == "open('from page.csv').read()"


def test_without_a_storage_the_page_works_and_says_so(
    site_07: Path, serve: Callable[..., Site], browser: Browser
) -> None:
    def store_nothing(context: BrowserContext) -> None:
        context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")

    lab = Lab(Prepared(browser, store_nothing), serve(site_07).url)  # type: ignore[arg-type]
    drive = Drive(lab.page)
    why = "this browser window has no storage (IndexedDB). Hint: it may be a private window"
    assert drive.list("Kept:") == []
    expect(
        lab.page.locator(".Toastify__toast", has_text=f"Nothing is kept in this browser: {why}")
    ).to_be_visible()
    assert f"500 not kept: {why}" in drive.write("Kept:a.txt", "1")
    lab.close()


def test_as_the_default_drive_it_shows_the_sites_files_and_a_full_storage_is_told(
    site_08: Path, serve: Callable[..., Site], browser: Browser
) -> None:
    config = json.loads((site_08 / "jupyter-lite.json").read_text())
    plugins = config["jupyter-config-data"].setdefault("litePluginSettings", {})
    plugins["jupyterlite-rpy:kept"] = {"default": True}
    site = serve(site_08, "/a/b/", {"jupyter-lite.json": Answer(body=json.dumps(config).encode())})
    origin = {"origin": site.url.removesuffix("/a/b/")}
    sessions: list[CDPSession] = []

    def limit(context: BrowserContext) -> None:
        # Before anything is stored: for half a minute the browser trusts what it found last.
        sessions.append(context.new_cdp_session(context.new_page()))
        sessions[0].send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": 20_000_000})

    lab = Lab(Prepared(browser, limit), site.url)  # type: ignore[arg-type]
    drive = Drive(lab.page)
    assert "plots.ipynb" in drive.list("")
    assert drive.do("newUntitled", {"path": "", "type": "notebook"})["path"] == "Untitled.ipynb"
    plots = drive.do("get", "plots.ipynb", {"content": True, "type": "notebook"})
    drive.do("save", "plots.ipynb", {**plots, "content": {**plots["content"], "cells": []}})
    kernel = lab.kernel("python-r", "Untitled.ipynb")
    assert see(kernel, "os.getcwd(), 'errors-and-messages.ipynb' in os.listdir('.')") == ["/drive", True]
    kept = [".ipynb_checkpoints", "Untitled.ipynb", "plots.ipynb"]
    assert see(kernel, "sorted(os.listdir('/persist'))") == kept
    kernel.run("open('/drive/by kernel.txt', 'w').write('k')")
    assert see(kernel, "open('/persist/by kernel.txt').read()") == "k"
    assert drive.do("get", "plots.ipynb", {"content": True, "type": "notebook"})["content"]["cells"] == []
    drive.do("delete", "plots.ipynb")
    assert drive.do("get", "plots.ipynb", {"content": True, "type": "notebook"})["content"]["cells"] != []

    write = "open('/persist/big', 'wb').write(bytes(40_000_000)); open('/persist/small', 'w').write('s')"
    said = kernel.run(write).text("stderr")
    assert (
        "not kept: /persist/big (39 MB): the browser's storage is full."
        " Hint: remove files; usage() shows how much is used\n"
    ) in said
    names = drive.list("")
    assert "big" not in names
    assert "small" in names or "not kept: /persist/small (1 kB)" in said  # Chromium gives room back late
    refusal = "507 not kept: the browser's storage is full. Hint: remove files, or other sites' data"
    assert lab.page.evaluate(SAVE_LARGE) == refusal
    sessions[0].send("Storage.overrideQuotaForOrigin", origin)
    assert kernel.run("pass").text("stderr") == ""
    assert {"small", "big"} <= set(drive.list(""))
    lab.close()
