"""Object arrays of text in; their distinct strings once and a code for each element out, by addresses.

A column of a million texts of a thousand kinds holds, nearly always, the same thousand objects. To compare
addresses is more than ten times as fast as to hash texts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .missing import STRING_NA
from .strings import write_coded
from .value import RValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .encode import Encoder

__all__ = ["encode_pooled"]

_FEWEST = 1000


def encode_pooled(values: NDArray[Any], encoder: Encoder, missing: Callable[[Any], bool]) -> RValue | None:
    """Encode an array in which few objects, all of them texts or missing, stand many times.

    Parameters
    ----------
    values : ndarray of object, 1-d
    encoder : Encoder
    missing : callable
        Tells of an object that is no `str` whether it means NA.

    Returns
    -------
    RValue or None
        A character vector; None: the array is not like this, and nothing was written.
    """
    pandas = sys.modules.get("pandas")  # its hash table does the work; not worth importing
    if pandas is None or values.size < _FEWEST:
        return None
    kept = np.ascontiguousarray(values)  # owns the objects while their addresses are used
    addresses = np.frombuffer(kept, np.uintp)
    # No sample before: a column may begin with all of its texts, and this costs a tenth of hashing texts.
    codes, distinct = pandas.factorize(addresses)
    if 2 * len(distinct) > codes.size:
        return None
    place = np.empty(len(distinct), np.intp)
    place[codes] = np.arange(codes.size)  # of each object any place where it stands
    texts: dict[str, int] = {}
    table = np.empty(len(distinct), np.int32)
    for i, item in enumerate(kept[place].tolist()):
        if type(item) is str:
            table[i] = texts.setdefault(item, len(texts))
        elif missing(item):
            table[i] = STRING_NA
        else:
            return None
    if not texts:
        return None  # nothing says that this is text
    chosen = memoryview(table[codes]).cast("B")
    return write_coded(codes.size, chosen, list(texts), encoder.buffers, encoder.path.fail)
