"""How the doctor asks a server: as a browser does, which takes compressed answers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from jupyterlite_rpy.site_doctor import _sent
from jupyterlite_rpy.site_place import Server

CONTENT = b"the same, the same, the same"


class Compressing(BaseHTTPRequestHandler):
    """Compresses whatever it is asked for, if that is taken: R's `.gz` files as well, which is wrong."""

    def do_GET(self) -> None:
        if self.path.endswith("away"):
            return self.send_error(404)
        taken = "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzip.compress(CONTENT) if taken else CONTENT
        self.send_response(200)
        if taken:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Compressing) as http:
        thread = Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield Server(f"http://127.0.0.1:{http.server_port}/lab/index.html?path=x")
        http.shutdown()
        thread.join()


def test_contents_are_asked_for_as_they_are_and_encodings_as_browsers_get_them(server: Server) -> None:
    assert server.get("static/webr/R.wasm").body == CONTENT
    assert server.encoding("static/webr/R.wasm") == "gzip"
    assert server.encoding("away") is None


def test_a_server_that_compresses_archives_as_well_is_found_out(server: Server) -> None:
    good, bad = _sent(server)
    assert (good.kind, good.text) == ("ok", "files are sent compressed (Content-Encoding: gzip)")
    assert bad.kind == "bad" and "Content-Encoding: gzip: they unpack it too early" in bad.text
