"""Everything a user may set: by `%Roptions`, by `%config RSettings`, or in IPython's configuration."""

from __future__ import annotations

import os
from zoneinfo import ZoneInfo, available_timezones

from traitlets import Bool, CFloat, CInt, Enum, List, Unicode, default, validate
from traitlets.config import Configurable

from .figure import DEVICES, UNITS
from .rpackages.repository import SITE, WEBR_REPOSITORY


class RSettings(Configurable):
    """Settings of R beside Python."""

    webr_url = Unicode(
        help="Folder or address of webR's files. Empty: those of the site, else of webR's public CDN; "
        "outside of a browser the copy in this user's cache."
    ).tag(config=True)
    node = Unicode(help="Path of Node.js, which runs R outside of a browser. Empty: found.").tag(config=True)
    folders = List(
        Unicode(),
        help="Folders that R sees besides the notebook's, outside of a browser. "
        "For an R that is started after they are set.",
    ).tag(config=True)
    repositories = List(
        Unicode(),
        [SITE, WEBR_REPOSITORY],
        help="Where R packages come from, in order: addresses of repositories built for WebAssembly; "
        '"site" is the site\'s own, where it has one.',
    ).tag(config=True)
    install = Enum(
        ["site", "always", "never"],
        default_value="site",
        help="Which missing packages are installed when code names them (library(x), x::y): those that the "
        "site has itself, all that the repositories have, or none.",
    ).tag(config=True)
    timezone = Unicode(
        help="Time zone of R and of dates that cross, such as Europe/Vienna. "
        "Empty: the browser's or the system's."
    ).tag(config=True)
    start = Enum(
        ["use", "load"],
        default_value="use",
        help="When R starts: with the first cell that uses it, or when the extension is loaded.",
    ).tag(config=True)
    bytecode = Bool(
        False,
        help="Whether R runs byte code (on, off): compiled functions recurse 5,000 levels deep then instead "
        "of 200, and R's packages take two to three times as long. For an R that is started after it is set.",
    ).tag(config=True)
    timeout = CFloat(
        0.0,
        help="Seconds that R code of a cell may take, as by R's setTimeLimit(elapsed=); 0: no limit.",
    ).tag(config=True)
    memory_warning = CFloat(
        2500.0,
        help="In a browser: megabytes of Python and R together above which a cell says that memory runs out; "
        "0: none does.",
    ).tag(config=True)
    print = Enum(
        ["all", "last"],
        default_value="all",
        help="What %%R prints: every visible value at top level as R's console does, or only the last.",
    ).tag(config=True)

    html = Bool(
        True,
        help="Whether visible data frames, matrices, help pages and widgets are shown as HTML (on, off).",
    ).tag(config=True)

    device = Enum(list(DEVICES), default_value="png", help="Format of plots.").tag(config=True)
    width = CFloat(480.0, help="Width of plots, in `units`.").tag(config=True)
    height = CFloat(480.0, help="Height of plots, in `units`.").tag(config=True)
    units = Enum(list(UNITS), default_value="px", help="Unit of width and height.").tag(config=True)
    res = CFloat(72.0, help="Pixels per inch: higher makes text and lines bigger.").tag(config=True)
    pointsize = CFloat(12.0, help="Size of text in plots, in points.").tag(config=True)
    background = Unicode("white", help="Background of plots, an R colour.").tag(config=True)
    scale = CInt(2, help="PNG pixels drawn per pixel shown: 2 is sharp on dense screens.").tag(config=True)

    @default("node")
    def _default_node(self) -> str:
        return os.environ.get("JUPYTERLITE_RPY_NODE", "")

    @validate("timezone")
    def _known_zone(self, proposal: dict[str, str]) -> str:
        # Pyodide has no time zones of its own before R runs: then R is the one to know them.
        if proposal["value"] and available_timezones():
            ZoneInfo(proposal["value"])
        return proposal["value"]

    @validate("timeout", "memory_warning")
    def _not_negative(self, proposal: dict[str, float]) -> float:
        if not proposal["value"] >= 0:
            raise ValueError(f"must be 0 or more, not {proposal['value']:g}")
        return proposal["value"]

    @validate("width", "height", "res", "pointsize", "scale")
    def _positive(self, proposal: dict[str, float]) -> float:
        if not proposal["value"] > 0:
            raise ValueError(f"must be greater than 0, not {proposal['value']:g}")
        return proposal["value"]
