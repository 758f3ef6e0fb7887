"""Any R object, and R vectors with elements, as the façade's lower level has them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..robject import RObject
from . import engine
from .missing import NA_Logical, is_missing

__all__ = ["Sexp", "SexpVector"]


class Sexp(RObject):
    """Any R object. `str()` is what R prints."""

    def __init__(self, value: Sexp) -> None:
        self._become(engine.call("base::identity", value))

    def _become(self, other: Any) -> None:
        """Be another R object from now on; `other` takes what this was, and lets it go."""
        mine, its = vars(self), vars(other)
        for name in ("_session", "_id", "_epoch", "typeof", "_rclass"):
            old = mine.pop(name, None)
            if name in its:
                mine[name] = its.pop(name)
            if old is not None:
                its[name] = old
        mine.pop("_copied", None)

    @property
    def rclass(self) -> tuple[str, ...]:
        """R's `class()`."""
        known: tuple[str, ...] = self.__dict__["_rclass"]
        return known

    @rclass.setter
    def rclass(self, value: Any) -> None:
        self._become(engine.call("base::class<-", self, value))

    @property
    def rid(self) -> int:
        """R's number for the object."""
        return self.handle()

    def rsame(self, other: object) -> bool:
        """Tell whether another object is R's very same or equal to it in every respect."""
        return isinstance(other, Sexp) and bool(engine.native(engine.call("base::identical", self, other))[0])

    def list_attrs(self) -> tuple[str, ...]:
        """Return the names of R's attributes."""
        return tuple(self._ask("attributes") if self._ask("attributes") is not None else ())

    def do_slot(self, name: str) -> Any:
        """Return an attribute or slot, kept in R; `LookupError` if there is none."""
        if name not in self.list_attrs():
            raise LookupError(name)
        return engine.question("slot", self, name, keep=True)

    def do_slot_assign(self, name: str, value: object) -> None:
        """Set an attribute or slot."""
        self._become(engine.question("set_slot", self, name, value, keep=True))

    def r_repr(self) -> str:
        """Return R code that makes the object, as `deparse()` does."""
        return str(engine.question("deparse", self)[0])

    def __str__(self) -> str:
        return RObject.__repr__(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of R class {'/'.join(self.rclass)}>\n{RObject.__repr__(self)}"

    def __len__(self) -> int:
        return RObject.__len__(self)

    @property
    def __sexp__(self) -> Sexp:
        return self


class SexpVector(Sexp):
    """An R vector: positions count from 0. Its elements are copied to Python at the first look.

    A change makes a new vector in R, which this object is from then on: other variables keep the old one.
    """

    _coerce = "base::identity"
    _takes_bytes = False

    def __init__(self, values: Any) -> None:
        self._become(engine.call(self._coerce, self._prepared(values)))

    @classmethod
    def from_iterable(cls, values: Iterable[Any]) -> Any:
        """Make one from anything that can be iterated over."""
        return cls(list(values))

    from_object = from_iterable

    _element: Callable[[Any], Any] = staticmethod(lambda value: value)
    """Makes of one Python value what goes into the vector."""

    def _prepared(self, values: Any) -> Any:
        if isinstance(values, RObject) or hasattr(values, "dtype"):
            return values
        if isinstance(values, (str, bytes)) and not self._takes_bytes:
            raise TypeError(f"{type(self).__name__} takes a sequence of values: [{values!r}]")
        made = [None if is_missing(value) else self._element(value) for value in values]
        # A list of nothing but None has no type; R's NA has.
        unknown = bool(made) and all(value is None for value in made)
        return engine.call("base::rep", NA_Logical, len(made)) if unknown else made

    def _read(self) -> list[Any]:
        values = engine.question("values", self)
        listed: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
        return listed

    def _elements(self) -> list[Any]:
        known: list[Any] | None = self.__dict__.get("_copied")
        if known is None:
            self.handle()
            known = self.__dict__["_copied"] = self._read()
        return known

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return engine.call("base::[", self, [i + 1 for i in range(*key.indices(len(self)))] or 0)
        return self._elements()[self._place(key)]

    def _place(self, key: Any) -> int:
        """A position from 0, of a position or a name."""
        if not isinstance(key, str):
            return operator.index(key)
        try:
            return list(self.names).index(key)
        except ValueError:
            raise KeyError(key) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, slice):
            places = [i + 1 for i in range(*key.indices(len(self)))]
            self._become(engine.question("replace", self, places, self._prepared(value), keep=True))
            return
        key = self._place(key)
        if not -len(self) <= key < len(self):
            raise IndexError(f"index {key} of a vector of length {len(self)}")
        (made,) = self._prepared([value])
        self._become(engine.question("replace2", self, key % len(self) + 1, made, keep=True))

    def __len__(self) -> int:
        known = self.__dict__.get("_copied")
        return RObject.__len__(self) if known is None else len(known)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(self._elements())

    def __contains__(self, value: object) -> bool:
        return value in self._elements()

    def index(self, value: object) -> int:
        """Return the position of the first element that is equal."""
        return self._elements().index(value)

    @property
    def names(self) -> Any:
        """R's names as a vector, or NULL."""
        return engine.call("base::names", self)

    @names.setter
    def names(self, value: Any) -> None:
        self._become(engine.call("base::names<-", self, value))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        values = engine.native(self)
        values = values.view(values.__class__.__mro__[1]) if hasattr(values, "rattrs") else values
        array = values.filled() if hasattr(values, "filled") and not values.mask.any() else values
        return array if dtype is None else array.astype(dtype)
