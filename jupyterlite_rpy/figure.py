"""The size and look of plots: what a cell and the settings ask for in, the wire's device out.

The meaning of the numbers is that of R's `png()` and `svg()`, which rpy2's magics pass them to: a PNG's size
is in pixels unless a unit is given (an inch has `res` of them, 72 if not said), an SVG's is in inches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

DEVICES = {
    "png": "png",
    "svg": "svg",
    "grDevices::png": "png",
    "grDevices::svg": "svg",
    "Cairo::CairoPNG": "png",
    "Cairo::CairoSVG": "svg",
    "svglite::svglite": "svg",
    # Windows and formats that a notebook has no use for, or R here no driver: a PNG shows the same.
    "jpeg": "png",
    "grDevices::jpeg": "png",
    "bmp": "png",
    "grDevices::bmp": "png",
    "X11": "png",
    "grDevices::X11": "png",
    "Cairo::CairoX11": "png",
    "quartz": "png",
    "grDevices::quartz": "png",
}
"""Names of devices that notebooks use, rpy2's among them, and the one of the two that draws for them."""

UNITS = {"px": None, "in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
"""Inches in a unit; a pixel's depend on the resolution."""

_SVG_RES = 72.0
"""R's svg() has 72 points in an inch, and one is shown as one pixel."""


class Defaults(Protocol):
    """What says the rest: `config.RSettings`."""

    device: Any
    width: Any
    height: Any
    units: Any
    res: Any
    pointsize: Any
    background: Any
    scale: Any


@dataclass(frozen=True)
class Figure:
    """What one cell asks for; None: as the settings say.

    Parameters
    ----------
    width, height
        In `units`.
    units
        A key of `UNITS`. None: the settings' for a PNG, inches for an SVG.
    res
        Pixels in an inch of a PNG.
    pointsize
        Size of text, in points.
    background
        An R colour.
    device
        A key of `DEVICES`.
    """

    width: float | None = None
    height: float | None = None
    units: str | None = None
    res: float | None = None
    pointsize: float | None = None
    background: str | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        for name in ("width", "height", "res", "pointsize"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a number greater than 0, not {value:g}")
        for name, known in (("units", UNITS), ("device", DEVICES)):
            value = getattr(self, name)
            if value is not None and value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")

    def resolve(self, defaults: Defaults) -> dict[str, Any]:
        """The wire's `Device`: final numbers, in shown pixels for PNG and in inches for SVG."""
        kind = DEVICES[self.device or defaults.device]
        res = self.res or defaults.res
        per_inch = res if kind == "png" else _SVG_RES
        units = self.units or (defaults.units if kind == "png" else "in")

        def size(own: float | None, default: float) -> float:
            value, unit = (default, defaults.units) if own is None else (own, units)
            inches = UNITS[unit]
            pixels = value if inches is None else value * inches * per_inch
            return round(pixels) if kind == "png" else pixels / per_inch

        return {
            "type": kind,
            "width": size(self.width, defaults.width),
            "height": size(self.height, defaults.height),
            "pointsize": self.pointsize or defaults.pointsize,
            "bg": self.background or defaults.background,
            "res": res,
            "scale": defaults.scale,
        }


class Devices:
    """The wire's device of each figure.

    Parameters
    ----------
    defaults
        What the user has set.

    Attributes
    ----------
    as_set : dict or None
        The device of whoever asks for nothing, the same object until `forget`; None: nobody has asked since.
    """

    def __init__(self, defaults: Defaults) -> None:
        self.as_set: dict[str, Any] | None = None
        self._defaults = defaults

    def of(self, figure: Figure | None = None) -> dict[str, Any]:
        """Return the device of a figure; None: the settings'."""
        if figure is not None:
            return figure.resolve(self._defaults)
        if self.as_set is None:
            self.as_set = Figure().resolve(self._defaults)
        return self.as_set

    def forget(self, change: object) -> None:
        """Take note that a setting has changed."""
        self.as_set = None
