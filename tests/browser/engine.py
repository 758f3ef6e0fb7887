"""A served site and some cells in; their outputs in Firefox or WebKit out.

Debian's builds of these browsers need no driver for this: the page that they are started with opens
JupyterLite in a frame, runs the cells in a kernel and posts what came out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from glob import glob
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from signal import SIGKILL
from typing import Any

from serve import Answer, Site

PAGE = "rpy-engine.html"
TIMEOUT = 1200  # seconds, for all cells together; a kernel starts in ten to twenty, or in some hundreds

_HTML = """<!doctype html><meta charset="utf-8">
<iframe src="lab/index.html" width="1200" height="800"></iframe>
<script type="module">
const { cells, address } = SETTINGS;
// A simple request: needs no answer that the page may read.
const post = what => fetch(address, { method: "POST", mode: "no-cors", body: JSON.stringify(what) });
const page = document.querySelector("iframe").contentWindow;
try {
  while (!page.jupyterapp) await new Promise(next => setTimeout(next, 50));
  await page.jupyterapp.restored;
  const manager = page.jupyterapp.serviceManager;
  await manager.ready;
  const kernel = await manager.kernels.startNew({ name: "python-r" });
  await kernel.info;
  const results = [];
  for (const code of cells) {
    const outputs = [];
    const future = kernel.requestExecute({ code, stop_on_error: false });
    future.onIOPub = message => {
      const kind = message.header.msg_type;
      if (kind !== "status" && kind !== "execute_input") outputs.push([kind, message.content]);
      if (kind === "stream" && message.content.text.includes("press Stop")) kernel.interrupt();
    };
    const reply = await future.done;
    results.push({ status: reply.content.status, error: reply.content.evalue ?? "", outputs });
  }
  await post({ agent: navigator.userAgent, results });
} catch (error) {
  await post({ failure: String(error?.stack ?? error) });
}
</script>"""

_FIREFOX_SETTINGS = """
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("toolkit.startup.max_resumed_crashes", -1);
"""


def firefox() -> str | None:
    """The program, if there is one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def webkit() -> str | None:
    """WebKitGTK's own small browser, if there is one and a screen to run it on."""
    found = sorted(
        glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser") + glob("/usr/libexec/webkit2gtk-4.*/MiniBrowser")
    )
    return found[-1] if found and shutil.which("xvfb-run") else None


def _start_firefox(url: str, folder: Path) -> list[str]:
    (folder / "user.js").write_text(_FIREFOX_SETTINGS)
    return [str(firefox()), "--headless", "--no-remote", "--profile", str(folder), url]


def _start_webkit(url: str, folder: Path) -> list[str]:
    return ["xvfb-run", "--auto-servernum", str(webkit()), url]


ENGINES: dict[str, Callable[[str, Path], list[str]]] = {"firefox": _start_firefox, "webkit": _start_webkit}


class _Mailbox(HTTPServer):
    """Waits for one posted JSON text."""

    timeout = TIMEOUT

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Letter)
        self.letter: dict[str, Any] | None = None


class _Letter(BaseHTTPRequestHandler):
    server: _Mailbox

    def do_POST(self) -> None:
        self.server.letter = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[None]:
    home = {
        **os.environ,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    }
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, env=home, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGKILL)  # xvfb-run's screen and the browser's own processes, too
            process.wait()


def run_cells(engine: str, site: Site, cells: Sequence[str]) -> list[dict[str, Any]]:
    """Run cells in a fresh kernel of a fresh browser.

    Parameters
    ----------
    engine
        "firefox" or "webkit".
    site
        Serves a built site.
    cells
        Sources, run one after the other, whether or not one fails. Stop is pressed when one prints
        "press Stop".

    Returns
    -------
    list of dict
        Per cell: `status` ("ok", "error"), `error`, `outputs` as (message type, content).
    """
    # The browser goes on writing into its profile until it is killed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, _Mailbox() as mailbox:
        settings = {"cells": list(cells), "address": f"http://127.0.0.1:{mailbox.server_port}/"}
        page = _HTML.replace("SETTINGS", json.dumps(settings).replace("</", "<\\/"))
        site.answers[PAGE] = Answer(content_type="text/html", body=page.encode())
        with _running(ENGINES[engine](site.url + PAGE, Path(name)), Path(name)):
            mailbox.handle_request()
        letter = mailbox.letter
        if letter is None:
            log = (Path(name) / "log").read_text("utf-8", "replace")[-2000:]
            raise AssertionError(f"{engine} reported nothing within {TIMEOUT} s\n{log}")
    if "failure" in letter:
        raise AssertionError(f"{engine}: {letter['failure']}")
    return list(letter["results"])
