"""`rpy2.robjects.lib.ggplot2`: R's ggplot2, if R has it: its functions, and `+` between their results."""

from __future__ import annotations

from typing import Any

from ... import engine
from ...sexp import Sexp
from ..conversion import to_r
from ..packages import importr

__all__ = ["GGPlot", "aes", "aes_string", "ggplot"]


class GGPlot:
    """A plot, or a part of one.

    Parameters
    ----------
    value
        The R object.
    """

    def __init__(self, value: Sexp) -> None:
        self.value = value

    def __add__(self, other: Any) -> GGPlot:
        return GGPlot(
            engine.call("base::+", self.value, other.value if isinstance(other, GGPlot) else to_r(other))
        )

    def plot(self, **named: Any) -> None:
        """Draw it."""
        engine.call("base::print", self.value)

    def save(self, filename: str, **named: Any) -> None:
        """Write it to a file of R's."""
        _package().ggsave(filename, plot=self.value, **named)

    def _ipython_display_(self) -> None:
        self.plot()


class _Layer:
    """A function of ggplot2 whose result can be added to a plot."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: Any, **named: Any) -> GGPlot:
        args = tuple(arg.value if isinstance(arg, GGPlot) else arg for arg in args)
        values = {name: value.value if isinstance(value, GGPlot) else value for name, value in named.items()}
        function = getattr(_package(), self._name)
        made = {function._spelled(name): to_r(value) for name, value in values.items()}
        return GGPlot(engine.call_named(f"ggplot2::{self._name}", map(to_r, args), made))

    @classmethod
    def new(cls, *args: Any, **named: Any) -> GGPlot:
        """Make one; older notebooks say `ggplot2.ggplot.new(df)`."""
        raise TypeError("call the function itself: ggplot2.ggplot(df)")


def _package() -> Any:
    return importr("ggplot2")


def aes_string(**names: str) -> GGPlot:
    """Say which R expressions (as text) the parts of a plot show."""
    mapping = {name: engine.call("base::str2lang", str(code)) for name, code in names.items()}
    call = engine.call_named("base::call", ["aes"], mapping)
    return GGPlot(engine.call("base::eval", call, engine.call("base::asNamespace", "ggplot2")))


aes = aes_string
ggplot = _Layer("ggplot")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    getattr(_package(), name)
    return _Layer(name)
