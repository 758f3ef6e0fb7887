"""R's own ways to read an address, in a Node process: what they get, and what they say when they do not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from jupyterlite_rpy.errors import RError
from jupyterlite_rpy.session import Session

STATUS = {"/missing": 404, "/forbidden": 403, "/busy": 429, "/broken": 500, "/teapot": 418}


class Host(ThreadingHTTPServer):
    """Answers with a table, with what header `X-Who` it was sent, or with an error; `/slow` when it ends."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.ended = Event()


class _Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        if self.path == "/slow":
            self.server.ended.wait()
        body = f"who\n{self.headers.get('X-Who')}\n" if self.path == "/who" else "a,b\n1,é\n"
        self.send_response(STATUS.get(self.path, 200))
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host() as host:
        Thread(target=host.serve_forever, args=(0.05,), daemon=True).start()
        yield host
        host.ended.set()
        host.shutdown()


@pytest.fixture
def here(r: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Python's working directory, and so R's."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "code",
    [
        'read.csv("{url}/t.csv")$b',
        'sub("1,", "", readLines("{url}/t.csv")[2])',
        '{{ con <- url("{url}/t.csv"); read.csv(con)$b }}',
        'scan(url("{url}/t.csv", "r"), "", skip = 1, sep = ",", quiet = TRUE)[2]',
    ],
)
def test_r_reads_what_is_at_an_address(code: str, r: Session, host: Host) -> None:
    assert r.run(f"x <- (function() {code.format(url=host.url)})()", outputs=["x"]).values["x"][0] == "é"


@pytest.mark.parametrize("method", ["auto", "libcurl", "wget", "curl"])
def test_files_are_downloaded_into_pythons_folder(method: str, r: Session, host: Host, here: Path) -> None:
    r.run(f'download.file("{host.url}/t.csv", "one file.csv", "{method}", quiet = TRUE)')
    assert (here / "one file.csv").read_text("utf-8") == "a,b\n1,é\n"
    r.run(f'download.file(paste0("{host.url}/", 1:2), c("x", "y"), quiet = TRUE)')
    assert (here / "x").read_bytes() == (here / "y").read_bytes() != b""


def test_names_cannot_become_code(r: Session, host: Host, here: Path) -> None:
    r.run(f"download.file('{host.url}/`${{1}}', 'a`${{1}}\\\\.csv', quiet = TRUE)")
    assert [path.name for path in here.iterdir()] == ["a`${1}\\.csv"]


def test_headers_are_sent(r: Session, host: Host) -> None:
    assert r.eval(f'read.csv(url("{host.url}/who", headers = c("X-Who" = "me")))$who')[0] == "me"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/missing", r"not found \(404\): 127.0.0.1:\d+ answers.*\nHint: look for mistyped"),
        ("/forbidden", r"forbidden \(403\).*\nHint: it may need a login"),
        ("/busy", r"too many requests \(429\)"),
        ("/broken", r"a problem of its own \(500\)"),
        ("/teapot", "answered with status 418"),
    ],
)
@pytest.mark.parametrize("read", ['read.csv("{}")', 'download.file("{}", "never", quiet = TRUE)'])
def test_a_refusal_is_told_in_words(
    read: str, path: str, words: str, r: Session, host: Host, here: Path
) -> None:
    with pytest.raises(RError, match=words):
        r.run(read.format(host.url + path))
    assert list(here.iterdir()) == []


def test_no_host_and_no_server_are_told_apart(r: Session) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(RError, match=rf"127.0.0.1:{port} refuses the connection"):
            r.run(f'readLines("http://127.0.0.1:{port}/x")')
    # What a machine without a network says is another thing.
    with pytest.raises(RError, match=r"no host named no\.such\.invalid|cannot be looked up"):
        r.run('readLines("http://no.such.invalid/x")')


def test_r_waits_as_long_as_it_is_told_to(r: Session, host: Host) -> None:
    with pytest.raises(RError, match=r"within 1 seconds\nHint: allow more: options\(timeout = 300\)"):
        r.run(f'old <- options(timeout = 1); on.exit(options(old)); readLines("{host.url}/slow")')
    r.run("options(timeout = 60)")


def test_what_is_no_address_is_refused(r: Session, here: Path) -> None:
    with pytest.raises(RError, match="relative ones refer to a site"):
        r.run('url("files/x.csv")')
    with pytest.raises(RError, match="begin with ftp:// are not supported"):
        r.run('readLines("ftp://host/x")')
    with pytest.raises(RError, match="cannot open destfile '/nowhere/x', reason 'No such file"):
        r.run('download.file("http://host/x", "/nowhere/x")')


def test_r_is_intact_after_many_refusals(r: Session) -> None:
    code = "for (i in 1:300) try(readLines('ftp://host/x'), silent = TRUE); sum(sapply(1:10, function(i) i))"
    assert r.eval(code)[0] == 55
