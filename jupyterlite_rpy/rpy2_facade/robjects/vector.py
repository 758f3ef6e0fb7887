"""R vectors with R's ways: subsetting, operators, names, HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import engine
from ..engine import wraps
from ..sexp import SexpVector
from ..sexp_types import (
    BoolSexpVector,
    ByteSexpVector,
    ComplexSexpVector,
    ExprSexpVector,
    FloatSexpVector,
    IntSexpVector,
    LangSexpVector,
    ListSexpVector,
    StrSexpVector,
)
from .conversion import to_python, to_r
from .operators import DoubleExtractor, Extractor, Operators
from .robject import RObjectMixin

__all__ = [
    "BoolVector", "ByteVector", "ComplexVector", "ExprVector", "FloatVector", "IntVector", "LangVector",
    "ListVector", "StrVector", "Vector",
]  # fmt: skip


class Vector(RObjectMixin, SexpVector):
    """Any R vector. `x + y` is R's `c(x, y)`; R's addition is `x.ro + y`."""

    @property
    def rx(self) -> Extractor:
        """R's `[`."""
        return Extractor(self)

    @property
    def rx2(self) -> DoubleExtractor:
        """R's `[[`."""
        return DoubleExtractor(self)

    @property
    def ro(self) -> Operators:
        """R's operators."""
        return Operators(self)

    def __add__(self, other: Any) -> Any:
        return to_python(engine.call("base::c", self, to_r(other)))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, to_r(value))

    def items(self) -> Iterator[tuple[str | None, Any]]:
        """Iterate over pairs of name (None without names) and element."""
        names = self.names
        return zip(list(names) or [None] * len(self), self, strict=True)

    def sample(self, n: int, replace: bool = False, probabilities: Any = None) -> Any:
        """Draw from the elements at random."""
        prob = {} if probabilities is None else {"prob": to_r(probabilities)}
        return to_python(engine.call("base::sample", self, n, replace=replace, **prob))

    def __repr__(self) -> str:
        shown = [repr(value) for value in self._elements()[:6]]
        more = [f"... {len(self)} in all"] if len(self) > 6 else []
        return f"<{type(self).__name__} of R class {'/'.join(self.rclass)}: [{', '.join(shown + more)}]>"

    def _repr_html_(self) -> str | None:
        html = engine.session().html(self)
        return None if html is None else html[0]


@wraps("logical")
class BoolVector(Vector, BoolSexpVector):
    """Truth values."""


@wraps("integer")
class IntVector(Vector, IntSexpVector):
    """Whole numbers of 32 bits."""


@wraps("double")
class FloatVector(Vector, FloatSexpVector):
    """Numbers."""


@wraps("complex")
class ComplexVector(Vector, ComplexSexpVector):
    """Complex numbers."""


@wraps("character")
class StrVector(Vector, StrSexpVector):
    """Texts."""

    def factor(self) -> Any:
        """Return the factor of these labels."""
        return engine.call("base::factor", self)


@wraps("raw")
class ByteVector(Vector, ByteSexpVector):
    """Bytes."""


@wraps("list")
class ListVector(Vector, ListSexpVector):
    """A list. Made from a dict, from pairs of name and value, or from values.

    Parameters
    ----------
    values : mapping, iterable
        A dict, `OrdDict` or `TaggedList`; pairs of name and value; or anything that R's list() takes.
    """

    def _prepared(self, values: Any) -> Any:
        if hasattr(values, "typeof"):
            return values
        pairs = list(values.items()) if hasattr(values, "items") else list(values)
        if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            return engine.call("base::list", *map(to_r, pairs))
        made = engine.call("base::list", *(to_r(value) for _, value in pairs))
        return engine.call("base::names<-", made, [name or "" for name, _ in pairs]) if pairs else made

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        return value if isinstance(key, slice) else to_python(value)

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return map(to_python, self._elements())

    def getbyname(self, name: str) -> Any:
        """Return the element of a name."""
        return self.rx2(name)

    @staticmethod
    def from_length(length: int) -> Any:
        """Make a list of NULLs."""
        return engine.call("base::vector", "list", length)

    def __repr__(self) -> str:
        names = ", ".join(map(str, self.names))
        size = f"{len(self)} elements{': ' * bool(names)}{names}"
        return f"<{type(self).__name__} of R class {'/'.join(self.rclass)}: {size}>"


@wraps("expression")
class ExprVector(Vector, ExprSexpVector):
    """Parsed code."""


@wraps("language")
class LangVector(Vector, LangSexpVector):
    """A call."""

    def __repr__(self) -> str:
        return f"Rlang( {self.r_repr()} )"
