"""`rpy2.rinterface_lib.na_values`: R's missing values."""

from __future__ import annotations

from ..missing import NA_Character, NA_Complex, NA_Integer, NA_Logical, NA_Real

__all__ = ["NA_Character", "NA_Complex", "NA_Integer", "NA_Logical", "NA_Real"]
