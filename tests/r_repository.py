"""Texts of small R packages in; a repository of them, built by webR and served by HTTP, out.

The packages are pure R and ours: `lemon` needs `citrus` (which is in the same repository), `apple` needs
nothing; `unripe` needs a package that is nowhere.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from jupyterlite_rpy.rpackages.archive import pack, read_archive
from jupyterlite_rpy.rpackages.index import contrib_path
from jupyterlite_rpy.session import Session

R = "4.6.0"


def source(package: str, version: str = "1.0", code: str = "", **fields: str) -> dict[str, str]:
    """The files of a source package."""
    description = {
        "Package": package,
        "Version": version,
        "Title": f"The Package {package}",
        "Author": "The tests",
        "Maintainer": "The tests <tests@example.org>",
        "Description": "Made by a test.",
        "License": "BSD_3_clause + file LICENSE",
        "Encoding": "UTF-8",
        **fields,
    }
    imports = [item.split()[0] for item in fields.get("Imports", "").split(",") if item.strip()]
    return {
        "DESCRIPTION": "".join(f"{name}: {value}\n" for name, value in description.items()),
        "NAMESPACE": "exportPattern('^[a-z]')\n" + "".join(f"import({name})\n" for name in imports),
        "LICENSE": "YEAR: 2026\nCOPYRIGHT HOLDER: the tests\n",
        f"R/{package}.R": code or f"{package} <- function() 'a {package}'\n",
    }


PACKAGES = {
    "apple": source("apple"),
    "citrus": source("citrus", "1.2", "squeeze <- function(x) x * 0.4\n"),
    "lemon": source(
        "lemon", "2.0.1", "juice <- function(n) squeeze(n) + 1\n", Imports="citrus (>= 1.1), stats"
    ),
}


def write_source(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a source package."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def build_all(session: Session, folder: Path) -> dict[str, bytes]:
    """Have webR build the packages, each after what it needs; the archives by name."""
    built = {}
    for name in ("apple", "citrus", "lemon"):
        session.library.installer.install([str(write_source(folder / name, PACKAGES[name]))], [], quiet=True)
        built[name] = session.library.installer.export(name)
    return built


class Repository:
    """A repository in memory, served by HTTP.

    Attributes
    ----------
    files : dict
        Content by path, from the server's root on.
    answers : dict
        What to answer in place of a file: a status, or a function that is given the handler.
    asked : list of str
        Paths, in order.
    """

    def __init__(self, archives: Mapping[str, bytes], r: str = R) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, int | Callable[[BaseHTTPRequestHandler], object]] = {}
        self.asked: list[str] = []
        self.folder = contrib_path(r)
        self.records: dict[str, dict[str, str]] = {}
        for archive in archives.values():
            self.add(archive)

    def add(self, content: bytes, **fields: str) -> None:
        """Put a built package into it; fields of the index may differ from what is right."""
        archive = read_archive(content, "archive")
        wanted = ("Package", "Version", "Depends", "Imports", "License")
        record = {name: archive.description[name] for name in wanted if name in archive.description}
        record |= {"MD5sum": hashlib.md5(content).hexdigest(), **fields}
        self.records[record["Package"]] = record
        self.files[f"/{self.folder}/{record['Package']}_{record['Version']}.tgz"] = content
        self.index()

    def index(self) -> None:
        records = ("".join(f"{k}: {v}\n" for k, v in record.items()) for record in self.records.values())
        self.files[f"/{self.folder}/PACKAGES.gz"] = gzip.compress("\n".join(records).encode())

    def write(self, root: Path) -> Path:
        """Write it as files."""
        for name, content in self.files.items():
            path = root / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return root

    def __enter__(self) -> Repository:
        self._stack = ExitStack()
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                repository.asked.append(self.path)
                answer = repository.answers.get(self.path)
                if callable(answer):
                    answer(self)
                    return
                content = repository.files.get(self.path)
                status = answer or (200 if content is not None else 404)
                body = content if status == 200 and content is not None else b"no"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._stack.callback(server.server_close)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()


def rebuilt(content: bytes, **fields: str) -> bytes:
    """The same package with other fields in its DESCRIPTION."""
    archive = read_archive(content, "archive")
    text = "".join(f"{k}: {' '.join(v.split())}\n" for k, v in {**archive.description, **fields}.items())
    return pack(archive.package, {**archive.files, "DESCRIPTION": text.encode()})
