from __future__ import annotations

import datetime
import enum
import json
import math
import struct
from collections import OrderedDict, deque, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from convert.trip import content, receive, send, sent, trip
from jupyterlite_rpy.convert import Buffers, Conversion, RFrame, RList, RVector
from jupyterlite_rpy.errors import ConversionError, ConversionWarning

CASES = json.loads(Path(__file__).with_name("wire.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["python"])
def test_golden_value_is_encoded_byte_by_byte(case: dict[str, Any]) -> None:
    node, buffers = send(eval(case["python"], {"datetime": datetime}))
    assert json.loads(json.dumps(node)) == case["value"]
    assert [bytes(buffer).hex() for buffer in buffers] == case["buffers"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["python"])
def test_golden_value_is_decoded_to_what_encodes_the_same(case: dict[str, Any]) -> None:
    buffers = Buffers(bytearray.fromhex(text) for text in case["buffers"])
    value = receive(case["value"], buffers)
    assert sent(value) == content(case["value"], buffers)


def test_no_data_value_is_in_the_tree() -> None:
    node, _ = send({"key": ["secret", 12345.678, {"deep": "text"}]})
    text = json.dumps(node)
    assert not any(word in text for word in ("key", "secret", "12345", "deep"))


def test_bytes_are_not_copied() -> None:
    data = bytearray(b"abc")
    _, buffers = send(data)
    assert buffers[0] is data


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 10**400])
def test_integer_beyond_doubles_is_an_error(value: int) -> None:
    with pytest.raises(ConversionError, match=r"^x: the int .* beyond 2\^53.*Hint"):
        send(value)


def test_smallest_int32_is_a_double_because_r_takes_it_for_na() -> None:
    assert sent(-(2**31)) == sent(float(-(2**31)))
    assert sent([-(2**31), 1])[0] == "double"


def test_error_names_the_place() -> None:
    with pytest.raises(ConversionError) as caught:
        send({"a": [1, {"b c": ["x", "\0"]}]})
    assert caught.value.path == 'x["a"][1]["b c"][1]'
    assert str(caught.value).startswith(caught.value.path + ": ")


def test_error_names_the_element_of_a_vector() -> None:
    with pytest.raises(ConversionError) as caught:
        send([1, 2**60])
    assert caught.value.path == "x[1]"


@pytest.mark.parametrize("make", [list, dict])
def test_cycle_is_an_error(make: Any) -> None:
    value = make()
    inner = [value]
    value.append(inner) if isinstance(value, list) else value.update(a=inner)
    with pytest.raises(ConversionError, match="contains itself"):
        send(value)


def test_the_same_list_twice_is_no_cycle() -> None:
    part = ["a", 1]
    assert sent([part, part])[1][0] == sent(part)


def test_absurd_depth_is_an_error_but_a_hundred_levels_are_not() -> None:
    value: Any = ["x"]
    for _ in range(100):
        value = [value]
    assert trip(value) is not None
    for _ in range(1000):
        value = [value]
    with pytest.raises(ConversionError, match="nested"):
        send(value)


@pytest.mark.parametrize("value", [(i for i in []), iter([1]), map(str, [1]), zip([1], [2], strict=True)])
def test_what_can_be_read_only_once_is_an_error(value: Any) -> None:
    with pytest.raises(ConversionError, match=r"Hint: pass list\(\.\.\.\)"):
        send(value)


def test_dict_key_that_is_no_text_is_an_error() -> None:
    with pytest.raises(ConversionError, match="key 1 is of type int"):
        send({"a": {1: 2}})


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_r_cannot_hold_is_an_error(text: str) -> None:
    with pytest.raises(ConversionError, match="NUL|surrogate"):
        send(["fine", text])


def test_scalars_of_one_kind_make_a_vector() -> None:
    assert sent([True, False])[0] == "logical"
    assert sent([True, 2])[0] == "integer"
    assert sent([1, 2.5, True])[0] == "double"
    assert sent([1, 2.5, 1j])[0] == "complex"
    assert sent(["a", "b"])[0] == "character"
    assert sent([Fraction(1, 2), Decimal("0.25"), 1]) == sent([0.5, 0.25, 1.0])


