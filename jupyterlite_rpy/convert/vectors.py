"""Vectors and frames without NumPy: RVector is a list, RFrame a dict, and both keep what R knows of them.

They are what R's values become where NumPy and pandas are not at hand, and go back identical.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from .attributed import Attributed

__all__ = ["RFrame", "RVector", "known_rows"]

_NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})


class RVector(Attributed, list[Any]):
    """An R vector as a list: NA is None; names, dim, class and the rest are kept.

    Matrices are flat, column after column, as in R; ``x["row", "col"]`` and ``x[0, 1]`` look up in them.

    Parameters
    ----------
    items : iterable
        The elements: bool, int, float, complex, str; or date, datetime, timedelta, labels for R's classes.
    rtype : str
        R's storage: logical, integer, double, complex, raw or character.
    attributes : mapping, optional
        R attributes by name.
    """

    __hash__ = None

    def __init__(
        self, items: Iterable[Any], rtype: str, attributes: Mapping[str, Any] = _NO_ATTRIBUTES
    ) -> None:
        super().__init__(items)
        self.rtype = rtype
        self.rattrs: dict[str, Any] = dict(attributes)
        self.stored: tuple[list[Any], list[Any]] | None = None  # what was shown, and R's own numbers for it

    @property
    def names(self) -> list[str | None] | None:
        """R's names, or None."""
        names = self.rattrs.get("names")
        return None if names is None else list(names)

    @property
    def dim(self) -> tuple[int, ...] | None:
        """The shape of a matrix or array, or None."""
        dim = self.rattrs.get("dim")
        return None if dim is None else tuple(dim)

    def __getitem__(self, key: Any) -> Any:
        """Return an element by position or name, or by row and column; a slice is a plain list."""
        if isinstance(key, str):
            try:
                return super().__getitem__((self.names or []).index(key))
            except ValueError:
                raise KeyError(key) from None
        if isinstance(key, tuple) and self.dim is not None:
            place, stride = 0, 1
            names = self.dimnames or [None] * len(self.dim)
            for index, extent, labels in zip(key, self.dim, names, strict=True):
                at = (labels or []).index(index) if isinstance(index, str) else range(extent)[index]
                place += at * stride
                stride *= extent
            return super().__getitem__(place)
        return super().__getitem__(key)

    def __repr__(self) -> str:
        shown = {key: value for key, value in self.rattrs.items() if key != "names"}
        names = "" if self.names is None else f", names={self.names!r}"
        return f"RVector({list(self)!r}{names}{f', attributes={shown!r}' if shown else ''})"

    def __reduce__(self) -> tuple[Any, ...]:
        return RVector, (list(self), self.rtype, self.rattrs)


class RFrame(dict[str, Any]):
    """An R data.frame as a dict of columns; row names, class and the rest are kept.

    Parameters
    ----------
    columns : mapping
        Column by name.
    attributes : mapping, optional
        R attributes by name, without ``names``; the default is a plain data.frame.
    """

    def __init__(self, columns: Mapping[str, Any], attributes: Mapping[str, Any] | None = None) -> None:
        super().__init__(columns)
        self.rattrs: dict[str, Any] = {"class": ["data.frame"]} if attributes is None else dict(attributes)

    @property
    def rclass(self) -> list[str]:
        """R's class attribute."""
        return list(self.rattrs.get("class", ()))

    @property
    def nrow(self) -> int:
        """Number of rows."""
        for column in self.values():
            return len(column)
        return known_rows(self.rattrs.get("row.names"))

    def __repr__(self) -> str:
        return f"RFrame({dict(self)!r}, class={self.rclass!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return RFrame, (dict(self), self.rattrs)


def known_rows(rows: Any) -> int:
    """Return how many rows there are names for; R's automatic ones are NA and minus their number."""
    if rows is None:
        return 0
    items = rows.tolist() if hasattr(rows, "tolist") else list(rows)  # a masked array's NA is None then
    if len(items) == 2 and items[0] is None:
        return abs(int(items[1]))
    return len(items)
