"""`rpy2.robjects` as notebooks use it: code, variables, vectors, functions, packages, the console."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from needs import needs_node

pytestmark = needs_node


# ---- what it is


def test_the_version_says_whose_it_is() -> None:
    import rpy2

    assert rpy2.__version__.partition("+")[2].startswith("jupyterlite_rpy.")


def test_modules_have_one_copy_under_both_names() -> None:
    import rpy2.robjects.vectors

    from jupyterlite_rpy.rpy2_facade.robjects import vectors

    assert rpy2.robjects.vectors is vectors


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="from-rpy2"):
        __import__("rpy2.robjects.lib.dplyr")


def test_a_real_rpy2_is_left_alone(tmp_path: Path) -> None:
    for name in ("robjects", "rinterface"):
        (tmp_path / "rpy2" / name).mkdir(parents=True)
        (tmp_path / "rpy2" / name / "__init__.py").write_text(f"REAL = {name!r}\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from jupyterlite_rpy import rpy2_facade\n"
        "import rpy2.robjects as a; assert a.REAL == 'robjects'\n"
        "for name in list(sys.modules):\n"
        "    if name.split('.')[0] == 'rpy2': del sys.modules[name]\n"
        "rpy2_facade.install(force=True); import rpy2.robjects as b; assert not hasattr(b, 'REAL')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


def test_a_script_gets_it_by_one_import(tmp_path: Path) -> None:
    code = "import jupyterlite_rpy.rpy2_facade\nimport rpy2.robjects as ro\nprint(ro.r('1 + 1')[0])"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout == "2.0\n"


# ---- code and variables


def test_code_has_a_value_unless_r_would_hide_it(ro: Any) -> None:
    assert list(ro.r("a <- 1; a + 1")) == [2.0]
    assert ro.r("a <- 1") is None
    assert list(ro.r("a <- 1", invisible=False)) == [1.0]
    assert ro.r("NULL") is ro.NULL and not ro.NULL


def test_names_are_looked_up(ro: Any) -> None:
    assert ro.r["pi"][0] == ro.r.pi[0] == pytest.approx(3.14159, abs=1e-5)
    assert ro.r.is_null(ro.NULL)[0] is True
    with pytest.raises(KeyError):
        ro.r["no.such.thing"]
    assert not hasattr(ro.r, "no_such_thing")


def test_the_global_environment_is_a_mapping(ro: Any) -> None:
    env = ro.globalenv
    env["some"] = ro.IntVector([3])
    assert list(ro.r("some * 2L")) == [6]
    assert "some" in env and "some" in list(env.keys()) and env["some"][0] == 3
    assert env.find("pi")[0] > 3
    assert env.get("nope", 1) == 1
    del env["some"]
    with pytest.raises(KeyError):
        env["some"]
    with pytest.raises(KeyError):
        env.find("some")


def test_functions_that_look_around_see_the_global_environment(ro: Any) -> None:
    ro.r.assign("made", 5)
    assert ro.globalenv["made"][0] == 5
    assert "made" in list(ro.r.ls())
    ro.r.rm("made")
    assert "made" not in ro.globalenv


def test_environments(ro: Any) -> None:
    env = ro.Environment()
    env.update({"a": 1, "b": "x"})
    assert sorted(env) == ["a", "b"] and len(env) == 2
    assert dict(env.items())["b"][0] == "x"
    assert env.pop("a")[0] == 1
    env.clear()
    assert len(env) == 0


# ---- vectors


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("BoolVector", [True, False]),
        ("IntVector", [1, -2]),
        ("FloatVector", [1.5, 2.0]),
        ("ComplexVector", [1 + 2j]),
        ("StrVector", ["a", "é😀"]),
        ("ByteVector", [1, 255]),
    ],
)
def test_vectors_of_each_type(ro: Any, name: str, values: list[Any]) -> None:
    cls = getattr(ro, name)
    vector = cls(values)
    assert list(vector) == values and len(vector) == len(values) and vector[-1] == values[-1]
    assert isinstance(ro.r["rev"](vector), cls) and list(ro.r["rev"](vector)) == values[::-1]
    assert len(cls([])) == 0


@pytest.mark.parametrize(
    ("name", "na"),
    [
        ("BoolVector", "NA_Logical"),
        ("IntVector", "NA_Integer"),
        ("FloatVector", "NA_Real"),
        ("StrVector", "NA_Character"),
    ],
)
def test_missing_elements_are_rpy2_s_objects(ro: Any, name: str, na: str) -> None:
    missing = getattr(ro, na)
    vector = getattr(ro, name)([None, missing])
    assert vector[0] is missing and vector[1] is missing
    assert list(ro.r["is.na"](vector)) == [True, True]
    assert ro.r["typeof"](missing)[0] == vector.typeof


def test_numbers_that_do_not_fit_are_errors(ro: Any) -> None:
    with pytest.raises(OverflowError):
        ro.IntVector([2**31])
    with pytest.raises(ValueError):
        ro.FloatVector(["a"])


def test_subsetting_counts_as_r_does(ro: Any) -> None:
    x = ro.IntVector([10, 20, 30])
    x.names = ro.StrVector(["a", "b", "c"])
    assert x.rx(1)[0] == 10 and x.rx("b")[0] == 20 and list(x.rx(-1)) == [20, 30]
    assert x.rx2("c")[0] == 30 and list(x[1:]) == [20, 30] and x["a"] == 10
    x[0] = 5
    x.rx[2] = ro.IntVector([6])
    assert list(x) == [5, 6, 30] and list(x.names) == ["a", "b", "c"]
    x[0:2] = [1, 2]
    assert list(x) == [1, 2, 30]
    with pytest.raises(IndexError):
        x[3]


def test_operators(ro: Any) -> None:
    x = ro.IntVector([1, 2, 3])
    assert list(x.ro + 1) == [2, 3, 4] and list(1 - x.ro) == [0, -1, -2]
    assert list(x.ro >= 2) == [False, True, True] and list(x.ro**2) == [1, 4, 9]
    assert list(x.ro % 2) == [1, 0, 1] and list(x.ro // 2) == [0, 1, 1] and list(-x.ro) == [-1, -2, -3]
    assert list((x.ro > 1).ro & (x.ro < 3)) == [False, True, False]
    assert list(x + ro.IntVector([4])) == [1, 2, 3, 4]  # concatenation, as in rpy2


def test_lists(ro: Any) -> None:
    x = ro.ListVector({"a": 1, "b": ro.StrVector(["x", "y"])})
    assert list(x.names) == ["a", "b"] and x.rx2("b")[1] == "y" and x[0][0] == 1
    assert [name for name, _ in x.items()] == ["a", "b"]
    x.rx2["c"] = ro.FloatVector([2])
    assert len(x) == 3
    from rpy2.rlike.container import OrdDict, TaggedList

    assert list(ro.ListVector(TaggedList([1, 2], tags=("u", None))).names) == ["u", ""]
    assert list(ro.ListVector(OrdDict([("u", 1), ("v", 2)])).names) == ["u", "v"]


def test_text_and_html(ro: Any) -> None:
    x = ro.IntVector([1, 2])
    assert str(x) == "[1] 1 2" and x.r_repr() == "1:2"
    assert x._repr_html_() is None
    frame = ro.r("head(mtcars, 2)")
    assert frame._repr_html_().startswith("<table") and "Mazda RX4" in str(frame)


def test_frames(ro: Any, tmp_path: Path) -> None:
    frame = ro.DataFrame({"x": ro.IntVector([1, 2]), "y": ro.StrVector(["p", "q"])})
    assert (frame.nrow, frame.ncol, list(frame.colnames), list(frame.rownames)) == (
        2,
        2,
        ["x", "y"],
        ["1", "2"],
    )
    assert list(frame.rx(True, "y")) == ["p", "q"] and list(frame.rx2("x")) == [1, 2]
    assert [row.rx2("y")[0] for row in frame.iter_row()] == ["p", "q"]
    assert frame.rbind(frame).nrow == 4 and frame.cbind(z=ro.IntVector([7, 8])).ncol == 3
    assert frame.head(1).nrow == 1
    path = tmp_path / "frame.csv"
    frame.to_csvfile(str(path), row_names=False)
    assert path.read_text() == '"x","y"\n1,"p"\n2,"q"\n'
    back = ro.DataFrame.from_csvfile(str(path))
    assert list(back.rx2("x")) == [1, 2]


def test_matrices(ro: Any) -> None:
    m = ro.r.matrix(ro.FloatVector(range(6)), nrow=2)
    assert (m.dim, m.nrow, m.ncol) == ((2, 3), 2, 3)
    assert m.transpose().dim == (3, 2) and list(m @ m.transpose()) == [20, 26, 26, 35]
    m.colnames = ro.StrVector(["a", "b", "c"])
    assert list(m.rx(1, "b")) == [2.0] and m.rownames is ro.NULL
    from rpy2.robjects.vectors import Array, FloatMatrix, Matrix

    assert isinstance(m, (Matrix, Array)) and type(m) is FloatMatrix


def test_factors_dates_and_times(ro: Any) -> None:
    f = ro.FactorVector(["a", "b", "a"])
    assert list(f) == [1, 2, 1] and list(f.levels) == ["a", "b"] and list(f.iter_labels()) == ["a", "b", "a"]
    assert f.nlevels == 2 and not f.isordered
    assert list(ro.DateVector([date(2020, 1, 2)])) == [date(2020, 1, 2)]
    assert ro.r("as.POSIXlt('2020-01-02', tz = 'UTC')").rclass[0] == "POSIXlt"


# ---- functions, formulas, packages


def test_functions_translate_names_of_arguments(ro: Any) -> None:
    assert ro.r["mean"](ro.FloatVector([1, ro.NA_Real]), na_rm=True)[0] == 1
    f = ro.r("function(a_b, c.d = 2) a_b + c.d")
    assert f(1, c_d=3)[0] == 4 and f(a_b=1)[0] == 3
    assert list(f.formals().names) == ["a_b", "c.d"]
    assert str(__import__("inspect").signature(f)) == "(a_b=<required>, c_d=2)"


def test_models_show_how_they_were_called(ro: Any) -> None:
    from rpy2.robjects.packages import importr

    stats = importr("stats")
    fit = stats.lm(ro.Formula("mpg ~ wt"), data=ro.r["mtcars"])
    assert "lm(formula = mpg ~ wt, data = data)" in str(fit)
    assert fit.rclass == ("lm",)


def test_formulas_have_an_environment(ro: Any) -> None:
    formula = ro.Formula("yy ~ xx")
    formula.environment["xx"] = ro.FloatVector([1, 2, 3])
    formula.environment["yy"] = ro.FloatVector([2, 4, 6.1])
    fit = ro.r.lm(formula)
    assert fit.rx2("coefficients")[1] == pytest.approx(2.05)
    assert formula.r_repr() == "yy ~ xx"
    ro.r("rm(xx, yy)")


def test_packages_are_made(ro: Any) -> None:
    from rpy2.robjects.packages import importr

    importr("stats")
    for name in ("base", "stats", "utils", "graphics", "grDevices", "methods"):
        importr(name)
    base, stats = importr("base"), importr("stats")
    assert base.sum(ro.IntVector([1, 2]))[0] == 3 and base.R_version_string[0].startswith("R version")
    assert stats.p_adjust(ro.FloatVector([0.01, 0.02]), method="BH")[1] == 0.02
    assert "p_adjust" in dir(stats) and base.__rname__ == "base"
    assert not hasattr(base, "no_such_function")


def test_packages_that_are_not_there(ro: Any) -> None:
    from rpy2.robjects.packages import (
        LibraryError,
        PackageNotInstalledError,
        importr,
        isinstalled,
        quiet_require,
    )

    assert isinstalled("stats") and not isinstalled("nopackage")
    assert quiet_require("stats") and not quiet_require("nopackage")
    with pytest.raises(PackageNotInstalledError, match="install.packages"):
        importr("nopackage")
    assert issubclass(PackageNotInstalledError, LibraryError)


def test_data_sets_and_code_as_packages(ro: Any) -> None:
    from rpy2.robjects.packages import STAP, data, importr

    datasets = importr("datasets")
    assert data(datasets).fetch("mtcars")["mtcars"].nrow == 32
    assert datasets.mtcars.nrow == 32
    with pytest.raises(KeyError):
        data(datasets).fetch("nope")
    code = STAP("square <- function(x) x^2\nmy.k <- 3", "code")
    assert code.square(3)[0] == 9 and code.my_k[0] == 3


def test_s4_objects(ro: Any) -> None:
    ro.r('setClass("P", representation(x = "numeric"))')
    p = ro.r('new("P", x = 1)')
    assert type(p) is ro.RS4 and list(p.slotnames()) == ["x"] and list(p.slots) == ["x"]
    p.slots["x"] = ro.FloatVector([5])
    assert p.slots["x"][0] == 5 and p.do_slot("x")[0] == 5 and p.isclass("P")


def test_python_functions_in_r(ro: Any) -> None:
    from rpy2 import rinterface

    @rinterface.rternalize
    def twice(x: Any) -> Any:
        assert isinstance(x, rinterface.SexpVector)
        return ro.FloatVector([x[0] * 2])

    assert list(ro.r["sapply"](ro.IntVector([1, 2]), twice)) == [2.0, 4.0]
    ro.globalenv["plain"] = lambda x: x + 1
    assert ro.r("plain(1)")[0] == 2


# ---- console and errors


def test_errors_are_one_class_under_all_names(ro: Any) -> None:
    from rpy2.rinterface import RRuntimeError as low
    from rpy2.rinterface_lib.embedded import RRuntimeError

    assert low is RRuntimeError
    with pytest.raises(RRuntimeError, match="too big"):
        ro.r('stop("too big")')
    with pytest.raises(RRuntimeError):
        ro.r("x <- (")


def test_text_goes_where_the_user_says(ro: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from rpy2.rinterface_lib import callbacks

    ro.r('cat("plain\\n")')
    assert capsys.readouterr().out == "plain\n"
    out: list[str] = []
    err: list[str] = []
    callbacks.consolewrite_print = out.append
    callbacks.consolewrite_warnerror = err.append
    ro.r('print(1); message("note")')
    assert "".join(out) == "[1] 1\n" and "".join(err) == "note\n"
    assert capsys.readouterr() == ("", "")


def test_the_logger_s_level_hides_messages(ro: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from rpy2.rinterface_lib.callbacks import logger

    ro.r('message("shown")')
    logger.setLevel(logging.ERROR)
    ro.r('message("hidden"); warning("hidden")')
    assert capsys.readouterr().err == "shown\n"


def test_pictures_as_bytes(ro: Any) -> None:
    from rpy2.robjects.lib import grdevices

    with grdevices.render_to_bytesio(grdevices.png, width=300, height=300) as content:
        ro.r("plot(1)")
    assert content.getvalue().startswith(b"\x89PNG")


def test_ggplot2_says_that_it_is_not_there() -> None:
    from rpy2.robjects.lib import ggplot2
    from rpy2.robjects.packages import PackageNotInstalledError, isinstalled

    if not isinstalled("ggplot2"):
        with pytest.raises(PackageNotInstalledError):
            ggplot2.geom_point()
