"""A built site and work for its page in; what the page found, in a Chromium that nobody looks into, out.

A browser that is driven has its developer tools open. Then an exception within a worker takes 60 us in place
of one, and R has one for each `return()`, `next` and `tryCatch()`: R takes two to fifty times as long.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from browser import AS_USERS, bench_site, cells_before
from needs import chromium
from serve import Answer, Site

PAGE = "lab/index.html"
SECONDS = 900


def measure(site: Path, work: str, *arguments: object) -> dict[str, Any]:
    """Return what a function of inside/page.mjs found in a page of the site."""
    with pages(site) as run:
        return run(work, *arguments)


@contextmanager
def pages(site: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """Do the same again and again: each time in a browser that was just opened, whose cache is kept."""
    with (
        bench_site(site) as folder,
        Site(folder) as served,
        _Results() as results,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):

        def run(work: str, *arguments: object) -> dict[str, Any]:
            call = ", ".join(json.dumps(value) for value in (work, arguments, cells_before(), results.url))
            script = (
                f'<script type="module">import {{ main }} from "../bench/page.mjs"; main({call});</script>'
            )
            html = (site / PAGE).read_text("utf-8").replace("</head>", f"{script}</head>", 1)
            served.answers[PAGE] = Answer(content_type="text/html", body=html.encode())
            results.came.clear()
            options = ["--headless=new", f"--user-data-dir={profile}", *AS_USERS]
            command = [_program(), *options, served.url + PAGE]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                if not results.came.wait(SECONDS):
                    raise RuntimeError(f"the page did not end its work ({work}) within {SECONDS} s")
            finally:
                process.terminate()
                process.wait()
            if "error" in results.found:
                raise RuntimeError(results.found["error"])
            return results.found

        yield run


def _program() -> str:
    found = chromium()
    if found is None:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            found = str(playwright.chromium.executable_path)
    return found


class _Results(ThreadingHTTPServer):
    """Where the page sends what it found."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.came = Event()
        self.found: dict[str, Any] = {}

    def __enter__(self) -> _Results:
        Thread(target=self.serve_forever, args=(0.5,), daemon=True).start()
        return self

    def __exit__(self, *args: Any) -> None:
        self.shutdown()
        self.server_close()


class _Post(BaseHTTPRequestHandler):
    server: _Results

    def do_POST(self) -> None:
        self.server.found = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(204)
        self.end_headers()
        self.server.came.set()

    def log_message(self, format: str, *args: Any) -> None:
        pass
