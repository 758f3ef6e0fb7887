"""What all of our vectors share: R's attributes, kept beside the elements."""

from __future__ import annotations

from typing import Any

__all__ = ["Attributed"]


class Attributed:
    """A vector that keeps R's attributes in `rattrs`."""

    rattrs: dict[str, Any]

    @property
    def dimnames(self) -> list[list[str | None] | None] | None:
        """Names along each dimension, or None."""
        dimnames = self.rattrs.get("dimnames")
        if dimnames is None:
            return None
        parts = dimnames.values() if isinstance(dimnames, dict) else dimnames
        return [None if part is None else list(part) for part in parts]

    @property
    def rclass(self) -> list[str]:
        """R's class attribute, empty if it has none."""
        return list(self.rattrs.get("class", ()))
