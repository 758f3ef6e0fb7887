"""Messages and buffers between Python's heap and JavaScript. Both sides together: tests/browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import jupyterlite_rpy
from jupyterlite_rpy.runtime.parcel import _ALIGNMENT, _SMALL, pack, unpack

SCRIPT = Path(jupyterlite_rpy.__file__).parent / "js" / "pyodide.mjs"
MESSAGE = {"op": "set", "text": "süß"}


class Piece(bytes):
    """JavaScript's memory, as Pyodide shows it."""

    def to_bytes(self) -> bytes:
        return bytes(self)

    def to_memoryview(self) -> memoryview:
        return memoryview(self)


@pytest.mark.parametrize(
    "sizes", [[], [0], [1, 2], [_SMALL], [_SMALL + 1], [3, _SMALL + 8, 0, 17, 2 * _SMALL, _SMALL]], ids=str
)
def test_what_is_packed_is_what_the_other_side_takes(sizes: list[int]) -> None:
    buffers = [bytes((n + i) % 251 for i in range(size)) for n, size in enumerate(sizes)]
    text, packed, large = pack(MESSAGE, buffers)
    outgoing = SimpleNamespace(packed=Piece(packed or b""), large=[Piece(view) for view in large or []])
    message, received = unpack(text, SimpleNamespace(outgoing=outgoing))
    assert message == MESSAGE
    assert [bytes(view) for view in received] == buffers
    assert all(view.format == "B" for view in received)


def test_small_buffers_go_together_and_large_ones_as_they_are() -> None:
    big = bytearray(_SMALL + 1)
    text, packed, large = pack(MESSAGE, [b"ab", big, b"c"])
    assert json.loads(text)["sizes"] == [2, _SMALL + 1, 1]
    assert packed == b"ab".ljust(_ALIGNMENT, b"\0") + b"c".ljust(_ALIGNMENT, b"\0")
    assert large is not None
    big[0] = 7  # no copy was made
    assert [view[0] for view in large] == [7]
    assert pack(MESSAGE, [big])[1] is None
    assert pack(MESSAGE, [b"ab"])[2] is None


def test_both_sides_have_the_same_numbers() -> None:
    numbers = re.findall(r"(?m)^const (SMALL|ALIGNMENT) = (\d+);", SCRIPT.read_text("utf-8"))
    assert dict(numbers) == {"SMALL": str(_SMALL), "ALIGNMENT": str(_ALIGNMENT)}
