from __future__ import annotations

from typing import Any

import pytest

from convert.trip import send
from jupyterlite_rpy.convert import Conversion
from jupyterlite_rpy.errors import ConversionError

np = pytest.importorskip("numpy")
sparse = pytest.importorskip("scipy.sparse")


def context(has_matrix: bool, made: list[Any]) -> Conversion:
    """A session whose R has the package Matrix, or not."""

    def call(function: str, args: Any, kwargs: Any, keep: bool = False) -> Any:
        if function == "base::requireNamespace":
            return [has_matrix]
        made.append((function, args, kwargs, keep))
        return "the matrix"

    return Conversion(pandas=False, call=call)


@pytest.mark.parametrize("form", ["csc", "csr", "coo", "lil"])
def test_r_makes_the_matrix_of_its_slots(form: str) -> None:
    made: list[Any] = []
    value = sparse.csc_matrix(np.array([[0, 1.5], [2, 0], [0, 3]])).asformat(form)
    node, _ = send(value, context(True, made))
    assert node["type"] == "character"  # what the stand-in for R returned
    [(function, args, slots, keep)] = made
    assert (function, args, keep) == ("methods::new", ("dgCMatrix",), True)
    assert slots["i"].tolist() == [1, 0, 2] and slots["p"].tolist() == [0, 1, 3]
    assert slots["Dim"].tolist() == [3, 2] and slots["x"].tolist() == [2, 1.5, 3]


def test_logical_and_array_forms() -> None:
    made: list[Any] = []
    send(sparse.eye_array(2, dtype=bool), context(True, made))
    assert made[0][1] == ("lgCMatrix",) and made[0][2]["x"].dtype == bool


def test_without_the_package_the_error_says_how_to_get_it() -> None:
    with pytest.raises(ConversionError, match=r"install\.packages\('Matrix'\)"):
        send(sparse.eye(2), context(False, []))


def test_numbers_that_matrix_does_not_know_are_an_error() -> None:
    with pytest.raises(ConversionError, match="complex128"):
        send(sparse.eye(2, dtype=complex), context(True, []))
