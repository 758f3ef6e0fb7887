"""`rpy2.robjects.methods`: objects of S4 classes."""

from __future__ import annotations

from typing import Any

from .. import engine
from ..engine import wraps
from ..sexp_types import SexpS4
from .conversion import to_python, to_r
from .robject import RObjectMixin

__all__ = ["RS4", "getmethod"]


@wraps("S4")
class RS4(RObjectMixin, SexpS4):
    """An S4 object: `x.slots["name"]`, and `x.do_slot("name")` for what stays in R."""

    def slotnames(self) -> Any:
        """Return the names of the slots."""
        return engine.call("methods::slotNames", self)

    def isclass(self, name: str) -> bool:
        """Tell whether the object is of a class, or of one derived from it."""
        return bool(engine.native(engine.call("methods::is", self, name))[0])

    def validobject(self, test: bool = False, complete: bool = False) -> Any:
        """Check the object as its class says."""
        return to_python(engine.call("methods::validObject", self, test=test, complete=complete))


def getmethod(name: str, signature: Any, where: Any = None) -> Any:
    """Return the S4 method for the classes of its arguments."""
    return to_python(engine.call("methods::getMethod", name, to_r(signature)))
