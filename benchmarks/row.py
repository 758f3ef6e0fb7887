"""Samples of one piece of work in; their medians and ratios out."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """What was measured of one piece of work.

    Attributes
    ----------
    host : str
        "Chromium" or "Node".
    name : str
        Which work; a key of `TITLES`.
    samples : dict
        Contender -> samples, in `unit`.
    unit : str
        "ms", "kB", or "x" for a ratio.
    """

    host: str
    name: str
    samples: dict[str, list[float]]
    unit: str = "ms"

    def of(self, contender: str) -> float:
        return median(self.samples[contender])

    def ratio(self, one: str, other: str) -> float:
        """Median over turns: those of one turn met the same machine, however busy it was."""
        return median(a / b for a, b in zip(self.samples[one], self.samples[other], strict=True))
