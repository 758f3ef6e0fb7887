"""RValue and buffers -> Python value. The inverse of encode; what becomes what is in docs/conversions.md."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Sequence
from datetime import tzinfo
from typing import Any

from . import without_numpy
from .context import Conversion
from .dates import zone
from .lists import RList
from .missing import INTEGER_NA
from .na import NA, NA_character_, NA_integer_
from .path import Path
from .strings import read_strings
from .value import Buffers, RValue, attributes_of

__all__ = ["STRUCTURAL_CLASSES", "Decoder", "decode", "learn"]

STRUCTURAL_CLASSES = (
    "factor",
    "Date",
    "POSIXct",
    "POSIXlt",
    "difftime",
    "integer64",
    "data.frame",
    "ts",
    "table",
    "AsIs",
    "vctrs_list_of",
)
"""R classes that cross as their structure; an object of any other class stays in R behind a handle."""

Decode = Callable[[RValue, dict[str, RValue], "Decoder"], Any]


def decode(
    node: RValue, buffers: Buffers, *, context: Conversion, name: str = "", scalars: bool = False
) -> Any:
    """Decode one R value.

    Parameters
    ----------
    node : RValue
        The value's structure.
    buffers : Buffers
        Its data. NumPy arrays of the result share the memory of writable buffers; read-only ones are copied.
    context : Conversion
        The session's choices.
    name : str
        The variable's name, for errors and warnings.
    scalars : bool
        Whether vectors of length 1 without attributes become bool, int, float, complex or str (NA: `NA`,
        `NA_integer_`, `NA_character_`, of double a NaN): what R gives to a Python function, which is written
        for such.

    Returns
    -------
    object
        See docs/conversions.md.

    Raises
    ------
    ConversionError
        R's data cannot be a Python value, such as text that is not UTF-8.
    """
    decoder = Decoder(buffers, context, name, scalars)
    try:
        value = decoder.decode(node)
    except RecursionError:
        raise decoder.path.fail("lists nested too deeply. Hint: flatten them in R") from None
    decoder.path.warn(context)
    return value


class Decoder:
    """The state of one decoding.

    Attributes
    ----------
    buffers : Buffers
    context : Conversion
    path : Path
        Say ``path.fail(text)`` for an error and ``path.lose(text)`` for a warning at this place.
    """

    __slots__ = ("_atomic", "_classes", "_converters", "_scalars", "buffers", "context", "path")

    def __init__(self, buffers: Buffers, context: Conversion, name: str = "", scalars: bool = False) -> None:
        self.buffers = buffers
        self.context = context
        self.path = Path(name)
        self._scalars = scalars
        converters = context.in_force()
        self._converters = None if converters.empty else converters
        self._atomic, self._classes = _rules(context.numpy, context.pandas)

    def decode(self, node: RValue) -> Any:
        """Decode a value at the current path."""
        kind = node["type"]
        if kind == "NULL":
            return None
        if kind == "handle":
            return self._convert(self.context.handle(node), node.get("class", ()))
        if kind == "python":
            try:
                return self.context.objects.get(node["id"])
            except KeyError:
                raise self.path.fail("it is a Python object that was let go: R was restarted since") from None
        attributes = attributes_of(node)
        if "class" in attributes:
            return self._classed(node, attributes)
        if kind == "list":
            return self.plain_list(node, attributes)
        if self._scalars and node["length"] == 1 and not attributes and kind in _SCALARS:
            return self._scalar(node)
        return self._atomic(node, attributes, self)

    def _scalar(self, node: RValue) -> Any:
        kind = node["type"]
        if kind == "character":
            text = self.strings(node)[0]
            return NA_character_ if text is None else text
        layout, make = _SCALARS[kind]
        numbers = layout.unpack(self.buffers[node["buffer"]])
        if layout.size == 4 and numbers[0] == INTEGER_NA:
            # Not None: that is NULL on the way back.
            return NA if kind == "logical" else NA_integer_
        return make(*numbers)

    def child(self, node: RValue, step: object) -> Any:
        """Decode a part: `step` is its index, or its name."""
        self.path.steps.append(step)
        value = self.decode(node)
        self.path.steps.pop()
        return value

    def strings(self, node: RValue) -> list[str | None]:
        """Read a character vector as a list, NA as None; other types have no strings."""
        if node["type"] != "character":
            return []
        return read_strings(node, self.buffers, self.path.fail)

    def attributes(self, nodes: dict[str, RValue]) -> dict[str, Any]:
        """Decode attributes by name."""
        return {name: self.child(node, ("@", name)) for name, node in nodes.items()} if nodes else {}

    def zone(self, tzone: str | None) -> tzinfo:
        """Return the time zone of a ``tzone``; the session's if it says none, UTC if it is unknown."""
        name = tzone or self.context.timezone
        try:
            return zone(name)
        except KeyError:
            self.path.lose(
                f"times of the unknown time zone {name!r} are shown in UTC. Hint: pip install tzdata"
            )
            return zone("UTC")

    def _classed(self, node: RValue, attributes: dict[str, RValue]) -> Any:
        rclass = self.strings(attributes["class"])
        for name in rclass:
            function = self._classes.get(name) if name is not None else None
            if function is not None and (node["type"] == "list") == (name in _LISTS):
                return self._convert(function(node, attributes, self), rclass)
        if node["type"] == "list":
            return self._convert(self.plain_list(node, attributes), rclass)
        return self._convert(self._atomic(node, attributes, self), rclass)

    def _convert(self, value: Any, rclass: Any) -> Any:
        if self._converters is None:
            return value
        converter = self._converters.for_class(rclass)
        return value if converter is None else converter(value)

    def items(self, node: RValue, steps: Sequence[object]) -> list[Any]:
        """Decode the items of a list: `steps` are their indices, or names."""
        if "handles" not in node:
            return [self.child(item, step) for step, item in zip(steps, node["items"], strict=True)]
        many, make = node["handles"], self.context.handle
        # One dict and one tuple for all of a kind: most of the time goes into Python's collector.
        kinds: list[Any] = [{**kind, "class": tuple(kind["class"])} for kind in many["kinds"]]
        made = []
        for id, of in zip(many["ids"], many["of"], strict=True):
            node = kinds[of]
            node["id"] = id
            made.append(make(node))
        if self._converters is None:
            return made
        return [self._convert(one, kinds[of]["class"]) for one, of in zip(made, many["of"], strict=True)]

    def plain_list(self, node: RValue, attributes: dict[str, RValue]) -> Any:
        """Decode an R list without regard to its class: a list, a dict, or an RList."""
        steps: Sequence[object] = range(node["length"])
        if not attributes:
            return self.items(node, steps)
        names = self.strings(attributes["names"]) if "names" in attributes else None
        values = self.items(node, names or steps)
        if len(attributes) == 1 and names is not None and _are_keys(names):
            return self.context.make_dict(zip(names, values, strict=True))
        rest = {key: value for key, value in attributes.items() if key != "names"}
        return RList(values, names, self.attributes(rest))


