"""The conversions against real R: every example of the documentation, R's data sets, nasty values."""

from __future__ import annotations

import collections
import dataclasses
import enum
import gc
import inspect
import math
import warnings
import weakref
from array import array
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from convert.documented import Example, examples
from convert.nasty import NASTY
from needs import needs_node

from jupyterlite_rpy.config import RSettings
from jupyterlite_rpy.convert import Converters, RFrame, RList, RVector
from jupyterlite_rpy.errors import ConversionError, ConversionWarning, RError, StaleObjectError
from jupyterlite_rpy.robject import RFunction, RObject
from jupyterlite_rpy.session import Session

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
from jupyterlite_rpy.convert.arrays import RArray  # noqa: E402 - it needs NumPy

pytestmark = needs_node

ZURICH = RSettings(timezone="Europe/Zurich")


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: float


Pair = collections.namedtuple("Pair", "a b")


@pytest.fixture(scope="module")
def r() -> Iterator[Session]:
    """R with NumPy and pandas, in a zone that changes its clocks."""
    session = Session(settings=ZURICH)
    assert session.eval("Sys.timezone()").tolist() == ["Europe/Zurich"]
    yield session
    session.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[Session]:
    """R for a Python that has neither NumPy nor pandas."""
    session = Session(settings=ZURICH)
    session.runtime.libraries = frozenset  # type: ignore[method-assign, assignment]
    yield session
    session.close()


def evaluate(code: str, **names: Any) -> Any:
    return eval(code, {**globals(), **names})


