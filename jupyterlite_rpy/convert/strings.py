"""Character vectors: Python strings -> distinct strings once and a code for each element, and back.

R keeps each distinct string once; so does the wire, which makes a million strings of a thousand kinds cost
little more than a million integers.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, count, islice, pairwise
from typing import TYPE_CHECKING

from ..errors import ConversionError
from .missing import STRING_NA
from .value import Buffers, RValue

if TYPE_CHECKING:
    from collections.abc import Callable

    Fail = Callable[[str, int | None], ConversionError]

__all__ = ["read_codes", "read_pool", "read_strings", "write_coded", "write_strings"]

_MAX_BYTES = 2**31 - 1
_SAMPLE = 1000


def write_strings(values: Collection[object], buffers: Buffers, fail: Fail) -> RValue:
    """Write strings as a character vector.

    Parameters
    ----------
    values : collection
        Strings; whatever is not a string is missing (the caller has checked what may stand there).
    buffers : Buffers
        Three buffers are appended, all new.
    fail : callable
        Makes the error, with the variable's path, for a text and the place of the element (None: there is but
        one).
    """
    sample = tuple(islice(values, _SAMPLE))
    if len(sample) == _SAMPLE and 2 * len(set(sample)) < _SAMPLE:
        codes = _Codes()
        return write_coded(len(values), _integers(codes, values), codes.texts, buffers, fail)
    distinct = dict.fromkeys(values)
    texts = [value for value in distinct if isinstance(value, str)]
    if len(texts) == len(values):  # none missing, none twice
        return write_coded(len(texts), array("i", range(len(texts))).tobytes(), texts, buffers, fail)
    index: dict[object, int] = dict(zip(texts, count()))
    if len(texts) < len(distinct):
        index.update((value, STRING_NA) for value in distinct if not isinstance(value, str))
    return write_coded(len(values), _integers(index, values), texts, buffers, fail)


class _Codes(dict[object, int]):
    """Codes given out as strings are met: one pass, worth it where few strings are distinct."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __missing__(self, value: object) -> int:
        code = STRING_NA
        if isinstance(value, str):
            code = len(self.texts)
            self.texts.append(value)
        self[value] = code
        return code


def _integers(index: Mapping[object, int], values: Collection[object]) -> bytes | memoryview:
    """Look all values up; int32."""
    numpy = sys.modules.get("numpy")  # three times as fast here, not worth importing
    codes = map(index.__getitem__, values)
    if numpy is not None:
        return memoryview(numpy.fromiter(codes, numpy.int32, len(values))).cast("B")
    return array("i", codes).tobytes()


def write_coded(
    length: int,
    codes: bytes | memoryview,
    texts: Sequence[str],
    buffers: Buffers,
    fail: Fail,
) -> RValue:
    """Write a character vector given as int32 codes into distinct strings (-1: NA)."""
    joined = "".join(texts)
    try:
        data = joined.encode()
    except UnicodeEncodeError as error:
        wrong = bisect_right(list(accumulate(map(len, texts))), error.start)
        raise fail(
            f"a string has a lone surrogate (U+{ord(joined[error.start]):04X}), which is no character. "
            "Hint: s.encode('utf-16', 'surrogatepass').decode('utf-16') joins pairs",
            _first(wrong, codes),
        ) from None
    if b"\0" in data:
        wrong, text = next((code, text) for code, text in enumerate(texts) if "\0" in text)
        raise fail(
            f"the string {text[:40]!r} has an embedded NUL, which R cannot hold. Hint: replace '\\0'",
            _first(wrong, codes),
        )
    if len(data) > _MAX_BYTES:
        raise fail("its distinct strings are longer than 2 GB together. Hint: send it in parts", None)
    ascii_only = len(data) == len(joined)
    lengths: Iterable[int] = map(len, texts) if ascii_only else (len(text.encode()) for text in texts)
    offsets = array("i", accumulate(lengths, initial=0))
    return {
        "type": "character",
        "length": length,
        "buffer": buffers.append(codes),
        "offsets": buffers.append(offsets.tobytes()),
        "data": buffers.append(data),
    }


def _first(code: int, codes: bytes | memoryview) -> int | None:
    """Find the first element of a code; None if there is only one element."""
    elements = memoryview(codes).cast("B").cast("i").tolist()
    return elements.index(code) if len(elements) > 1 else None


def read_pool(node: RValue, buffers: Buffers, fail: Callable[[str], ConversionError]) -> list[str]:
    """Return the distinct strings of a character vector."""
    data = bytes(buffers[node["data"]])
    offsets = memoryview(buffers[node["offsets"]]).cast("B").cast("i").tolist()
    try:
        text = data.decode()
        if len(text) == len(data):
            return [text[start:end] for start, end in pairwise(offsets)]
        return [data[start:end].decode() for start, end in pairwise(offsets)]
    except UnicodeDecodeError as error:
        sample = data[error.start : error.start + 20]
        raise fail(
            f"it has bytes that are not UTF-8 ({sample!r}). Hint: in R, iconv(x, 'latin1', 'UTF-8') if the "
            "text came from an old Windows or Latin-1 file"
        ) from None


def read_codes(node: RValue, buffers: Buffers) -> memoryview:
    """Return the codes of a character vector (int32, -1: NA); the buffer's own memory."""
    return memoryview(buffers[node["buffer"]]).cast("B").cast("i")


def read_strings(node: RValue, buffers: Buffers, fail: Callable[[str], ConversionError]) -> list[str | None]:
    """Read a character vector as a list of str, NA as None."""
    pool: list[str | None] = [*read_pool(node, buffers, fail), None]  # code -1 finds the None
    return [pool[code] for code in read_codes(node, buffers)]
