"""A built site in, its address out: a small static file server for `make serve`, tests and benchmarks.

It sends no special header and rewrites nothing, as the simplest static host would.
"""

from __future__ import annotations

import argparse
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit


class Answer(NamedTuple):
    """What to answer for a path in place of the file.

    Attributes
    ----------
    status : int
        0: none, the connection is cut.
    content_type : str, optional
        None: the right one.
    body : bytes, optional
        None: the file.
    length : int, optional
        How long the body is said to be before the connection is cut; None: as long as it is.
    """

    status: int = HTTPStatus.OK
    content_type: str | None = None
    body: bytes | None = None
    length: int | None = None


class Site(ThreadingHTTPServer):
    """A folder served on this machine: `with Site(folder) as site: site.url`.

    Parameters
    ----------
    folder
        The built site.
    prefix
        Path on the server, as on hosts that serve a site below their root: `/a/b/`.
    port
        0: any that is free.

    Attributes
    ----------
    url : str
        The site's address, with a slash at its end.
    answers : dict
        Path in the site -> `Answer`, to make a file missing or badly typed; may be changed at any time.
    requested : list of str
        Paths in the site (without query) that were asked for, in order.
    """

    daemon_threads = True
    block_on_close = False
    # Chromium opens up to six connections at once and more for workers: the default of 5 makes it wait.
    request_queue_size = 64

    def __init__(self, folder: Path, prefix: str = "/", port: int = 0) -> None:
        self.answers: dict[str, Answer] = {}
        self.requested: list[str] = []
        self.prefix = prefix
        super().__init__(("127.0.0.1", port), partial(_Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_port}{prefix}"

    def __enter__(self) -> Site:
        Thread(target=self.serve_forever, args=(0.5,), daemon=True).start()
        return self

    def __exit__(self, *args: Any) -> None:
        self.shutdown()
        self.server_close()


class _Handler(SimpleHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"
    # Not the system's table, which may lack the newer of these; browsers refuse modules of another type.
    extensions_map = {  # noqa: RUF012  # the base class's way to declare it
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".json": "application/json",
        ".ipynb": "application/json",
        ".css": "text/css",
        ".svg": "image/svg+xml",
        ".gz": "application/gzip",
    }

    def send_head(self) -> Any:
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(self.server.prefix):
            return self.send_error(HTTPStatus.NOT_FOUND)
        name = path.removeprefix(self.server.prefix)
        self.server.requested.append(name)
        answer = self.server.answers.get(name, Answer())
        if answer.status == 0:
            self.close_connection = True
            return None
        if answer.status != HTTPStatus.OK:
            return self.send_error(answer.status)
        if answer.body is not None:
            return self._send_body(answer)
        self._content_type = answer.content_type
        self.path = "/" + self.path.removeprefix(self.server.prefix)
        return super().send_head()

    def _send_body(self, answer: Answer) -> BytesIO:
        body = answer.body or b""
        self.close_connection = answer.length is not None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", answer.content_type or super().guess_type(self.path))
        self.send_header("Content-Length", str(answer.length or len(body)))
        self.end_headers()
        return BytesIO(body)

    def guess_type(self, path: Any) -> str:
        return self._content_type or super().guess_type(path)

    def end_headers(self) -> None:
        # Asked again each time, answered "not modified": a site that was built anew is seen at once.
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    """Serve a folder until Ctrl+C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--prefix", default="/")
    arguments = parser.parse_args()
    try:
        site = Site(arguments.folder, arguments.prefix, arguments.port)
    except OSError as error:
        parser.exit(1, f"Port {arguments.port} cannot be used: {error}. Hint: make serve PORT=8001\n")
    print(f"Open {site.url} (Ctrl+C ends)", flush=True)
    try:
        site.serve_forever()
    except KeyboardInterrupt:
        site.server_close()


if __name__ == "__main__":
    main()
