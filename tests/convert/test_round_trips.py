from __future__ import annotations

import datetime
import warnings
from typing import Any

import pytest
from hypothesis import given, settings

from convert.strategies import arrays, frames, nested
from convert.trip import PLAIN, sent, trip
from jupyterlite_rpy.convert import Conversion, RList
from jupyterlite_rpy.errors import ConversionWarning

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

CONTEXTS = [PLAIN, Conversion(pandas=False), Conversion(timezone="Europe/Zurich")]

many = settings(max_examples=300, deadline=None)


def comes_back_the_same_for_r(value: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        for context in CONTEXTS:
            assert sent(trip(value, context), context) == sent(value, context)


@given(nested)
@many
def test_nested_values(value: Any) -> None:
    comes_back_the_same_for_r(value)


@given(arrays())
@many
def test_arrays(value: Any) -> None:
    comes_back_the_same_for_r(value)


@given(frames())
@many
def test_frames(value: Any) -> None:
    comes_back_the_same_for_r(value)


def same(one: Any, other: Any) -> bool:
    """Whether a value came back to Python as what it was, given that R has no scalars."""
    if isinstance(one, dict) and isinstance(other, RList):  # a name is empty
        return list(one) == other.names and all(map(same, one.values(), other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        one = list(one)
    if not isinstance(one, list):
        return (one is None and other is None) or same_scalar(
            one, other if isinstance(one, bytes) else other[0]
        )
    return len(one) == len(other) and all(
        same_scalar(x, y) if not isinstance(x, (list, dict, tuple)) else same(x, y)
        for x, y in zip(one, other, strict=True)
    )


def same_scalar(one: Any, other: Any) -> bool:
    if isinstance(other, (list, dict)) and not isinstance(one, (list, dict)):
        return len(other) == 1 and same_scalar(one, other[0])
    if isinstance(one, datetime.datetime):  # Python finds hours that come twice unequal in any other zone
        return bool(one.timestamp() == other.timestamp())
    return one == other or (one != one and isinstance(other, (float, complex)) and other != other)


@given(nested)
@many
def test_plain_python_comes_back_equal(value: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        assert same(value, trip(value))


@given(arrays())
@many
def test_arrays_come_back_equal(value: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        back = trip(value, CONTEXTS[1])
    expected = value.reshape(1) if value.ndim == 0 else value
    assert back.shape == expected.shape
    if value.dtype.kind == "c":
        assert np.array_equal(np.asarray(back, value.dtype), expected, equal_nan=True)
    elif value.dtype.kind in "mM":
        assert np.array_equal(np.asarray(back).astype(value.dtype), expected, equal_nan=True)
    else:
        assert np.array_equal(
            np.asarray(back).astype(value.dtype), expected, equal_nan=value.dtype.kind == "f"
        )


@given(frames())
@many
def test_frames_come_back_equal(value: Any) -> None:
    back = trip(value, CONTEXTS[2])
    assert back.columns.tolist() == value.columns.tolist() and back.index.tolist() == value.index.tolist()
    for name in value:
        one, other = value[name], back[name]
        if one.dtype.kind == "M" and one.dtype != other.dtype and other.dt.tz is not None:
            other = other.dt.tz_localize(None)  # a naive time is one of the session's zone in R
        assert one.isna().tolist() == other.isna().tolist()
        present = ~one.isna().to_numpy()
        ours, theirs = (list(column[present].astype(object)) for column in (one, other))
        if any(isinstance(item, list) for item in ours):  # in R each is a vector, which is an array here
            theirs = [item if isinstance(item, list) else item.tolist() for item in theirs]
        assert ours == theirs
