"""What all objects of `rpy2.robjects` have besides their class: slots, HTML, the place they are stored."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from .. import engine
from ..sexp import Sexp

__all__ = ["RObject", "RObjectMixin", "RSlots"]


class RSlots(MutableMapping[str, Any]):
    """The attributes of an R object, or the slots of an S4 one, by name."""

    def __init__(self, owner: Sexp) -> None:
        self._owner = owner

    def __getitem__(self, name: str) -> Any:
        from .conversion import to_python

        try:
            return to_python(self._owner.do_slot(name))
        except LookupError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, value: Any) -> None:
        from .conversion import to_r

        self._owner.do_slot_assign(name, to_r(value))

    def __delitem__(self, name: str) -> None:
        self._owner._become(engine.call("base::attr<-", self._owner, name, None))

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._owner.list_attrs() if self._owner.typeof != "S4" or name != "class")

    def __len__(self) -> int:
        return len(list(iter(self)))


class RObjectMixin(Sexp):
    """What objects of `rpy2.robjects` add to those of `rpy2.rinterface`."""

    @property
    def slots(self) -> Any:
        """Attributes or slots by name; they can be assigned."""
        return RSlots(self)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


@engine.wraps("any", "externalptr", "promise", "bytecode", "weakref")
class RObject(RObjectMixin):
    """An R object of a type that has no class of its own here."""
