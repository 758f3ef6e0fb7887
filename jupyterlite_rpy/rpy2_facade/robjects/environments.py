"""`rpy2.robjects.environments`: R's environments as mappings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import RError
from ...robject import RObject
from .. import engine
from ..engine import wraps
from .conversion import to_python, to_r
from .robject import RObjectMixin

__all__ = ["Environment", "baseenv", "emptyenv", "globalenv", "local_context"]

_LATER = object()


@wraps("environment")
class Environment(RObjectMixin):
    """An R environment: variables by name. Without an argument, a new one."""

    def __init__(self, environment: Any = None) -> None:
        made = (
            engine.call("base::new.env")
            if environment is None
            else engine.call("base::identity", environment)
        )
        self._become(made)

    def __getitem__(self, name: Any) -> Any:
        if not isinstance(name, str):
            raise TypeError(f"names of R variables are texts, not {name!r}")
        if name not in self:
            raise KeyError(name)
        return to_python(engine.call("base::get", name, envir=self, inherits=False))

    def __setitem__(self, name: str, value: Any) -> None:
        engine.call("base::assign", name, to_r(value), envir=self)

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        engine.call("base::rm", list=name, envir=self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(
            engine.native(engine.call("base::exists", name, envir=self, inherits=False))[0]
        )

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.names)

    @property
    def names(self) -> Any:
        """The names of the variables."""
        return [str(name) for name in engine.call("base::ls", self, **{"all.names": True})]

    def keys(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self)

    def values(self) -> Iterator[Any]:
        """Iterate over the values."""
        return (self[name] for name in self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Iterate over pairs of name and value."""
        return ((name, self[name]) for name in self)

    def get(self, name: str, default: Any = None, wantfun: bool = False) -> Any:
        """Return a value, or `default`."""
        return self[name] if name in self else default  # noqa: SIM401

    def find(self, name: str, wantfun: bool = False) -> Any:
        """Return what R finds for a name, here or in the environments above; `KeyError` if nothing."""
        if not name:
            raise ValueError("a name of R is not empty")
        try:
            return to_python(
                engine.call("base::get", name, envir=self, mode="function" if wantfun else "any")
            )
        except RError:
            raise KeyError(f"{name!r} not found") from None

    def pop(self, name: str, *default: Any) -> Any:
        """Remove a variable and return its value."""
        if name not in self and default:
            return default[0]
        value = self[name]
        del self[name]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove a variable and return its name and value."""
        name = next(iter(self))
        return name, self.pop(name)

    def clear(self) -> None:
        """Remove all variables."""
        for name in self:
            del self[name]

    def update(self, other: Any = (), **named: Any) -> None:
        """Set variables."""
        for name, value in {**dict(other), **named}.items():
            self[name] = value

    def enclos(self) -> Any:
        """Return the environment above."""
        return engine.call("base::parent.env", self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self)} variables>"


class _Known(Environment):
    """One of R's own environments, whichever R runs."""

    def __init__(self, function: str) -> None:
        vars(self).update(typeof="environment", _rclass=("environment",), _function=function)

    def handle(self) -> int:
        held: RObject | None = vars(self).get("_held")
        current = engine.session()
        known = held is not None and held._session is current and held._epoch == current.epoch
        if held is None or not known or not current.runtime.ready:
            held = vars(self)["_held"] = engine.call(vars(self)["_function"])
        return held.handle()

    def __getattr__(self, name: str) -> Any:
        if name == "_session":
            return engine.session()
        if name == "_epoch":
            return engine.session().epoch
        raise AttributeError(name)


globalenv = _Known("base::globalenv")
baseenv = _Known("base::baseenv")
emptyenv = _Known("base::emptyenv")


class local_context:  # rpy2's name
    """A new environment for a `with` block."""

    def __init__(self, env: Any = None, use_rlock: bool = True) -> None:
        self._env = env

    def __enter__(self) -> Environment:
        return self._env if self._env is not None else Environment()

    def __exit__(self, *exception: object) -> None:
        return None