@pytest.mark.parametrize(
    "value", [[1, "a"], [b"a"], [[1]], [None], [{}], [datetime.date(1, 1, 1), 1], [object()]]
)
def test_anything_else_makes_a_list(value: Any) -> None:
    assert sent(value)[0] == "list"


def test_sequences_are_alike() -> None:
    expected = sent([1, 2, 3])
    for value in (
        (1, 2, 3),
        range(1, 4),
        deque([1, 2, 3]),
        {3, 2, 1},
        frozenset({1, 2, 3}),
        {1: 0, 2: 0, 3: 0}.keys(),
    ):
        assert sent(value) == expected


def test_named_things_are_alike() -> None:
    @dataclass
    class Class:
        a: int
        b: str

    expected = sent({"a": 1, "b": "x"})
    tuple_class = namedtuple("tuple_class", "a b")
    for value in (OrderedDict(a=1, b="x"), Class(1, "x"), tuple_class(1, "x")):
        assert sent(value) == expected


def test_enum_is_its_value_also_in_a_list() -> None:
    class Level(enum.Enum):
        LOW = "low"

    class Number(enum.IntEnum):
        ONE = 1

    assert sent(Level.LOW) == sent("low")
    assert sent([Level.LOW, None]) == sent(["low", None])
    assert sent([Number.ONE]) == sent([1])


def test_missing_is_na_and_nan_is_nan() -> None:
    kind, length, data, _ = sent([1.5, None, math.nan])
    assert (kind, length) == ("double", 3)
    words = struct.unpack("<6I", data)
    assert words[2] == 1954 and words[4] != 1954
    assert trip([1.5, None, math.nan])[1] is None
    assert math.isnan(trip([1.5, None, math.nan])[2])


def test_naive_time_is_in_the_zone_of_the_session() -> None:
    zurich = Conversion(numpy=False, pandas=False, timezone="Europe/Zurich")
    made = receive(*send(datetime.datetime(2024, 7, 1, 12), zurich), zurich)
    assert made[0].isoformat() == "2024-07-01T12:00:00+02:00"


def test_offset_that_no_zone_of_r_has_is_utc_with_a_warning() -> None:
    india = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    with pytest.warns(ConversionWarning, match="UTC"):
        made = trip(datetime.datetime(2024, 1, 1, 5, 30, tzinfo=india))
    assert made[0].isoformat() == "2024-01-01T00:00:00+00:00"


def test_whole_hours_have_a_zone_in_r() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-5))
    made = trip(datetime.datetime(2024, 1, 1, tzinfo=zone))
    assert made.rattrs["tzone"] == ["Etc/GMT+5"]
    assert made[0] == datetime.datetime(2024, 1, 1, tzinfo=zone)


def test_loss_is_told_once_for_each_variable() -> None:
    heard: list[ConversionWarning] = []
    context = Conversion(numpy=False, pandas=False, warn=heard.append)
    send({"a": Decimal("0.1"), "b": [Decimal("0.1"), Fraction(1, 3)]}, context, "prices")
    assert len(heard) == 1
    assert str(heard[0]).startswith('prices["a"]: Decimal became the nearest double')


def test_warning_points_at_the_line_outside_this_package() -> None:
    with pytest.warns(ConversionWarning) as heard:
        send(Decimal("0.1"))
    assert Path(heard[0].filename).name == "trip.py"  # the caller of encode()


class Anything:
    pass


def test_other_objects_stay_in_python() -> None:
    value = Anything()
    context = Conversion(numpy=False, pandas=False)
    node, buffers = send([value, value], context)
    first, second = node["items"]
    assert first["type"] == "python" and first["id"] == second["id"] and not first["callable"]
    assert first["class"][-1].endswith("Anything")
    back = receive(node, buffers, context)
    assert back[0] is value and back[1] is value
    assert len(context.objects) == 1
    context.objects.release([first["id"]])
    assert len(context.objects) == 1
    context.objects.release([first["id"]])
    assert len(context.objects) == 0


