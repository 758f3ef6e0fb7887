"""scipy.sparse matrices -> R's Matrix::dgCMatrix (numbers) and lgCMatrix (logicals). R itself makes them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from .dispatch import encodes

if TYPE_CHECKING:
    from .encode import Encoder
    from .value import RValue

_sparse: Any = sys.modules["scipy.sparse"]  # loaded: this module is imported for a value of one of its types
_CLASSES = tuple(getattr(_sparse, name) for name in ("spmatrix", "sparray") if hasattr(_sparse, name))


@encodes(*_CLASSES)
def _matrix(value: Any, encoder: Encoder) -> RValue:
    call = encoder.context.call
    if call is None or value.ndim != 2 or value.dtype.kind not in "biuf":
        raise encoder.path.fail(
            f"a {value.ndim}-d sparse array of {value.dtype} has no form in R. Hint: x.toarray()"
        )
    if not bool(call("base::requireNamespace", ("Matrix",), {"quietly": True})[0]):
        raise encoder.path.fail(
            "sparse matrices need R's package Matrix. Hint: install.packages('Matrix') in R, or x.toarray()"
        )
    columns = value.tocsc(copy=True)
    columns.sum_duplicates()  # sorts the row numbers as well, as R demands
    if columns.nnz > np.iinfo(np.int32).max:
        raise encoder.path.fail(f"{columns.nnz} elements are more than R's sparse matrices hold")
    logical = columns.dtype.kind == "b"
    slots = {
        "i": columns.indices.astype(np.int32),
        "p": columns.indptr.astype(np.int32),
        "Dim": np.array(columns.shape, np.int32),
        "x": columns.data if logical else columns.data.astype(np.float64),
    }
    return encoder.encode(call("methods::new", ("lgCMatrix" if logical else "dgCMatrix",), slots, True))
