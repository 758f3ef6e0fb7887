"""NumPy arrays <-> R's atomic vectors, matrices and arrays. Data move as whole buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import temporal
from .arrays import RArray, RMaskedArray, attach, plain_of
from .dispatch import KINDS, encodes
from .lists import encode_sequence
from .missing import INTEGER64_NA, INTEGER_NA, any_na, put_na
from .pool import encode_pooled
from .storage import elements, integer_elements, object_array, read_array
from .value import Attributes, RValue, vector, with_attributes

if TYPE_CHECKING:
    from .decode import Decoder
    from .encode import Encoder

__all__ = [
    "CLASSES",
    "decode_array",
    "encode_elements",
    "finish",
]

_MAX_INTEGER = -INTEGER_NA - 1

KINDS.update(
    {
        np.bool_: "logical",
        np.integer: "integer",
        np.floating: "double",
        np.complexfloating: "complex",
        np.timedelta64: "",  # it is an np.integer in NumPy's tree
    }
)


# Python -> R


@encodes(np.ndarray)
def encode_array(value: NDArray[Any], encoder: Encoder) -> RValue:
    """Encode an ndarray of any dtype; more than one dimension gives ``dim``."""
    if value.dtype.names is not None:
        return _structured(value, encoder)
    if value.ndim == 1:
        return encode_elements(value, encoder)
    if value.dtype.kind != "O":  # what stands in these has places of its own
        encoder.path.shape = value.shape
    node = encode_elements(value.reshape(-1, order="F"), encoder)
    encoder.path.shape = ()
    return with_attributes(node, _dim(value.shape, encoder))


@encodes(np.ma.MaskedArray)
def _masked(value: np.ma.MaskedArray[Any, Any], encoder: Encoder) -> RValue:
    if value.dtype.names is not None:
        return _structured(value, encoder)
    mask = np.ma.getmaskarray(value).reshape(-1, order="F")
    node = encode_elements(
        np.asarray(value.data).reshape(-1, order="F"), encoder, mask if mask.any() else None
    )
    return with_attributes(node, _dim(value.shape, encoder))


@encodes(RArray, RMaskedArray)
def _rarray(value: Any, encoder: Encoder) -> RValue:
    attributes = value.rattrs
    if not attributes and value.rtype is None:
        return encoder.encode(plain_of(value))
    flat = plain_of(value).reshape(-1, order="F")
    mask = None
    if isinstance(flat, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(flat) if flat.mask is not np.False_ else None
        flat = np.asarray(flat.data)
    if flat.dtype.kind in "mM":
        node = temporal.encode_kept(flat, value, encoder)
        if node is None:  # no longer of the class it had; its elements say what it is
            attributes = {
                key: part for key, part in attributes.items() if key not in ("class", "tzone", "units")
            }
            node = encode_elements(flat, encoder, mask)
    else:
        node = _as_stored(flat, mask, value, encoder)
    return with_attributes(node, _shape(value, attributes, encoder) + encoder.attributes(attributes))


@encodes(np.generic)
def _generic(value: np.generic, encoder: Encoder) -> RValue:
    if isinstance(value, np.void) and value.dtype.names is not None:
        return _structured(np.asarray(value).reshape(1), encoder)
    return encode_elements(np.asarray(value).reshape(1), encoder)


def encode_elements(values: NDArray[Any], encoder: Encoder, mask: NDArray[np.bool_] | None = None) -> RValue:
    """Encode a one-dimensional array by its dtype; `mask` marks the NA. Contiguous doubles are not copied."""
    kind = values.dtype.kind
    function = _BY_KIND.get(kind)
    if function is None:
        raise encoder.path.fail(
            f"an array of dtype {values.dtype} has no form in R. Hint: x.astype(object) or another dtype"
        )
    return function(values, mask, encoder)


def _logical(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    data = values.astype(np.int32)
    if mask is not None:
        data[mask] = INTEGER_NA
    return elements("logical", data, encoder.buffers)


def _integer(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    present = values if mask is None else values[~mask]
    if values.dtype.itemsize > 2 and present.size:
        low, high = int(present.min()), int(present.max())
        if low <= INTEGER_NA or high > _MAX_INTEGER:
            return _large(values, present, mask, encoder)
    return integer_elements(values, encoder.buffers, mask)


def _large(
    values: NDArray[Any], present: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder
) -> RValue:
    """Write integers beyond int32: as doubles if all are exact, else as bit64's integer64."""
    doubles = present.astype(np.float64)
    limit = 2.0 ** (64 if present.dtype.kind == "u" else 63)  # the first double that cannot be cast back
    if bool((doubles < limit).all()) and bool((doubles.astype(present.dtype) == present).all()):
        return _double(values, mask, encoder)
    high, low = int(present.max()), int(present.min())
    if high >= 2**63 or low == INTEGER64_NA:
        wrong = high if high >= 2**63 else low
        raise encoder.path.fail(
            f"the integer {wrong} is neither a double nor one of bit64's. Hint: x.astype(float), the nearest",
            int(np.flatnonzero(values == values.dtype.type(wrong))[0]) if values.size > 1 else None,
        )
    bits = values.astype("<i8")
    if mask is not None:
        bits[mask] = INTEGER64_NA
    node = vector("double", bits.size, encoder.buffers.append(bits.view(np.uint8).data))
    return with_attributes(node, [("class", encoder.strings(("integer64",)))])