def test_functions_and_classes_are_callable_in_r() -> None:
    for value in (print, Anything, lambda: None):
        node, _ = send(value)
        assert node["callable"]


def test_many_objects_that_stay_in_python_go_in_columns() -> None:
    """The same ids, classes and references as one by one; a value among them that has a rule ends that."""
    context = Conversion(numpy=False, pandas=False)
    shared = Anything()
    values = [Anything() for _ in range(120)] + [shared, print, shared]
    node, _ = send(values, context)
    columns = node["pythons"]
    assert [context.objects.get(id) for id in columns["ids"]] == values
    kinds = [columns["kinds"][of] for of in columns["of"]]
    for kind, value in zip(kinds, values, strict=True):
        assert {"type": "python", "id": 0, **kind} == {**send(value)[0], "id": 0}
    context.objects.release(columns["ids"][:-1])
    assert len(context.objects) == 1 and context.objects.get(columns["ids"][-1]) is shared
    assert "items" in send([*values, {"a": 1}], context)[0]


def test_nothing_is_kept_for_r_when_encoding_fails() -> None:
    context = Conversion(numpy=False, pandas=False)
    with pytest.raises(ConversionError):
        send([Anything(), print, {1: 2}], context)
    assert len(context.objects) == 0


def test_python_object_survives_a_release_that_crosses_a_new_sending() -> None:
    objects = Conversion().objects
    value = Anything()
    number = objects.add(value)
    assert objects.add(value) == number
    objects.release([number])
    assert objects.get(number) is value
    objects.release([number])
    with pytest.raises(KeyError):
        objects.get(number)


def test_rolling_back_undoes_only_the_latest_additions() -> None:
    objects = Conversion().objects
    first, second = Anything(), Anything()
    objects.add(first)
    mark = objects.mark()
    objects.add(first)
    objects.add(second)
    objects.roll_back(mark)
    assert len(objects) == 1 and objects.get(1) is first


def test_rlist_rvector_and_rframe_keep_what_r_knows() -> None:
    for value in (
        RList([1, "a"], names=["a", ""]),
        RList([1], attributes={"class": RVector(["mine"], "character")}),
        RVector([1, None], "integer", {"names": RVector(["a", "b"], "character")}),
        RVector([], "character"),
        RVector([1 + 1j, None], "complex"),
        RFrame({"a": RVector([1, 2], "integer")}),
    ):
        assert sent(trip(value)) == sent(value)


def test_frame_of_unequal_columns_is_an_error() -> None:
    with pytest.raises(ConversionError, match="equally long"):
        send(RFrame({"a": [1, 2], "b": [1]}))


def test_vector_that_took_other_values_is_encoded_afresh() -> None:
    value = trip([1, 2])
    value[0] = "text"
    assert sent(value) == sent(["text", 2])
    value = trip([1, 2])
    value[0] = 1.5
    assert sent(value) == sent([1.5, 2])


def test_changed_date_is_encoded_and_the_others_stay_as_r_had_them() -> None:
    value = trip([datetime.date(2024, 1, 1), None])
    value[1] = datetime.date(1970, 1, 2)
    assert sent(value) == sent([datetime.date(2024, 1, 1), datetime.date(1970, 1, 2)])
    value[1] = "no date"
    with pytest.raises(ConversionError, match="Date"):
        send(value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a\0", "x"),
        (["a", "b", "c\0"], "x[2]"),
        ({"a": ["b", None, "\ud800"]}, 'x["a"][2]'),
        ({"a\0": 1}, "x"),
        ([1, 2**53 + 1, 1.5], "x[1]"),
        ([None, 2**53 + 1], "x[1]"),
        ([1.5, Fraction(10) ** 400], "x[1]"),
        ([1.5, Decimal(10) ** 400], "x[1]"),
    ],
    ids=repr,
)
def test_error_names_the_element(value: Any, path: str) -> None:
    with pytest.raises(ConversionError) as raised:
        send(value)
    assert raised.value.path == path
