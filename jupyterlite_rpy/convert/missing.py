"""R's missing values: the only module that knows their bit patterns.

NA of logical and integer is the smallest int32. NA of double is a NaN whose low word is 1954 (R looks at that
word only); every other NaN is NaN. R's own NA is a signalling NaN, of which NumPy warns as an "invalid value"
in the first sum; arithmetic makes it quiet and leaves it NA, and so do we on the way in. NA of character is
code -1 on the wire. A complex is NA if either part is. Factors, dates and date-times use those of their
storage.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "INTEGER64_NA",
    "INTEGER_NA",
    "NA_BYTES",
    "STRING_NA",
    "any_na",
    "double_is_na",
    "double_na",
    "na_mask",
    "put_na",
    "quieten",
]

INTEGER_NA = -(2**31)
INTEGER64_NA = -(2**63)  # bit64's own
STRING_NA = -1  # on the wire

NA_PAYLOAD = 1954
_QUIET = 1 << 51
_NA_BITS = 0x7FF00000_00000000 | _QUIET | NA_PAYLOAD
NA_BYTES = struct.pack("<Q", _NA_BITS)


def double_na() -> float:
    """Return R's NA_real_ as a Python float: a NaN that goes back to R as NA."""
    (value,) = struct.unpack("<d", NA_BYTES)
    return float(value)


def double_is_na(value: float) -> bool:
    """Tell R's NA from every number and every other NaN."""
    if value == value:
        return False
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    return bool(bits & 0xFFFFFFFF == NA_PAYLOAD)


def na_mask(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the NA elements of a float64 array (not its other NaNs).

    Returns
    -------
    ndarray of bool
        New. `values` may have any stride; it is copied only if it is not contiguous.
    """
    import numpy as np

    mask = np.isnan(values)
    if mask.any():
        low = np.ascontiguousarray(values).view(np.uint64) & np.uint64(0xFFFFFFFF)
        mask &= low == np.uint64(NA_PAYLOAD)
    return mask  # type: ignore[no-any-return]  # numpy's own stubs lose the dtype


def put_na(values: NDArray[Any], mask: NDArray[Any]) -> None:
    """Write NA_real_ where `mask` is true into a contiguous float64 array, in place."""
    import numpy as np

    values.view(np.uint64)[mask] = np.uint64(_NA_BITS)


def quieten(values: NDArray[Any]) -> None:
    """Make the signalling NaNs of a contiguous, writable float64 array quiet, in place; NA stays NA."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        largest = values.max(initial=0.0)
    if largest == largest:  # a NaN would be the maximum
        return
    bits = values.view(np.uint64)
    bits[np.isnan(values)] |= np.uint64(_QUIET)


def any_na(values: NDArray[Any]) -> bool:
    """Tell whether an int32 array (logical, integer, factor codes) has an NA."""
    return bool(values.size) and int(values.min()) == INTEGER_NA