def _double(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    data = np.ascontiguousarray(values, dtype="<f8")
    if (
        values.dtype.itemsize > 8
        and values.dtype.kind == "f"
        and not np.array_equal(data, values, equal_nan=True)
    ):
        encoder.path.lose(f"{values.dtype} became the nearest double")
    if mask is not None:
        data = data.copy() if data is values or np.shares_memory(data, values) else data
        put_na(data, mask)
    return elements("double", data, encoder.buffers)


def _complex(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    data = np.ascontiguousarray(values, dtype="<c16")
    if mask is not None:
        data = data.copy()
        put_na(data.view(np.float64), np.repeat(mask, 2))
    return elements("complex", data, encoder.buffers)


def _text(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    if values.dtype.kind == "S":
        try:
            texts = [text.decode() for text in values.tolist()]
        except UnicodeDecodeError:
            raise encoder.path.fail(
                f"its bytes (dtype {values.dtype}) are not UTF-8 text. Hint: numpy.char.decode(x, 'latin-1')"
            ) from None
    else:
        texts = values.tolist()
    if mask is not None:
        texts = [None if gone else text for text, gone in zip(texts, mask.tolist(), strict=True)]
    return encoder.texts(texts)


def _object(values: NDArray[Any], mask: NDArray[np.bool_] | None, encoder: Encoder) -> RValue:
    pooled = encode_pooled(values, encoder, _is_none) if mask is None else None
    if pooled is not None:
        return pooled
    items = values.tolist()
    if mask is not None:
        items = [None if gone else item for item, gone in zip(items, mask.tolist(), strict=True)]
    # R's character vectors arrive as such arrays, so one without any string in it is still one.
    if all(item is None for item in items):
        return encoder.strings(items)
    return encode_sequence(items, encoder)


def _is_none(item: object) -> bool:
    return item is None


_BY_KIND = {
    "b": _logical,
    "i": _integer,
    "u": _integer,
    "f": _double,
    "c": _complex,
    "U": _text,
    "T": _text,
    "S": _text,
    "O": _object,
    "M": temporal.encode_moments,
    "m": temporal.encode_spans,
}


def _as_stored(flat: NDArray[Any], mask: NDArray[np.bool_] | None, value: Any, encoder: Encoder) -> RValue:
    """Encode an RArray's elements in the storage they had in R, as long as they fit it."""
    rtype = value.rtype
    if rtype == "raw" and flat.dtype == np.uint8:
        return elements("raw", flat, encoder.buffers)
    if rtype == "double" and flat.dtype == np.int64 and "integer64" in value.rclass:
        bits = flat.astype("<i8")
        if mask is not None:
            bits[mask] = INTEGER64_NA
        return vector("double", bits.size, encoder.buffers.append(bits.view(np.uint8).data))
    if rtype == "character" and flat.dtype == object:
        pooled = encode_pooled(flat, encoder, _is_none)
        if pooled is not None:
            return pooled
        items = flat.tolist()
        if all(item is None or isinstance(item, str) for item in items):
            return encoder.texts(items)
    return encode_elements(flat, encoder, mask)


def _structured(value: Any, encoder: Encoder) -> RValue:
    """Encode a structured array as a data.frame."""
    if value.ndim != 1:
        value = value.reshape(-1)
    names = list(value.dtype.names)
    encoder.enter(value)
    items = [encoder.child(value[name], name) for name in names]
    encoder.leave(value)
    rows = np.array([INTEGER_NA, -len(value)] if len(value) else [], np.int32)
    return with_attributes(
        {"type": "list", "length": len(items), "items": items},
        [
            ("names", encoder.strings(names)),
            ("class", encoder.strings(("data.frame",))),
            ("row.names", integer_elements(rows, encoder.buffers)),
        ],
    )


def _dim(shape: tuple[int, ...], encoder: Encoder) -> Attributes:
    if len(shape) < 2:
        return []
    return [("dim", integer_elements(np.array(shape, np.int32), encoder.buffers))]


def _shape(value: Any, attributes: dict[str, Any], encoder: Encoder) -> Attributes:
    names = attributes.get("names")
    if names is not None and len(names) != value.size:
        raise encoder.path.fail(
            f"{value.size} elements but {len(names)} names. Hint: set x.rattrs['names'] too"
        )
    return [] if "dim" in attributes else _dim(value.shape, encoder)


# R -> Python


def decode_array(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Decode an atomic vector: bytes, a plain array, a masked array, or one that keeps R's attributes."""
    kind = node["type"]
    if kind == "raw" and not attributes:
        return bytes(decoder.buffers[node["buffer"]])
    data = object_array(node, decoder) if kind == "character" else read_array(node, decoder.buffers)
    if kind in ("logical", "integer"):
        data = _with_mask(data, kind)
    return finish(data, kind, attributes, decoder)


def finish(data: Any, rtype: str, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    """Give decoded elements their shape and, if there is more than that, their R attributes."""
    if not attributes:
        return data
    rest = dict(attributes)
    if "dim" in rest:
        dim = read_array(rest["dim"], decoder.buffers)
        if dim.size > 1:
            data = data.reshape(tuple(dim.tolist()), order="F")
            del rest["dim"]
            if not rest and rtype != "raw":
                return data
    return attach(data, rtype, decoder.attributes(rest))


def _with_mask(data: NDArray[Any], kind: str) -> Any:
    mask = data == INTEGER_NA if any_na(data) else None
    values = data.astype(np.bool_) if kind == "logical" else data
    return values if mask is None else np.ma.MaskedArray(values, mask)


def _decode_integer64(node: RValue, attributes: dict[str, RValue], decoder: Decoder) -> Any:
    if node["type"] != "double":
        return decode_array(node, attributes, decoder)
    data: Any = read_array(node, decoder.buffers).view(np.int64)
    mask = data == INTEGER64_NA
    return finish(np.ma.MaskedArray(data, mask) if mask.any() else data, "double", attributes, decoder)


CLASSES = {
    "integer64": _decode_integer64,
    "Date": temporal.decode_dates,
    "difftime": temporal.decode_spans,
}
