from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import pytest

from convert.trip import sent, trip
from jupyterlite_rpy.convert import Conversion, RVector
from jupyterlite_rpy.errors import ConversionError, ConversionWarning

np = pytest.importorskip("numpy")
from jupyterlite_rpy.convert.arrays import RArray, RMaskedArray  # noqa: E402 - it needs NumPy

NUMPY = Conversion(numpy=True, pandas=False)


@pytest.fixture
def named() -> Any:
    return RArray(np.array([1.5, 2.5, 3.5]), {"names": ["a", "b", "a"], "units": ["cm"]})


@pytest.fixture
def matrix() -> Any:
    return RArray(np.array([[1, 2], [3, 4]]), {"dimnames": [["r", "s"], ["x", "y"]]})


@pytest.fixture
def masked() -> Any:
    return trip(RVector([1, None], "integer", {"names": ["a", "b"]}), NUMPY)


def test_looks_up_by_name(named: Any, matrix: Any) -> None:
    assert named["b"] == 2.5 and named["a"] == 1.5
    assert named[["b", "a"]].tolist() == [2.5, 1.5]
    assert matrix["s", "x"] == 3 and matrix["r", 1] == 2 and matrix[:, "y"].tolist() == [2, 4]
    with pytest.raises(KeyError):
        named["c"]
    with pytest.raises(KeyError):
        matrix["r", "z"]


def test_shows_its_names(named: Any) -> None:
    assert repr(named) == "RArray([1.5, 2.5, 3.5], names=['a', 'b', 'a'], units=['cm'])"


@pytest.mark.parametrize(
    "derive",
    [
        lambda x: x[1:],
        lambda x: x[[0, 1]],
        lambda x: x + 1,
        lambda x: -x,
        lambda x: np.exp(x),
        lambda x: np.concatenate([x, x]),
        lambda x: np.where(x > 1, x, 0),
        lambda x: x.reshape(1, -1),
        lambda x: x.astype(int),
        lambda x: x.T,
        lambda x: np.sort(x),
        lambda x: x.cumsum(),
    ],
)
def test_what_is_made_of_it_is_plain(named: Any, derive: Any) -> None:
    assert type(derive(named)) is np.ndarray


def test_sorting_in_place_drops_the_names(named: Any) -> None:
    named[0] = 9
    named.sort()
    assert named.tolist() == [2.5, 3.5, 9] and named.names is None and named.rattrs["units"] == ["cm"]


def test_reductions_are_numbers(named: Any) -> None:
    assert named.sum() == np.sum(named) == 7.5
    assert named.mean() == 2.5 and named.max() == 3.5


def test_is_changed_in_place(named: Any) -> None:
    named[0] = 9
    named += 1
    assert named.tolist() == [10, 3.5, 4.5] and named.names == ["a", "b", "a"]


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: x.copy(), lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_keep_the_attributes(named: Any, matrix: Any, masked: Any, again: Any) -> None:
    for value in (named, matrix, masked):
        made = again(value)
        assert type(made) is type(value)
        assert made.tolist() == value.tolist() and made is not value
        assert sent(made, NUMPY) == sent(value, NUMPY)


def test_masked_array_keeps_names_and_na(masked: Any) -> None:
    assert isinstance(masked, RMaskedArray) and isinstance(masked, np.ma.MaskedArray)
    assert masked.tolist() == [1, None] and masked.names == ["a", "b"]
    assert masked["a"] == 1 and masked["b"] is np.ma.masked
    assert type(masked + 1) is np.ma.MaskedArray or isinstance(masked + 1, np.ma.MaskedArray)
    assert masked.sum() == 1


def test_names_that_do_not_fit_are_an_error(named: Any) -> None:
    named.rattrs["names"] = ["a"]
    with pytest.raises(ConversionError, match="3 elements but 1 names"):
        sent(named, NUMPY)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["bool", "i1", "u2", ">i4", "i8", "f2", "f4", ">f8", "c8", "c16"])
def test_any_layout_gives_the_same_elements(order: Any, dtype: str) -> None:
    whole = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for value in (np.array(whole, order=order), whole[:, ::-1, ::2], whole.transpose(2, 0, 1)):
        value.flags.writeable = False
        back = trip(value, NUMPY)
        assert back.shape == value.shape and (back == value).all() and back.flags.f_contiguous


def test_doubles_are_not_copied_on_the_way_out_nor_in() -> None:
    from convert.trip import send

    value = np.arange(5.0)
    _, buffers = send(value, NUMPY)
    assert np.shares_memory(np.frombuffer(buffers[0]), value)
    from jupyterlite_rpy.convert import Buffers, decode

    memory = bytearray(value.tobytes())
    back = decode({"type": "double", "length": 5, "buffer": 0}, Buffers([memory]), context=NUMPY)
    assert np.shares_memory(back, np.frombuffer(memory)) and back.flags.writeable


