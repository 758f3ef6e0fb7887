"""What has rows and columns: matrices and data frames."""

from __future__ import annotations

from typing import Any

from .. import engine
from .robject import RObject

__all__ = ["Table"]


class Table(RObject):
    """An R object with rows and columns."""

    dim: Any
    """Their numbers."""

    @property
    def nrow(self) -> int:
        """Number of rows."""
        return int(self.dim[0])

    @property
    def ncol(self) -> int:
        """Number of columns."""
        return int(self.dim[1])

    @property
    def rownames(self) -> Any:
        """Names of the rows, or NULL."""
        return engine.call("base::rownames", self)

    @rownames.setter
    def rownames(self, value: Any) -> None:
        self._become(engine.call("base::rownames<-", self, value))

    @property
    def colnames(self) -> Any:
        """Names of the columns, or NULL."""
        return engine.call("base::colnames", self)

    @colnames.setter
    def colnames(self, value: Any) -> None:
        self._become(engine.call("base::colnames<-", self, value))
