from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from jupyterlite_rpy.convert import Conversion, RVector
from jupyterlite_rpy.convert.na import NA_real_
from jupyterlite_rpy.convert.plain import NOT_PLAIN, decode_plain, encode_all, encode_plain, read_plain


@pytest.mark.parametrize(
    ("value", "wire"),
    [(1.5, 1.5), (2.0, 2.0), (-0.0, -0.0), (3, "i3"), (-(2**31) + 1, "i-2147483647"), (True, True), ("", "s"),
     ("i3", "si3"), (None, None), (np.float64(0.5), 0.5)],
)  # fmt: skip
def test_scalars_go_and_come_back(value: Any, wire: Any) -> None:
    made = encode_plain(value)
    assert (made, type(made)) == (wire, type(wire))
    back = read_plain(made)
    assert back == value
    assert math.copysign(1, back) == math.copysign(1, value) if isinstance(value, float) else True


@pytest.mark.parametrize(
    "value",
    [math.nan, NA_real_, math.inf, -math.inf, -(2**31), 2**31, "é", "a\0b", "\ud800", 1j, [1],
     np.float64("nan"), np.int32(1), np.bool_(True), object()],
)  # fmt: skip
def test_what_would_not_survive_is_no_plain_scalar(value: Any) -> None:
    assert encode_plain(value) is NOT_PLAIN
    assert encode_all((1.5, value)) is None


def test_a_whole_double_is_a_double_though_it_comes_as_an_int() -> None:
    assert type(read_plain(2)) is float


def test_few_scalars_are_plain_and_many_are_not() -> None:
    assert encode_all((1, 2.5)) == ["i1", 2.5]
    assert encode_all(range(2)) is None
    assert encode_all([1] * 5) is None


@pytest.mark.parametrize(
    ("wire", "dtype"),
    [(1, np.float64), (1.5, np.float64), ("i1", np.int32), (True, np.bool_), ("sa", np.object_)],
)
def test_r_s_vectors_of_length_one_are_arrays(wire: Any, dtype: Any) -> None:
    made = decode_plain(wire, Conversion())
    assert (made.dtype, made.shape, made[0]) == (dtype, (1,), read_plain(wire))
    bare = decode_plain(wire, Conversion(numpy=False, pandas=False))
    assert isinstance(bare, RVector)
    assert list(bare) == [read_plain(wire)]
    assert decode_plain(None, Conversion()) is None
