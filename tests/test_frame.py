from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator
from typing import IO

import pytest

from jupyterlite_rpy.runtime.frame import SharedFile, read_frame, write_frame

Pipe = tuple[IO[bytes], IO[bytes]]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as source, open(writing, "wb", buffering=0) as target:
        yield source, target


@pytest.mark.parametrize(
    ("message", "buffers"),
    [
        ({}, []),
        ({"kind": "call", "text": "größer 🐢 \u2028 \ud800"}, []),
        ({"a": [1, None, 2.5]}, [b"", b"x", bytearray(b"abc"), memoryview(struct.pack("<2d", 1, 2))]),
        ({}, [bytes(range(256)) * 4] * 700),
    ],
)
def test_what_is_written_is_read(pipe: Pipe, message: dict[str, object], buffers: list[bytes]) -> None:
    source, target = pipe
    writer = threading.Thread(target=write_frame, args=(target, message, buffers))
    writer.start()  # more than the pipe holds: someone must read meanwhile
    assert read_frame(source) == (message, [bytes(buffer) for buffer in buffers])
    writer.join()


def test_typed_buffers_travel_as_bytes(pipe: Pipe) -> None:
    numpy = pytest.importorskip("numpy")
    source, target = pipe
    arrays = numpy.arange(3.0), numpy.empty(0), numpy.ones((2, 2))
    write_frame(target, {}, [memoryview(array) for array in arrays])
    _, (numbers, nothing, square) = read_frame(source)
    assert bytes(numbers) == struct.pack("<3d", 0, 1, 2)
    assert bytes(nothing) == b""
    assert bytes(square) == struct.pack("<4d", 1, 1, 1, 1)


def test_the_layout_is_the_one_that_is_described(pipe: Pipe) -> None:
    source, target = pipe
    write_frame(target, {"a": 1}, [b"xy"])
    assert os.read(source.fileno(), 100) == struct.pack("<IIQ", 7, 1, 2) + b'{"a":1}' + b"xy"


def test_buffers_that_were_read_can_be_written_to(pipe: Pipe) -> None:
    source, target = pipe
    write_frame(target, {}, [b"abc"])
    _, (buffer,) = read_frame(source)
    buffer[0] = ord("x")
    assert bytes(buffer) == b"xbc"


@pytest.mark.parametrize("sent", [b"", b"\x01\x00", struct.pack("<II", 10, 0) + b"{}"])
def test_a_closed_pipe_is_the_end_of_file(pipe: Pipe, sent: bytes) -> None:
    source, target = pipe
    target.write(sent)
    target.close()
    with pytest.raises(EOFError):
        read_frame(source)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs a file in memory")
def test_large_buffers_lie_in_the_shared_file(pipe: Pipe) -> None:
    source, target = pipe
    shared = SharedFile()
    buffers = [os.urandom(300_001), b"small", b"", os.urandom(1 << 20)]
    for order in (buffers, buffers[::-1]):  # more than the pipe holds, and nobody reads meanwhile
        write_frame(target, {"n": 1}, order, shared)
        assert read_frame(source, shared) == ({"n": 1}, order)
    shared.close()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs a file in memory")
def test_where_the_shared_file_has_no_room_the_pipe_is_used(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> int:
        raise OSError("no room")

    source, target = pipe
    shared = SharedFile()
    monkeypatch.setattr(os, "pwrite", full)
    data = os.urandom(1 << 20)
    writer = threading.Thread(target=write_frame, args=(target, {}, [data], shared))
    writer.start()
    assert read_frame(source, shared) == ({}, [data])
    writer.join()
    shared.close()
