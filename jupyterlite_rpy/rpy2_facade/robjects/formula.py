"""R's model formulas."""

from __future__ import annotations

from typing import Any

from .. import engine
from ..engine import wraps
from .environments import globalenv
from .vector import LangVector

__all__ = ["Formula"]


@wraps(rclass=["formula"])
class Formula(LangVector):
    """A formula, `Formula("y ~ x")`.

    Parameters
    ----------
    formula : str
        R code.
    environment : Environment
        Where its variables are looked up.
    """

    def __init__(self, formula: Any, environment: Any = globalenv) -> None:
        self._become(engine.call("stats::as.formula", formula, env=environment))

    @property
    def environment(self) -> Any:
        """Where its variables are: `formula.environment["x"] = values`."""
        return engine.call("base::environment", self)

    @environment.setter
    def environment(self, value: Any) -> None:
        self._become(engine.call("base::environment<-", self, value))

    def getenvironment(self) -> Any:
        """Return its environment."""
        return self.environment

    def setenvironment(self, value: Any) -> None:
        """Give it another environment."""
        self.environment = value

    def __repr__(self) -> str:
        return f"<Formula {self.r_repr()}>"
