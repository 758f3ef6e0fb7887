"""R's operators and R's subsetting on vectors: `x.ro + 1`, `x.rx(1)`, `x.rx2("name")`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import engine
from ..missing import MissingArg
from .conversion import to_python, to_r

__all__ = ["DoubleExtractor", "Extractor", "Operators"]


class Extractor:
    """R's `x[...]`: positions from 1, names, truth values; `x.rx[i] = value` assigns.

    Parameters
    ----------
    owner
        The R vector.
    """

    function = "["

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def __call__(self, *args: Any, **named: Any) -> Any:
        named = {name: to_r(value) for name, value in named.items()}
        return to_python(engine.call(f"base::{self.function}", self._owner, *map(_place, args), **named))

    def __getitem__(self, key: Any) -> Any:
        return self(*key) if isinstance(key, tuple) else self(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        places = key if isinstance(key, tuple) else (key,)
        made = engine.call(f"base::{self.function}<-", self._owner, *map(_place, places), value=to_r(value))
        self._owner._become(made)


class DoubleExtractor(Extractor):
    """R's `x[[...]]`: one element."""

    function = "[["


def _place(value: Any) -> Any:
    # All of a dimension: R recycles TRUE over it.
    return True if value is MissingArg or value is None else to_r(value)


class Operators:
    """R's arithmetic, comparison and logic: element by element, recycled, with R's NA.

    Parameters
    ----------
    owner
        The left operand.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def __neg__(self) -> Any:
        return to_python(engine.call("base::-", self._owner))

    def __invert__(self) -> Any:
        return to_python(engine.call("base::!", self._owner))


def _operator(symbol: str, swapped: bool = False) -> Callable[[Operators, Any], Any]:
    def operate(self: Operators, other: Any) -> Any:
        other = to_r(other._owner if isinstance(other, Operators) else other)
        operands = (other, self._owner) if swapped else (self._owner, other)
        return to_python(engine.call(f"base::{symbol}", *operands))

    return operate


for _name, _symbol in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "^", "floordiv": "%/%", "mod": "%%",
    "matmul": "%*%", "and": "&", "or": "|",
}.items():  # fmt: skip
    setattr(Operators, f"__{_name}__", _operator(_symbol))
    setattr(Operators, f"__r{_name}__", _operator(_symbol, swapped=True))
for _name, _symbol in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    setattr(Operators, f"__{_name}__", _operator(_symbol))
