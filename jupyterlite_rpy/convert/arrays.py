"""RArray: a NumPy array that keeps what else R knows of it: names, dimnames, class, units, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .attributed import Attributed

__all__ = ["RArray", "RMaskedArray", "attach", "plain_of"]

_NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})


class _Attributed(Attributed):
    """What both array classes share: R's attributes, and look-up by name."""

    rtype: str | None
    stored: tuple[NDArray[Any], NDArray[Any]] | None

    @property
    def names(self) -> list[str | None] | None:
        """R's names, or None."""
        names = self.rattrs.get("names")
        if names is None and getattr(self, "ndim", 0) == 1:
            return (self.dimnames or [None])[0]
        return None if names is None else list(names)

    def __getitem__(self, key: Any) -> Any:
        """Index as NumPy does, on a plain view; text looks up in the names (of its dimension)."""
        if isinstance(key, str):
            key = _position(self.names, key)
        elif isinstance(key, list) and key and all(isinstance(part, str) for part in key):
            key = [_position(self.names, part) for part in key]
        elif isinstance(key, tuple) and any(isinstance(part, str) for part in key):
            names = self.dimnames or []
            key = tuple(
                _position(names[axis] if axis < len(names) else None, part) if isinstance(part, str) else part
                for axis, part in enumerate(key)
            )
        return plain_of(self)[key]

    def __repr__(self) -> str:
        parts = [repr(plain_of(self)).removeprefix("masked_").removeprefix("array(").removesuffix(")")]
        for name, value in self.rattrs.items():
            parts.append(f"{name}={_shown(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        from ..robject import RObject  # an attribute that lives in R cannot travel

        kept = {name: value for name, value in self.rattrs.items() if not isinstance(value, RObject)}
        return _rebuild, (type(self), plain_of(self), self.rtype, kept)

    def sort(self, *args: Any, **kwargs: Any) -> None:
        """Sort in place; what R's attributes say of single elements is dropped."""
        plain_of(self).sort(*args, **kwargs)
        self.rattrs = {
            name: value for name, value in self.rattrs.items() if name not in ("names", "dimnames")
        }

    def copy(self, order: Any = "C") -> Any:
        """Copy data and attributes."""
        made: Any = attach(plain_of(self).copy(order), self.rtype, self.rattrs)
        made.stored = self.stored
        return made

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any = None) -> Any:
        return self.copy()


class RArray(_Attributed, np.ndarray[Any, Any]):
    """A NumPy array with R's attributes.

    Indexing, views and the results of arithmetic are plain arrays; only the whole array and its copies keep
    the attributes, which go back to R with it.

    Examples
    --------
    >>> x = RArray([1.5, 2.5], {"names": ["wt", "hp"]})
    >>> float(x["hp"]), type(x + 1).__name__
    (2.5, 'ndarray')
    """

    def __new__(
        cls, data: Any, attributes: Mapping[str, Any] = _NO_ATTRIBUTES, rtype: str | None = None
    ) -> RArray:
        """Make one over the data.

        Parameters
        ----------
        data : array-like
            The elements; an ndarray is not copied.
        attributes : mapping, optional
            R attributes by name, such as ``{"names": ["a", "b"]}``.
        rtype : str, optional
            R's storage (logical, integer, double, complex, raw, character) where the dtype does not say it.
        """
        made: RArray = attach(np.asarray(data), rtype, attributes)
        return made

    def __array_finalize__(self, obj: Any) -> None:
        self.rtype = None
        self.rattrs = {}
        self.stored = None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        inputs = tuple(plain_of(value) for value in inputs)
        out = kwargs.get("out")
        if out is not None:
            kwargs["out"] = tuple(plain_of(value) for value in out)
        result = getattr(ufunc, method)(*inputs, **kwargs)
        return result if out is None else out[0] if len(out) == 1 else out  # x += 1 leaves x what it is

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        result = super().__array_function__(func, types, args, kwargs)
        return tuple(map(plain_of, result)) if type(result) is tuple else plain_of(result)


class RMaskedArray(_Attributed, np.ma.MaskedArray[Any, Any]):
    """A masked array (integers or logicals with NA) with R's attributes; otherwise as `RArray`."""

    def __array_finalize__(self, obj: Any) -> None:
        super().__array_finalize__(obj)
        self.rtype = None
        self.rattrs = {}
        self.stored = None


def attach(data: NDArray[Any], rtype: str | None, attributes: Mapping[str, Any]) -> Any:
    """Give an array R attributes; the result shares its memory."""
    made: Any = data.view(RMaskedArray if isinstance(data, np.ma.MaskedArray) else RArray)
    made.rtype = rtype
    made.rattrs = dict(attributes)
    return made


def plain_of(value: Any) -> Any:
    """Return the same memory without R attributes; other values as they are."""
    if isinstance(value, RMaskedArray):
        return value.view(np.ma.MaskedArray)
    return value.view(np.ndarray) if isinstance(value, RArray) else value


def _plain_method(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(plain_of(self), name)(*args, **kwargs)

    method.__name__ = name
    method.__doc__ = getattr(np.ndarray, name).__doc__
    return method


# What makes another array of this one is plain: its attributes would describe something else.
for _name in (
    "astype",
    "diagonal",
    "flatten",
    "ravel",
    "repeat",
    "reshape",
    "squeeze",
    "swapaxes",
    "take",
    "transpose",
):
    setattr(RArray, _name, _plain_method(_name))
    setattr(RMaskedArray, _name, _plain_method(_name))
for _name in ("T", "imag", "real"):
    setattr(RArray, _name, property(lambda self, name=_name: getattr(plain_of(self), name)))  # type: ignore[misc]


def _position(names: list[str | None] | None, name: str) -> int:
    try:
        return (names or []).index(name)
    except ValueError:
        raise KeyError(name) from None


def _shown(value: Any) -> str:
    return repr(value.tolist()) if isinstance(value, np.ndarray) and value.size < 50 else repr(value)


def _rebuild(cls: type, data: Any, rtype: str | None, attributes: dict[str, Any]) -> Any:
    return attach(data, rtype, attributes)
