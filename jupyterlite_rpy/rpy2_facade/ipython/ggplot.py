"""`rpy2.ipython.ggplot`: a plot of ggplot2 as a picture."""

from __future__ import annotations

from ..robjects.lib.ggplot2 import GGPlot
from ..robjects.lib.grdevices import render_to_bytesio
from ..robjects.packages import importr

__all__ = ["Picture", "image_png"]


class Picture:
    """The bytes of a PNG, which a notebook shows.

    Parameters
    ----------
    data : bytes
        The picture.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _repr_png_(self) -> bytes:
        return self.data


def image_png(plot: GGPlot, width: int = 800, height: int = 400, res: int = 72) -> Picture:
    """Draw a plot of ggplot2."""
    with render_to_bytesio(importr("grDevices").png, width=width, height=height, res=res) as content:
        plot.plot()
    return Picture(content.getvalue())
