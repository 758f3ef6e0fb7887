"""`rpy2.robjects.constants`: NULL and truth values of R."""

from __future__ import annotations

from ..missing import NA_Character, NA_Complex, NA_Integer, NA_Logical, NA_Real
from ..rinterface import NULL

__all__ = ["FALSE", "NULL", "TRUE", "NA_Character", "NA_Complex", "NA_Integer", "NA_Logical", "NA_Real"]

TRUE = True
FALSE = False