def returns_identical(session: Session, code: str) -> bool:
    """Whether a value goes to Python and back, and is the same for R, attributes in order or not."""
    session.run(f"original <- {{ {code} }}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        session.set({"back": session.get("original")})
    return bool(session.eval("identical(back, original)")[0])


@pytest.mark.parametrize("example", examples("Python to R"), ids=lambda example: example.code)
def test_documented_value_goes_to_r(r: Session, example: Example) -> None:
    scope = {**globals(), "r": r}
    if "scipy" in example.code:
        scope["scipy"] = pytest.importorskip("scipy")
        pytest.importorskip("scipy.sparse")
    exec(example.code, scope)
    if example.remark == "ConversionError":
        with pytest.raises(ConversionError, match=r"^x[\[:]"):
            r.set({"x": scope["x"]})
        return
    if example.remark == "with a warning":
        with pytest.warns(ConversionWarning, match="^x"):
            r.set({"x": scope["x"]})
    else:
        assert not example.remark
        r.set({"x": scope["x"]})
    assert r.eval(example.check).tolist() == [True], r.eval("paste(deparse(x), collapse = ' ')")


@pytest.mark.parametrize("example", examples("R to Python"), ids=lambda example: example.code)
def test_documented_value_comes_from_r(r: Session, example: Example) -> None:
    r.run(f"x <- {{ {example.code} }}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConversionWarning)
        x = r.get("x")
    assert evaluate(example.check, x=x), repr(x)
    assert not example.remark
    assert returns_identical(r, example.code)


@pytest.mark.parametrize("example", examples("Without NumPy and pandas"), ids=lambda example: example.code)
def test_documented_value_comes_as_plain_python(plain: Session, example: Example) -> None:
    plain.run(f"x <- {{ {example.code} }}")
    x = plain.get("x")
    assert evaluate(example.check, x=x), repr(x)
    assert returns_identical(plain, example.code)


def data_sets(session: Session) -> list[str]:
    code = 'sort(unique(sub(" .*", "", data(package = "datasets")$results[, "Item"])))'
    return [str(name) for name in session.eval(code)]


def test_every_data_set_of_r_returns_identical(r: Session) -> None:
    names = data_sets(r)
    assert len(names) > 100
    assert [name for name in names if not returns_identical(r, f"datasets::`{name}`")] == []


def test_every_data_set_of_r_returns_identical_without_numpy(plain: Session) -> None:
    names = data_sets(plain)
    assert [name for name in names if not returns_identical(plain, f"datasets::`{name}`")] == []


@pytest.mark.parametrize("code", NASTY)
def test_nasty_value_returns_identical(r: Session, code: str) -> None:
    assert returns_identical(r, code)


@pytest.mark.parametrize("code", [code for code in NASTY if "|>" not in code])
def test_nasty_value_returns_identical_without_numpy(plain: Session, code: str) -> None:
    assert returns_identical(plain, code)


def test_broken_frame_is_an_error_that_names_the_column(r: Session, plain: Session) -> None:
    r.run("broken <- structure(list(a = 1:2, b = 1), class = 'data.frame', row.names = 1:2)")
    with pytest.raises(ConversionError, match=r'^broken\["b"\]: a broken data.frame: 1 elements in 2 rows'):
        r.get("broken")
    for session in (r, plain):
        session.run("broken <- structure(list(1, 2), class = 'data.frame', row.names = 1L, names = 'a')")
        session.run("attr(broken, 'names') <- NULL")
        assert isinstance(session.get("broken"), RList)


def test_either_all_values_arrive_or_none(r: Session) -> None:
    r.run("one <- 'before'")
    with pytest.raises(ConversionError, match=r'^two\["k"\]: '):
        r.set({"one": 1, "two": {"k": 2**60}, "three": 3})
    assert r.eval("one").tolist() == ["before"]
    assert not r.eval("exists('three')")[0]


def test_many_objects_stay_themselves(r: Session) -> None:
    r.run("many <- lapply(1:500, function(i) function() i); cells <- data.frame(n = 1:500); cells$f <- many")
    many, cells = r.get("many"), r.get("cells")
    assert {type(one) for one in many} == {RFunction} and many[41]()[0] == 42
    assert many[0].rclass == ("function",) and isinstance(cells["f"][499], RFunction)
    r.set({"back": many, "cells_back": cells})
    assert r.eval("identical(back, many) && identical(cells_back, cells)")[0]
    del many, cells
    objects = [object() for _ in range(500)]
    r.set({"objects": objects})
    assert all(one is other for one, other in zip(r.get("objects"), objects, strict=True))
    assert r.eval("all(vapply(objects, function(x) identical(class(x), class(objects[[1]])), NA))")[0]
    r.run("class(objects[[1]]) <- 'mine'")
    assert r.eval("class(objects[[2]])")[0] == "python.builtin.object"


def test_errors_of_values_from_r_name_the_variable_and_the_place(r: Session) -> None:
    r.run("fine <- 1; bad <- list(a = list(1, c('x', '\\xff'))); table <- data.frame(t = c('x', '\\xff'))")
    for name, path in (("bad", 'bad["a"][1][1]'), ("table", 'table["t"][1]')):
        for get in (lambda name: r.get(name), lambda name: r.run("1", outputs=["fine", name])):
            with pytest.raises(ConversionError, match="not valid UTF-8. Hint: ") as raised:
                get(name)
            assert raised.value.path == path
    r.set({"give": lambda x: x})
    with pytest.raises(RError, match=r"argument 2\[1\]: a string is not valid UTF-8"):
        r.eval("give(1, c('x', '\\xff'))")


def test_python_objects_stay_the_same_and_are_let_go(r: Session) -> None:
    class Mine:
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return [len(args), sorted(kwargs)]

    mine, other = Mine(), Mine()
    r.set({"mine": mine, "things": [other, other, mine]})
    back = r.get("things")
    assert back[0] is other and back[1] is other and back[2] is mine and r.get("mine") is mine
    assert r.eval("mine(1, 2, b = 3, a = 4)")[0].tolist() == [2]
    r.run("rm(mine, things); invisible(gc())")
    r.run("invisible(NULL)")
    # Not by the number of objects that R has: garbage of other tests goes with these.
    held = weakref.ref(mine), weakref.ref(other)
    del mine, other, back
    gc.collect()
    assert [ref() for ref in held] == [None, None]


def test_r_objects_are_freed_when_python_drops_them(r: Session) -> None:
    r.run("freed <- 0; finish <- function(e) freed <<- freed + 1")
    r.run("made <- function() {e <- new.env(); reg.finalizer(e, finish); e}")
    objects = [r.call("made") for _ in range(50)]
    r.run("invisible(gc())")
    assert r.eval("freed")[0] == 0
    del objects
    r.run("invisible(gc())")
    r.run("invisible(gc())")
    assert r.eval("freed")[0] == 50


def test_r_object_made_by_a_converter_lives_until_it_is_sent(r: Session) -> None:
    converters = Converters()
    converters.to_r(Point)(lambda point: r.call_function("base::list2env", ({"x": point.x},), keep=True))
    with converters:
        r.set({"env": Point(5, 0.0), "more": [Point(6, 0.0), Point(7, 0.0)]})
    r.run("invisible(gc())")
    assert r.eval("c(env$x, more[[1]]$x, more[[2]]$x)").tolist() == [5, 6, 7]


def test_objects_answer_as_r_does(r: Session) -> None:
    r.run(
        "fit <- lm(mpg ~ wt, mtcars); box <- setClass('Box', representation(w = 'numeric')); b <- box(w = 2)"
    )
    fit, b = r.get("fit"), r.get("b")
    assert fit.rclass == ("lm",) and "coefficients" in fit and len(fit) == 12
    assert fit["coefficients"].names == ["(Intercept)", "wt"] and fit[0].names == fit["coefficients"].names
    assert fit.attr("class").tolist() == ["lm"] and fit.attr("none") is None
    assert fit.to_py()["rank"].tolist() == [2]
    assert b.slots["w"].tolist() == [2] and b["w"].tolist() == [2] and b.to_py()["w"].tolist() == [2]
    assert repr(b).strip() == 'An object of class "Box"\nSlot "w":\n[1] 2'
    predict = r.get("predict")
    assert round(float(predict(fit, newdata=pd.DataFrame({"wt": [3.0]}))[0]), 2) == 21.25
    assert "na_rm=FALSE" in str(inspect.signature(r.get("mean.default")))
    assert str(inspect.signature(r.get("sum"))) == "(*args, na_rm=FALSE, **kwargs)"


def test_objects_of_an_earlier_r_are_void() -> None:
    session = Session(settings=ZURICH)
    fit = session.eval("lm(mpg ~ wt, mtcars)")
    session.close()
    session.eval("1")
    with pytest.raises(StaleObjectError, match="restarted"):
        session.set({"fit": fit})
    del fit
    assert session.eval("2")[0] == 2
    session.close()


def test_frame_changed_in_python_goes_back_with_what_still_fits(r: Session) -> None:
    r.run("chick <- ChickWeight")
    frame = r.get("chick")
    frame["weight"] = frame["weight"] * 2
    r.set({"heavy": frame[frame["Time"] > 0]})
    assert r.eval("class(heavy)").tolist() == r.eval("class(chick)").tolist()
    assert r.eval("identical(heavy$weight, chick$weight[chick$Time > 0] * 2)")[0]
    assert r.eval("identical(attr(heavy, 'formula'), attr(chick, 'formula'))")[0]


def test_list_a_hundred_deep_returns_identical(r: Session) -> None:
    assert returns_identical(r, "local({x <- 1; for (i in 1:100) x <- list(x); x})")


def test_unused_names_are_used() -> None:
    """Names that only the documentation's examples use."""
    assert all(
        (array, date, datetime, timedelta, timezone, Decimal, Fraction, ZoneInfo, inspect, math, RArray)
    )
    assert all((RFrame, RList, RVector, Converters, RFunction, RObject, Pair, pl, pa))
