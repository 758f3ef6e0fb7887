"""Python value -> RValue and buffers. The inverse of decode; what becomes what is in docs/conversions.md."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..robject import RObject
from . import dispatch, lists, scalars, without_numpy  # noqa: F401 - they fill the table
from .context import Conversion
from .path import Path
from .strings import write_strings
from .value import Attributes, Buffers, RValue

__all__ = ["Encoder", "encode", "refer"]

# Far more than data need, and R's side stops at 200.
_MAX_DEPTH = 150


def encode(value: object, buffers: Buffers, *, context: Conversion, name: str = "") -> RValue:
    """Encode one Python value.

    Parameters
    ----------
    value : object
        Anything; see docs/conversions.md.
    buffers : Buffers
        The data are appended here. Contiguous arrays are not copied: the buffers show their memory, so send
        them before the value can change.
    context : Conversion
        The session's choices.
    name : str
        The variable's name, for errors and warnings.

    Returns
    -------
    RValue
        JSON-able; it names the appended buffers.

    Raises
    ------
    ConversionError
        The value, or something in it, has no form in R; the message names the place. Nothing was sent.
    """
    encoder = Encoder(buffers, context, name)
    mark = context.objects.mark()
    try:
        node = encoder.encode(value)
    except RecursionError:  # less was left of the stack than the depth below needs
        context.objects.roll_back(mark)
        raise encoder.path.fail("containers nested too deeply. Hint: flatten them") from None
    except BaseException:
        context.objects.roll_back(mark)
        raise
    encoder.path.warn(context)
    return node


def refer(value: object, *, context: Conversion, convert: bool = True) -> RValue:
    """Leave a value in Python, whatever it is, and give R a reference to it.

    Parameters
    ----------
    value : object
        It lives on as long as R refers to it.
    context : Conversion
        The session's choices.
    convert : bool
        Whether what R asks of the object is converted, or stays in Python as well.
    """
    node = Encoder(Buffers(), context).python(value)
    return node if convert else {**node, "convert": False}


class Encoder:
    """The state of one encoding: where the data go, and which place of the value is at hand.

    Attributes
    ----------
    buffers : Buffers
    context : Conversion
    path : Path
        Say ``path.fail(text)`` for an error and ``path.lose(text)`` for a warning at this place.
    """

    __slots__ = ("_active", "_classes", "_converters", "_converting", "buffers", "context", "path")

    def __init__(self, buffers: Buffers, context: Conversion, name: str = "") -> None:
        self.buffers = buffers
        self.context = context
        self.path = Path(name)
        self._active: set[int] = set()
        converters = context.in_force()
        self._converters = None if converters.empty else converters
        self._converting: list[object] = []
        # Of what stayed in Python: its class and whether R can call it.
        self._classes: dict[type, RValue] = {}

    def encode(self, value: object) -> RValue:
        """Encode a value at the current path."""
        cls = type(value)
        if self._converters is not None:
            converter = self._converters.for_type(cls)
            if converter is not None and not any(value is one for one in self._converting):
                self._converting.append(value)
                made = converter(value)
                if type(made) is cls:  # the converter hands on to the built-in rule
                    self._converting.append(made)
                    node = self._built_in(made)
                    self._converting.pop()
                else:
                    node = self.encode(made)
                self._converting.pop()
                return node
        return self._built_in(value)

    def child(self, value: object, step: object) -> RValue:
        """Encode a part: `step` is its index, or its key."""
        self.path.steps.append(step)
        node = self.encode(value)
        self.path.steps.pop()
        return node

    def enter(self, container: object) -> None:
        """Begin the parts of a container; a cycle or absurd depth is an error. Pair it with `leave`."""
        if id(container) in self._active:
            raise self.path.fail(
                f"a {type(container).__name__} that contains itself has no form in R. Hint: break the cycle"
            )
        if len(self._active) >= _MAX_DEPTH:
            raise self.path.fail(f"containers nested more than {_MAX_DEPTH} deep. Hint: flatten them")
        self._active.add(id(container))

    def leave(self, container: object) -> None:
        """End the parts of a container."""
        self._active.discard(id(container))

    def strings(self, values: Any) -> RValue:
        """Write strings and None as a character vector: names, levels and the like."""
        return write_strings(values, self.buffers, lambda message, at: self.path.fail(message))

    def texts(self, values: Any) -> RValue:
        """Write strings and None as a character vector: elements, which errors name by their place."""
        return write_strings(values, self.buffers, self.path.fail)

    def attributes(self, values: Mapping[str, object]) -> Attributes:
        """Encode R attributes by name, ``dim`` first: others depend on it when R sets them."""
        names = sorted(values, key=lambda name: name != "dim")
        return [(name, self.child(values[name], ("@", name))) for name in names]

    def python(self, value: object) -> RValue:
        """Leave a value in Python and give R a handle of it."""
        return {"type": "python", "id": self.context.objects.add(value), **self._kind(value)}

    def pythons(self, values: Sequence[object]) -> RValue | None:
        """Leave many values in Python, a list of handles in columns; None if one of them would not stay."""
        classes = list(map(type, values))
        samples = dict(zip(classes, values, strict=True))
        if self._converters is not None or not all(map(self._stays, samples)):
            return None
        place = {cls: at for at, cls in enumerate(samples)}
        columns: dict[str, list[Any]] = {
            "ids": self.context.objects.add_all(values),
            "of": [place[cls] for cls in classes],
            "kinds": [self._kind(sample) for sample in samples.values()],
        }
        return {"type": "list", "length": len(values), "pythons": columns}

    def _stays(self, cls: type) -> bool:
        """Tell whether no rule makes data of the objects of a type."""
        return cls in self._classes or not (
            dispatch.find(cls) is not None
            or dataclasses.is_dataclass(cls)
            or hasattr(cls, "__arrow_c_stream__")
            or hasattr(cls, "__arrow_c_array__")
            or _read_once(cls)
        )

    def _kind(self, value: object) -> RValue:
        """Describe what all objects of a type have in common."""
        cls = type(value)
        kind = self._classes.get(cls)
        if kind is None:
            names = [_class_name(base) for base in cls.__mro__[:-1]]
            kind = self._classes[cls] = {"class": names, "callable": callable(value)}
        return kind

    def _built_in(self, value: object) -> RValue:
        cls = type(value)
        if cls in self._classes:
            return self.python(value)
        function = dispatch.find(cls)
        if function is not None:
            return function(value, self)
        if self._stays(cls):
            return self.python(value)
        if dataclasses.is_dataclass(cls):
            return lists.encode_dataclass(value, self)
        if _read_once(cls):
            raise self.path.fail(
                f"a {cls.__name__} can be read only once and is not converted. Hint: pass list(...) of it"
            )
        try:
            from . import arrow
        except ImportError as error:
            raise self.path.fail(f"Arrow data need NumPy ({error}). Hint: install numpy") from None
        return arrow.encode_stream(value, self)


def _read_once(cls: type) -> bool:
    return issubclass(cls, Iterator) and not issubclass(cls, io.IOBase)


def _class_name(cls: type) -> str:
    module = cls.__module__
    return cls.__qualname__ if module == "builtins" else f"{module}.{cls.__qualname__}"


@dispatch.encodes(RObject)
def _robject(value: RObject, encoder: Encoder) -> RValue:
    encoder.buffers.keep(value)  # a converter's result may have no other owner, and R must not free it yet
    return {"type": "handle", "id": value.handle(), "typeof": value.typeof, "class": list(value.rclass)}
