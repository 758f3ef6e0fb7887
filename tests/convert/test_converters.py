from __future__ import annotations

from typing import Any

import pytest

from convert.trip import receive, send, sent, trip
from jupyterlite_rpy.convert import Conversion, Converters, RFrame, RList, RVector, current, default
from jupyterlite_rpy.errors import ConversionError


class Point:
    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y


class Point3(Point):
    pass


@pytest.fixture
def converters() -> Converters:
    made = Converters()

    @made.to_r(Point)
    def point_to_r(value: Point) -> RList:
        return RList([value.x, value.y], names=["x", "y"], attributes={"class": ["point"]})

    @made.from_r("point")
    def point_from_r(value: RList) -> Point:
        return Point(value["x"], value["y"])

    return made


def test_convert_both_ways_within_the_block_only(converters: Converters) -> None:
    with converters:
        node, buffers = send({"p": Point(1, [2, 3])})
        assert node["items"][0]["type"] == "list"
        back = receive(node, buffers)
        assert isinstance(back["p"], Point) and back["p"].y == [2, 3]
    assert isinstance(receive(node, buffers)["p"], RList)
    assert send(Point(1, 2))[0]["type"] == "python"
    assert current() is default


def test_serve_subclasses_and_elements_of_lists(converters: Converters) -> None:
    with converters:
        assert send([Point3(1, 2), Point(3, 4)])[0]["items"][0]["type"] == "list"


def test_nested_blocks_add_up_and_the_inner_one_wins(converters: Converters) -> None:
    inner = Converters()
    inner.to_r(Point3)(lambda value: "inner")
    with converters, inner:
        assert sent(Point3(1, 2)) == sent("inner")
        assert sent(Point(1, 2))[0] == "list"
    with converters:
        assert sent(Point3(1, 2))[0] == "list"


def test_parent_is_asked_for_what_is_not_there(converters: Converters) -> None:
    context = Conversion(numpy=False, pandas=False, converters=Converters(parent=converters))
    assert sent(Point(1, 2), context)[0] == "list"


def test_the_same_set_may_be_entered_again(converters: Converters) -> None:
    with converters, converters:
        assert sent(Point(1, 2))[0] == "list"
    assert current() is default


def test_returning_the_same_type_hands_on_to_the_rules() -> None:
    made = Converters()
    made.to_r(dict)(lambda value: {key.upper(): part for key, part in value.items()})
    made.to_r(str)(lambda value: value + "!")
    with made:
        assert sent({"a": "x"}) == sent({"A": "x"})
    made = Converters()
    made.to_r(list)(lambda value: value[::-1])
    with made:
        assert trip([1, 2]) == [2, 1]


def test_a_converter_that_never_ends_is_an_error() -> None:
    made = Converters()
    made.to_r(int)(lambda value: [value])
    made.to_r(list)(lambda value: {"a": (value,)})
    made.to_r(tuple)(lambda value: list(value))
    with made, pytest.raises(ConversionError, match="nested"):
        send(1)


def test_the_first_class_with_a_converter_decides(converters: Converters) -> None:
    converters.from_r("shape")(lambda value: "shape")
    value = RList(
        [1, 2], names=["x", "y"], attributes={"class": RVector(["square", "shape", "point"], "character")}
    )
    with converters:
        assert trip(value) == "shape"


def test_errors_of_converters_come_through(converters: Converters) -> None:
    @converters.to_r(complex)
    def broken(value: complex) -> Any:
        raise ZeroDivisionError("mine")

    with converters, pytest.raises(ZeroDivisionError, match="mine"):
        send(1j)


def test_many_objects_of_r_come_in_columns(converters: Converters) -> None:
    kinds = [{"typeof": "closure", "class": ["function"]}, {"typeof": "S4", "class": ["point"]}]
    node: Any = {
        "type": "list",
        "length": 3,
        "handles": {"ids": [7, 5, 9], "of": [0, 1, 0], "kinds": kinds},
        "attributes": [["names", send(["a", "b", "c"])[0]]],
    }
    buffers = send(["a", "b", "c"])[1]
    context = Conversion(numpy=False, pandas=False, handle=lambda node: (node["id"], node["class"]))
    expected = {"a": (7, ("function",)), "b": (5, ("point",)), "c": (9, ("function",))}
    assert receive(node, buffers, context) == expected
    converters.from_r("point")(lambda value: value[0])
    with converters:
        assert receive(node, buffers, context) == {**expected, "b": 5}


def test_a_kind_of_frame_is_converted_wherever_it_stands() -> None:
    pd = pytest.importorskip("pandas")

    class Places(pd.DataFrame):  # type: ignore[misc, name-defined]
        @property
        def _constructor(self) -> Any:
            return Places

    made = Converters()

    @made.to_r(Places)
    def places_to_r(frame: Any) -> RFrame:
        texts = [f"POINT {place}" for place in frame["geometry"]]
        return RFrame({"town": frame["town"], "geometry": texts}, {"class": ["places", "data.frame"]})

    @made.from_r("places")
    def places_from_r(frame: Any) -> Places:
        return Places(frame.assign(geometry=[text[6:] for text in frame["geometry"]]))

    frame = Places({"town": ["Bern", "Chur"], "geometry": ["7 46", "9 46"]})
    with made:
        node, buffers = send({"a": [frame, 1]}, Conversion())
        back = receive(node, buffers, Conversion())["a"][0]
    assert type(back) is Places and back["geometry"].tolist() == ["7 46", "9 46"]
    plain = receive(node, buffers, Conversion())["a"][0]
    assert type(plain) is pd.DataFrame and plain["geometry"].tolist() == ["POINT 7 46", "POINT 9 46"]
