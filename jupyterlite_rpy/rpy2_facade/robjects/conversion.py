"""`rpy2.robjects.conversion`: which rules are in force, and values through them.

A converter has two tables, Python type -> function (`py2rpy`) and class of R object -> function (`rpy2py`).
What its tables do not know goes by this package's own rules: every Python value that R has a form for is
taken, and R's objects stay in R unless the converter is one for NumPy or pandas.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import singledispatch
from typing import Any

from ...convert import Converters
from ...robject import RObject
from .. import engine
from ..sexp import Sexp, SexpVector

__all__ = [
    "Converter", "NameClassMap", "default_converter", "get_conversion", "localconverter", "py2rpy",
    "rpy2py", "set_conversion", "to_python", "to_r",
]  # fmt: skip


class _Table:
    """One direction of a converter: functions by type, the built-in rule for the rest."""

    def __init__(
        self, rule: Callable[[Any], Any], finish: Callable[[Any], Any] = lambda value: value
    ) -> None:
        self._rule = rule
        self._finish = finish
        self._functions = singledispatch(rule)

    def __call__(self, value: Any) -> Any:
        return self._finish(self._functions(value))

    def register(self, cls: Any, function: Any = None) -> Any:
        """Add a function for a type, as `functools.singledispatch` does; also as a decorator."""
        return (
            self._functions.register(cls, function) if function is not None else self._functions.register(cls)
        )

    def own(self, cls: type) -> Callable[[Any], Any] | None:
        """Return the function that was added for a type, if there is one."""
        found = self._functions.dispatch(cls)
        return None if found is self._rule else found

    @property
    def registry(self) -> dict[Any, Any]:
        """The added functions by type."""
        return {cls: f for cls, f in self._functions.registry.items() if f is not self._rule}

    def update(self, other: _Table) -> None:
        """Add the functions of another."""
        for cls, function in other.registry.items():
            self._functions.register(cls, function)


class NameClassMap(dict[str, Any]):
    """R class names -> what to make of such objects, with a default."""

    def __init__(self, default: Any = None, mapping: Any = ()) -> None:
        super().__init__(mapping)
        self.default = default

    def find(self, names: Any) -> Any:
        """Return the first entry for a class vector, or the default."""
        return next((self[name] for name in names if name in self), self.default)


class Converter:
    """A set of rules.

    Parameters
    ----------
    name : str
        For people.
    template : Converter, optional
        Begin with its rules.
    """

    def __init__(self, name: str = "", template: Converter | None = None) -> None:
        self.name = name
        self.kinds: frozenset[str] = frozenset()
        self.py2rpy = _Table(lambda value: value, engine_keep)
        self.rpy2py = _Table(self._built_in)
        self.rpy2py_nc_map: dict[type, NameClassMap] = {}
        self._entered: list[Any] = []
        if template is not None:
            self._update(template)

    def __add__(self, other: Converter) -> Converter:
        made = Converter(f"{self.name} + {other.name}", self)
        made._update(other)
        return made

    def __repr__(self) -> str:
        return f"<Converter {self.name!r}>"

    def _update(self, other: Converter) -> None:
        self.kinds |= other.kinds
        self.py2rpy.update(other.py2rpy)
        self.rpy2py.update(other.rpy2py)
        self.rpy2py_nc_map.update(other.rpy2py_nc_map)

    def rpy2py_nc_name(self, cls: type, mapping: Any) -> None:
        """Say what objects of some R class names become, among those of one Python class."""
        self.rpy2py_nc_map.setdefault(cls, NameClassMap()).update(mapping)

    def context(self) -> contextlib.AbstractContextManager[Converter]:
        """Put these rules in force for a `with` block."""
        return localconverter(self)

    def __enter__(self) -> Converter:
        context = localconverter(self)
        self._entered.append(context)
        return context.__enter__()

    def __exit__(self, *exception: Any) -> None:
        self._entered.pop().__exit__(*exception)

    def _built_in(self, value: Any) -> Any:
        if not isinstance(value, Sexp):
            return value
        for cls, names in self.rpy2py_nc_map.items():
            found = names.find(value.rclass) if isinstance(value, cls) else None
            if found is not None:
                return found(value)
        if not self.kinds or not isinstance(value, SexpVector):
            return value
        if "pandas" not in self.kinds and "data.frame" in value.rclass:
            return _records(value)
        return value if value.typeof in ("language", "expression") else engine.native(value)


def engine_keep(value: Any) -> Any:
    """Return an R object for any Python value; an R object is itself."""
    return value if isinstance(value, RObject) else engine.call("base::identity", value)


def _records(frame: Sexp) -> Any:
    """A data frame as NumPy alone can hold it: a record array, factors as their labels."""
    plain = engine.call(
        "base::lapply", frame, engine.evaluate("function(x) if (is.factor(x)) as.character(x) else x")
    )
    native = engine.native(engine.call("base::as.data.frame", plain, optional=True))
    return native.to_records(index=False) if hasattr(native, "to_records") else native


class _Nested(Converters):
    """The rules of a converter inside of containers, and for the magics' option `-c`."""

    def __init__(self, converter: Converter) -> None:
        super().__init__()
        self._converter = converter

    @property
    def empty(self) -> bool:
        return not (self._converter.py2rpy.registry or self._converter.rpy2py.registry)

    def for_type(self, cls: type) -> Callable[[Any], Any] | None:
        return self._converter.py2rpy.own(cls)

    def for_class(self, rclass: Any) -> Callable[[Any], Any] | None:
        def convert(value: Any) -> Any:
            function = self._converter.rpy2py.own(type(value)) if isinstance(value, Sexp) else None
            return value if function is None else function(value)

        return convert


default_converter = Converter("default")
"""R objects stay in R; Python values go there by this package's rules."""

_everywhere: list[Converter] = [default_converter]  # set_conversion's; a context's has priority
_here: ContextVar[Converter | None] = ContextVar("rpy2_conversion", default=None)


def get_conversion() -> Converter:
    """Return the rules in force."""
    found = _here.get()
    return found if found is not None else _everywhere[-1]


def set_conversion(converter: Converter) -> None:
    """Put rules in force everywhere, until others are set; cells and threads see the same."""
    _everywhere[:] = [converter]


@contextlib.contextmanager
def localconverter(converter: Converter) -> Iterator[Converter]:
    """Put rules in force for a `with` block."""
    token = _here.set(converter)
    try:
        with _Nested(converter):
            yield converter
    finally:
        _here.reset(token)


def to_r(value: Any) -> Any:
    """Apply the rules in force on the way to R; what has none of its own is left to this package's."""
    if isinstance(value, RObject):
        return value
    function = get_conversion().py2rpy.own(type(value))
    return value if function is None else function(value)


def to_python(value: Any) -> Any:
    """Apply the rules in force to an object that R gave."""
    return get_conversion().rpy2py(value) if isinstance(value, Sexp) else value


class _InForce:
    """`py2rpy` or `rpy2py` of whatever rules are in force."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, value: Any) -> Any:
        return getattr(get_conversion(), self._name)(value)

    def register(self, cls: Any, function: Any = None) -> Any:
        """Add a function to the rules in force."""
        return getattr(get_conversion(), self._name).register(cls, function)


py2rpy = py2ri = py2ro = _InForce("py2rpy")
rpy2py = ri2py = ri2ro = _InForce("rpy2py")


def __getattr__(name: str) -> Any:
    if name == "converter":  # rpy2 2.x
        return get_conversion()
    if name == "converter_ctx":
        return _here
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
