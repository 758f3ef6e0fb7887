from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyterlite_rpy.operations import OPERATIONS
from jupyterlite_rpy.python import Python, stays

NAMES = [*OPERATIONS, "main_get", "exec", "error_last"]


@pytest.fixture
def names() -> dict[str, Any]:
    return {"__name__": "notebook", "x": 1}


@pytest.fixture
def python(names: dict[str, Any]) -> Python:
    return Python(names)


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_found_by_name(python: Python, name: str) -> None:
    assert callable(python.operation(name))


@pytest.mark.parametrize("name", ["", "nothing", "namespace", "operation", "__init__", "_globals"])
def test_nothing_else_is_an_operation(python: Python, name: str) -> None:
    with pytest.raises(KeyError):
        python.operation(name)


def test_the_notebook_s_variables_are_those_of_main_unless_told_otherwise() -> None:
    import __main__

    assert Python().namespace is vars(__main__)


def test_variables_are_read_and_written(python: Python, names: dict[str, Any]) -> None:
    python.operation("main_set")("y", 2)
    assert names["y"] == python.operation("main_get")("y") == 2
    assert python.operation("main_names")() == ["x", "y"]
    python.operation("main_del")("y")
    assert not python.operation("main_has")("y")
    for name in ("main_get", "main_del"):
        with pytest.raises(NameError, match="'y' is not defined in Python"):
            python.operation(name)("y")


def test_code_runs_among_them_and_tells_what_it_made(python: Python, names: dict[str, Any]) -> None:
    assert python.exec("    y = x + 1\n    x = 5") == {"y": 2, "x": 5}
    assert python.exec("z = y", True) == {"z": 2}
    assert "z" not in names
    assert python.eval(" x + 1 ") == 6


def test_a_file_runs_under_its_name(python: Python, tmp_path: Path) -> None:
    file = tmp_path / "made.py"
    file.write_text("def fail():\n    raise ValueError('é')\n", "utf-8")
    made = python.exec_file(str(file))
    with pytest.raises(ValueError, match="é") as caught:
        made["fail"]()
    python.last_error = caught.value
    told = python.error_last()
    assert told is not None
    assert told["message"] == "ValueError: é"
    assert any("made.py" in line for line in told["traceback"])


def test_the_story_of_an_error_has_code_from_r_in_it(python: Python) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        python.exec("def half():\n    return 1 / 0\nhalf()")
    python.last_error = caught.value
    told = python.error_last()
    assert told is not None
    assert "    return 1 / 0" in told["traceback"]
    assert not any("exec(compiled" in line for line in told["traceback"])
    python.error_clear()
    assert python.error_last() is None


def test_modules_have_their_submodules() -> None:
    import xml

    assert OPERATIONS["dollar"](xml, "dom").__name__ == "xml.dom"
    with pytest.raises(AttributeError):
        OPERATIONS["dollar"](xml, "nothing")


def test_items_of_dicts_are_reached_like_attributes() -> None:
    found = {"a": 1}
    assert OPERATIONS["dollar"](found, "a") == 1
    assert list(OPERATIONS["dollar"](found, "keys")()) == ["a"]
    OPERATIONS["dollar_set"](found, "b", 2)
    assert found == {"a": 1, "b": 2}
    with pytest.raises(KeyError):
        OPERATIONS["dollar"](found, "c")


def test_whole_numbers_are_positions_in_sequences_and_keys_in_dicts() -> None:
    assert OPERATIONS["item"]([1, 2], 1.0) == 2
    assert OPERATIONS["item"]({1.5: "a"}, 1.5) == "a"
    values = [1, 2, 3]
    OPERATIONS["item_set"](values, 9, 0.0)
    OPERATIONS["item_del"](values, 1.0)
    assert values == [9, 3]
    with pytest.raises(TypeError):
        OPERATIONS["item"]([1, 2], 0.5)


def test_brackets_reach_attributes_where_there_are_no_items() -> None:
    assert OPERATIONS["brackets"]({"real": 1}, "real") == 1
    assert OPERATIONS["brackets"](1.5, "real") == 1.5


@pytest.mark.parametrize(
    ("value", "length", "shape"), [([1, 2], 2, None), (object(), 1, None), ("abc", 3, None)]
)
def test_length_and_shape(value: object, length: int, shape: Any) -> None:
    assert OPERATIONS["length"](value) == length
    assert OPERATIONS["shape"](value) == shape


def test_operators() -> None:
    operate = OPERATIONS["operate"]
    assert (operate("+", 1, 2), operate("%/%", 7, 2), operate("-", 3), operate("!", 0)) == (3, 3, -3, True)
    assert operate("<=", 1, 1) is True


def test_an_iterator_tells_its_end() -> None:
    iterator = iter([None])
    assert [OPERATIONS["next"](iterator) for _ in range(2)] == [[None], []]
    assert stays(iterator)
    assert not stays([1])


def test_a_class_is_made_of_functions() -> None:
    cls = OPERATIONS["class"]("Counter", [], {"__init__": lambda self, n: vars(self).update(n=n), "start": 1})
    assert (cls(3).n, cls.start, cls.__name__) == (3, 1, "Counter")


def test_output_is_captured(python: Python, capsys: pytest.CaptureFixture[str]) -> None:
    python.capture_begin(["stdout"])
    print("kept")
    python.warnings_begin()
    assert python.capture_end() == ""
    assert python.capture_end() == "kept\n"
    print("shown")
    assert capsys.readouterr().out == "shown\n"


def test_a_context_is_told_of_errors(python: Python) -> None:
    from contextlib import suppress

    assert python.exit(suppress(RuntimeError), "R failed") is True
    assert python.exit(suppress(ValueError), "R failed") is False
    python.last_error = ValueError("x")
    assert python.exit(suppress(ValueError), "x", True) is True
    assert python.exit(suppress(ValueError)) is False


def test_modules_that_can_be_imported_are_available() -> None:
    available = OPERATIONS["available"]
    assert (available("json"), available("nothing_here"), available("nothing.here")) == (True, False, False)


def test_objects_are_saved_and_loaded(tmp_path: Path) -> None:
    path = str(tmp_path / "object.pickle")
    OPERATIONS["save"]({"a": 1}, path)
    assert OPERATIONS["load"](path) == {"a": 1}