_SCALARS: dict[str, tuple[struct.Struct, Callable[..., Any]]] = {
    "logical": (struct.Struct("<i"), bool),
    "integer": (struct.Struct("<i"), int),
    "double": (struct.Struct("<d"), float),
    "complex": (struct.Struct("<dd"), complex),
    "character": (struct.Struct(""), str),
}

_LISTS = ("data.frame", "POSIXlt")  # the classes above that are lists; the others are atomic


def _are_keys(names: list[str | None]) -> bool:
    """Tell whether names can be a dict's keys: all there, none twice."""
    return None not in names and "" not in names and len(set(names)) == len(names)


def learn(libraries: Collection[str]) -> None:
    """Import ahead of the first value what values become with these libraries."""
    _rules("numpy" in libraries, "pandas" in libraries)


def _rules(numpy: bool, pandas: bool) -> tuple[Decode, dict[str, Decode]]:
    """Return the rules for plain vectors and for R's classes, by what the session has."""
    known = _RULES.get((numpy, pandas))
    if known is not None:
        return known
    atomic: Decode = without_numpy.decode_vector
    classes: dict[str, Decode] = dict(without_numpy.CLASSES)
    if numpy:
        from . import ndarrays

        atomic = ndarrays.decode_array
        classes.update(ndarrays.CLASSES)
    if numpy and pandas:
        from . import frames

        classes.update(frames.CLASSES)
    _RULES[numpy, pandas] = (atomic, classes)
    return atomic, classes


_RULES: dict[tuple[bool, bool], tuple[Decode, dict[str, Decode]]] = {}
