"""Where in a value the conversion is: the names in errors and warnings, such as ``df["x"][3]``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..errors import ConversionError, ConversionWarning

if TYPE_CHECKING:
    from .context import Conversion

__all__ = ["Path"]

_SHOWN = 12  # steps; of longer paths the ends


class Path:
    """The steps from a variable to the part at hand, and what was lost on the way.

    Parameters
    ----------
    name : str
        The variable; empty if the value has no name.
    """

    __slots__ = ("_losses", "name", "shape", "steps")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.steps: list[object] = []
        self.shape: tuple[int, ...] = ()  # of a matrix whose elements are at hand as one row, as R has them
        self._losses: dict[str, str] = {}

    def __str__(self) -> str:
        if not self.name and not self.steps:
            return ""
        steps = list(map(_step, self.steps))
        if len(steps) > _SHOWN:
            steps[_SHOWN // 2 : -_SHOWN // 2] = ["..."]
        return (self.name or "value") + "".join(steps)

    def fail(self, message: str, at: int | None = None) -> ConversionError:
        """Make (not raise) the error for this place, or for an element of it."""
        if at is not None:
            self.steps.append(_in_matrix(at, self.shape) if self.shape else at)
        return ConversionError(message, path=str(self))

    def lose(self, message: str) -> None:
        """Note that something is lost at this place; the same loss elsewhere in the value counts once."""
        self._losses.setdefault(message, str(self))

    def warn(self, context: Conversion) -> None:
        """Give the context one warning for all that was lost in this variable."""
        if self._losses:
            lines = [f"{place}: {text}" if place else text for text, place in self._losses.items()]
            context.warn(ConversionWarning("\n".join(lines)))


def _in_matrix(at: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    place = []
    for size in shape:
        at, index = divmod(at, size)
        place.append(index)
    return tuple(place)


def _step(step: object) -> str:
    if isinstance(step, tuple) and step[0] == "@":  # an attribute, with its name
        return "".join(step)
    if isinstance(step, tuple):
        return f"[{', '.join(map(str, step))}]"
    if isinstance(step, str):
        return f"[{json.dumps(step, ensure_ascii=False)}]"
    return f"[{step}]"
