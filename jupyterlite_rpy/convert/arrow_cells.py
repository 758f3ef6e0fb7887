"""Text and binary columns of Arrow, in their three layouts -> one bytes for each cell."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .arrow_stream import Chunk, Field

__all__ = ["read_cells"]


def read_cells(field: Field, chunks: list[Chunk]) -> list[Any]:
    """Read text or binary cells as bytes, None where they are missing."""
    read = _views if field.format.startswith("v") else _fixed if field.format.startswith("w") else _offsets
    cells: list[Any] = []
    for chunk in chunks:
        piece: list[Any] = read(field, chunk)
        mask = chunk.mask()
        if mask is not None:
            piece = [None if gone else cell for cell, gone in zip(piece, mask.tolist(), strict=True)]
        cells += piece
    return cells


def _offsets(field: Field, chunk: Chunk) -> list[bytes]:
    ends = _ends(field, chunk)
    data = chunk.buffer(2, np.uint8, ends[-1] if ends else 0)[ends[0] if ends else 0 :].tobytes()
    first = ends[0] if ends else 0
    return [data[start - first : end - first] for start, end in pairwise(ends)]


def _ends(field: Field, chunk: Chunk) -> list[int]:
    dtype = "<i8" if field.format in ("U", "Z", "+L") else "<i4"
    return [
        int(end) for end in chunk.buffer(1, dtype, chunk.offset + chunk.length + 1)[chunk.offset :].tolist()
    ]


def _fixed(field: Field, chunk: Chunk) -> list[bytes]:
    width = int(field.format[2:])
    data = chunk.buffer(1, np.uint8, (chunk.offset + chunk.length) * width)[chunk.offset * width :].tobytes()
    return [data[start : start + width] for start in range(0, chunk.length * width, width)]


def _views(field: Field, chunk: Chunk) -> list[bytes]:
    """Read the view layout: short cells stand in the view itself, long ones in one of several buffers."""
    views = chunk.buffer(1, np.uint8, (chunk.offset + chunk.length) * 16).reshape(-1, 16)[chunk.offset :]
    words = np.ascontiguousarray(views).view("<i4")
    lengths = words[:, 0].tolist() if len(words) else []
    inline = np.ascontiguousarray(views[:, 4:]).view("S12").reshape(-1).tolist() if len(views) else []
    extra = chunk.n_buffers - 3  # between the views and, last, the sizes of the long buffers
    sizes = chunk.buffer(chunk.n_buffers - 1, "<i8", max(extra, 0)).tolist() if extra > 0 else []
    blocks = [chunk.buffer(2 + place, np.uint8, int(size)).tobytes() for place, size in enumerate(sizes)]
    where = words[:, 2:].tolist() if len(words) else []
    cells = []
    for length, short, (block, start) in zip(lengths, inline, where, strict=True):
        if length > 12:
            cells.append(blocks[block][start : start + length])
        else:  # NumPy drops NUL bytes at the end
            cells.append(short if len(short) == length else short + b"\0" * (length - len(short)))
    return cells