def test_read_only_buffers_are_copied() -> None:
    from jupyterlite_rpy.convert import Buffers, decode

    back = decode({"type": "double", "length": 1, "buffer": 0}, Buffers([bytes(8)]), context=NUMPY)
    assert back.flags.writeable


def test_na_makes_no_noise_in_arithmetic_and_stays_na() -> None:
    import struct

    from jupyterlite_rpy.convert import Buffers, decode

    signalling = struct.pack("<Q", 0x7FF00000000007A2)
    back = decode(
        {"type": "double", "length": 1, "buffer": 0}, Buffers([bytearray(signalling)]), context=NUMPY
    )
    with np.errstate(all="raise"):
        assert np.isnan(back + 1).all()
    assert trip(back + 1) == [None]


def test_int64_that_fits_is_integer_else_double_else_integer64() -> None:
    assert sent(np.array([1, 2]), NUMPY)[0] == "integer"
    assert sent(np.array([1, -(2**31)]), NUMPY) == sent([1.0, -(2.0**31)], NUMPY)
    assert sent(np.array([2**60]), NUMPY) == sent(2.0**60, NUMPY)
    kind, _, data, attributes = sent(np.array([2**60 + 1, 5]), NUMPY)
    assert kind == "double" and data == np.array([2**60 + 1, 5]).tobytes() and attributes
    assert trip(np.array([2**60 + 1, 5]), NUMPY).tolist() == [2**60 + 1, 5]
    with pytest.raises(ConversionError, match="neither a double"):
        sent(np.array([2**64 - 1], np.uint64), NUMPY)
    assert sent(np.array([2**64 - 2048], np.uint64), NUMPY)[0] == "double"


def test_times_keep_what_their_unit_can_say() -> None:
    for unit in ("s", "ms", "us"):
        value = np.array(["1969-12-31T23:59:59", "2024-02-29T12:34:56", "NaT"], f"M8[{unit}]")
        back = trip(value, NUMPY)
        assert [moment.isoformat() if moment else None for moment in back] == [
            "1969-12-31T23:59:59+00:00",
            "2024-02-29T12:34:56+00:00",
            None,
        ]


@pytest.mark.parametrize("text", ["1500-01-01", "1969-12-31", "9999-12-31", "12345-01-01", "-0044-03-15"])
def test_dates_of_any_year(text: str) -> None:
    value = np.array([text], "M8[D]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)  # of years that Python's date has not
        assert trip(value, NUMPY) == value


def test_length_that_is_not_fixed_is_an_error() -> None:
    with pytest.raises(ConversionError, match="no fixed length"):
        sent(np.array([1], "m8[M]"), NUMPY)


def test_long_double_warns_if_it_is_rounded() -> None:
    if np.dtype(np.longdouble).itemsize == 8:
        pytest.skip("long double is double here")
    assert sent(np.array([1.5], np.longdouble), NUMPY) == sent(1.5, NUMPY)
    with pytest.warns(ConversionWarning, match="nearest double"):
        sent(np.array([1], np.longdouble) / 3, NUMPY)


def test_structured_array_is_a_frame() -> None:
    value = np.array([(1, 2.5, "x")], [("a", "i4"), ("b", "f8"), ("c", "U3")])
    kind, columns, attributes = sent(value, NUMPY)
    assert kind == "list" and len(columns) == 3
    assert [name for name, _ in attributes] == ["class", "names", "row.names"]
    assert sent(value.view(np.recarray), NUMPY) == (kind, columns, attributes)


@pytest.mark.parametrize(
    "value", [np.zeros(0), np.zeros((0, 3)), np.zeros(0, "U1"), np.zeros(0, object), np.zeros(0, "M8[D]")]
)
def test_empty_arrays_keep_their_type(value: Any) -> None:
    back = trip(value, NUMPY)
    assert back.shape == value.shape
    assert back.dtype == (object if value.dtype.kind == "U" else value.dtype)


def test_object_array_is_as_a_list() -> None:
    assert sent(np.array([1, None], object), NUMPY) == sent([1, None], NUMPY)
    assert sent(np.array(["a", 1], object), NUMPY) == sent(["a", 1], NUMPY)
    assert sent(np.array([None], object), NUMPY)[0] == "character"


def test_unknown_dtype_is_an_error() -> None:
    with pytest.raises(ConversionError, match="dtype"):
        sent(np.zeros(1, "V4"), NUMPY)
