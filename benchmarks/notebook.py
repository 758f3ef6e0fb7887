"""A built site in, rows out: answers to Tab and Shift-Tab, what the Stop button costs, and R's own work."""

from __future__ import annotations

from pathlib import Path

import unattended
from row import Row


def questions(site: Path, starts: int = 5) -> list[Row]:
    """From the request to the answer, in the page; `starts`: fresh kernels for what is asked first."""
    found = unattended.measure(site, "questions", starts)
    return [Row("Chromium", name, {"rpy": samples}) for name, samples in found.items()]


def stop(site: Path, times: int = 7) -> list[Row]:
    """The same work with the Stop button and without it, in turn: ratios."""
    found = unattended.measure(site, "stop", times)
    return [Row("Chromium", f"Stop, {language}", samples, "x") for language, samples in found.items()]


def work(site: Path, times: int = 9) -> list[Row]:
    """R's own work, by the bridge and by webR's public API, in turn."""
    found = unattended.measure(site, "work", times)
    return [Row("Chromium", f"R: {name}", samples) for name, samples in found.items()]
