"""R's storage of vectors <-> NumPy arrays of the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .missing import INTEGER_NA, quieten
from .strings import read_codes, read_pool
from .value import Buffers, RValue, vector

if TYPE_CHECKING:
    from .decode import Decoder

__all__ = ["elements", "integer_elements", "object_array", "read_array"]

_DTYPES: dict[str, np.dtype[Any]] = {
    "logical": np.dtype("<i4"),
    "integer": np.dtype("<i4"),
    "double": np.dtype("<f8"),
    "complex": np.dtype("<c16"),
    "raw": np.dtype("u1"),
}


def elements(kind: str, values: NDArray[Any], buffers: Buffers) -> RValue:
    """Write an array that has R's storage already."""
    data = np.ascontiguousarray(values, dtype=_DTYPES[kind])
    return vector(kind, data.size, buffers.append(data.view(np.uint8).data))


def integer_elements(values: NDArray[Any], buffers: Buffers, mask: NDArray[np.bool_] | None = None) -> RValue:
    """Write int32 values, NA where `mask` is true."""
    if mask is not None:
        values = values.astype(np.int32)
        values[mask] = INTEGER_NA
    return elements("integer", values, buffers)


def read_array(node: RValue, buffers: Buffers) -> NDArray[Any]:
    """Read the elements in R's storage (logical as int32); shares the memory of a writable buffer.

    Not for character vectors.
    """
    kind = node["type"]
    data = np.frombuffer(buffers[node["buffer"]], dtype=_DTYPES[kind])
    if not data.flags.writeable:
        data = data.copy()
    if kind in ("double", "complex"):
        quieten(data.view(np.float64))
    return data


def object_array(node: RValue, decoder: Decoder, missing: object = None) -> NDArray[Any]:
    """Read a character vector as an object array of str, NA as `missing`; a copy."""
    texts = read_pool(node, decoder.buffers, decoder.path.fail)
    pool = np.empty(len(texts) + 1, object)
    pool[:-1] = texts
    pool[-1] = missing  # where code -1 points
    codes = np.frombuffer(read_codes(node, decoder.buffers), np.int32)
    return pool[codes]
