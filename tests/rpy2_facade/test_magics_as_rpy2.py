"""What rpy2's own tests of its magics check, restated (docs/from-rpy2.md names the differences)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from needs import needs_node

from jupyterlite_rpy import RError, RParseError

pytestmark = needs_node


def run(shell: Any, cell: str) -> Any:
    result = shell.run_cell(cell)
    result.raise_error()
    return result.result


@pytest.fixture
def shown(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(notebook.display_pub, "publish", lambda data, **more: sent.append(data))
    return sent


@pytest.mark.parametrize("name", ["rpy2.ipython", "rmagic", "rpy2.ipython.rmagic"])
def test_the_extension_has_all_its_names(notebook: Any, name: str) -> None:
    run(notebook, f"%reload_ext {name}")
    for magic in ("R", "Rpush", "Rpull", "Rget", "Rdevice", "Roptions"):
        assert magic in notebook.magics_manager.magics["line"]
    assert "R" in notebook.magics_manager.magics["cell"]


@pytest.mark.parametrize("value", [np.arange(5.0), [1.5, 2.5], np.array([[1, 2], [3, 4]])])
def test_pushed_values_are_equal_in_r(notebook: Any, ro: Any, value: Any) -> None:
    notebook.user_ns["x"] = value
    run(notebook, "%Rpush x")
    np.testing.assert_array_equal(np.asarray(ro.r("x")), value)


def test_a_function_s_own_variables_are_pushed_and_used(notebook: Any) -> None:
    run(
        notebook,
        "def f(a):\n"
        "    get_ipython().run_line_magic('Rpush', 'a')\n"
        "    return get_ipython().run_line_magic('R', '-i a a * 2')\n"
        "got = f(21)",
    )
    assert list(notebook.user_ns["got"]) == [42]


def test_a_failing_cell_raises_r_s_error(notebook: Any) -> None:
    from rpy2.ipython.rmagic import RInterpreterError
    from rpy2.rinterface_lib.embedded import RRuntimeError

    with pytest.raises(RInterpreterError) as caught:
        run(notebook, '%%R\n"a" + 1')
    assert isinstance(caught.value, RRuntimeError) and isinstance(caught.value, RError)
    assert "non-numeric argument" in str(caught.value)


def test_code_that_does_not_parse_says_where(notebook: Any) -> None:
    with pytest.raises(RParseError) as caught:
        run(notebook, '%%R\n"a" + ')
    assert caught.value.line is not None


def test_a_frame_of_texts_is_pushed_and_printed(notebook: Any, capsys: pytest.CaptureFixture[str]) -> None:
    notebook.user_ns["df"] = pd.DataFrame([{"a": 1, "b": "bar"}, {"a": 5, "b": "foo"}, {"a": 7, "b": None}])
    run(notebook, "%Rpush df")
    capsys.readouterr()
    run(notebook, "%%R\nprint(df$b[1])\nprint(is.na(df$b[3]))")
    assert capsys.readouterr().out == '[1] "bar"\n[1] TRUE\n'


def test_a_vector_is_pulled(notebook: Any) -> None:
    run(notebook, "%R z <- c(11L, 12L)")
    run(notebook, "%Rpull z")
    assert list(notebook.user_ns["z"]) == [11, 12]


def test_rget_returns_and_assigns_nothing(notebook: Any) -> None:
    run(notebook, "%R only.r <- 3")
    assert list(run(notebook, "x = %Rget only.r\nx")) == [3]
    with pytest.raises(KeyError):
        run(notebook, "%Rget not.there")


def test_frames_and_factors_go_there_and_back(notebook: Any, ro: Any) -> None:
    notebook.user_ns["df"] = pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["u", "v"])})
    run(notebook, "%%R -i df -o back,fac\nback <- df\nfac <- df$b")
    assert tuple(ro.r("class(df)")) == ("data.frame",)
    assert tuple(ro.r("class(df$b)")) == ("factor",)
    pd.testing.assert_frame_equal(notebook.user_ns["back"], notebook.user_ns["df"], check_dtype=False)
    assert isinstance(notebook.user_ns["fac"], pd.Categorical)


def test_a_cell_with_inputs_outputs_sizes_and_two_plots(notebook: Any, shown: list[dict[str, Any]]) -> None:
    notebook.user_ns.update(x=np.array([0, 1, 2]), y=np.array([3, 4, 6]))
    run(
        notebook,
        "%%R -i x,y -o r,xc -w 150 -u mm a=lm(y~x)\nplot(x, y)\nxc <- coef(a)\nr <- resid(a)\nhist(r)",
    )
    np.testing.assert_allclose(notebook.user_ns["xc"], [2.8333333, 1.5], rtol=1e-6)
    np.testing.assert_allclose(notebook.user_ns["r"], [0.1666667, -0.3333333, 0.1666667], rtol=1e-5)
    assert len([data for data in shown if "image/png" in data]) == 2


def test_a_converter_of_the_cell(notebook: Any, ro: Any) -> None:
    from rpy2.robjects.conversion import Converter

    class Mine:
        pass

    conv = Converter("mine", ro.default_converter)
    conv.py2rpy.register(Mine, lambda value: ro.StrVector(["mine"]))
    notebook.user_ns.update(m=Mine(), conv=conv, ns=SimpleNamespace(conv=conv), none=3)
    assert list(run(notebook, "x = %R -c conv -i m m\nx")) == ["mine"]
    assert list(run(notebook, "x = %R -c ns.conv -i m m\nx")) == ["mine"]
    with pytest.raises(NameError):
        run(notebook, "%R -c nope -i m m")
    from IPython.core.error import UsageError

    with pytest.raises(UsageError):  # rpy2: TypeError
        run(notebook, "%R -c none -i m m")


def test_an_input_that_is_not_there_is_a_name_error(notebook: Any) -> None:
    with pytest.raises(NameError, match="nope"):
        run(notebook, "%R -i nope 1")


@pytest.mark.parametrize(
    "options", ["--width=400", "--height=400", "--width=400 --height=300", "-p 18", "-p 18 -w 400"]
)
def test_options_of_plots(notebook: Any, shown: list[dict[str, Any]], options: str) -> None:
    run(notebook, f"%%R {options}\nx <- c(1, 2)\nplot(x)")
    assert [set(data) for data in shown] == [{"image/png", "text/plain"}]


@pytest.mark.parametrize(
    "name", ["png", "svg", "grDevices::png", "grDevices::svg", "Cairo::CairoSVG", "jpeg", "X11"]
)
def test_names_of_devices(notebook: Any, shown: list[dict[str, Any]], name: str) -> None:
    run(notebook, f"%%R --graphics-device {name} --noisolation --type cairo\nplot(1)")
    kind = "svg" if "svg" in name.lower() else "png"
    assert [any(kind in mime for mime in data) for data in shown] == [True]


def test_an_unknown_device_is_an_error(notebook: Any) -> None:
    from IPython.core.error import UsageError

    with pytest.raises(UsageError):  # rpy2: KeyError at the next cell
        run(notebook, "%Rdevice bogus")


def test_a_function_that_displays(notebook: Any) -> None:
    seen: list[Any] = []
    notebook.user_ns["show"] = lambda value, args: seen.append(value)
    run(notebook, "%%R --display=show\n123 + 1")
    assert [list(value) for value in seen] == [[124.0]]
    with pytest.raises(NameError):
        run(notebook, "%%R --display=nope\n1")


def test_options_after_the_code(notebook: Any) -> None:
    notebook.user_ns["a"] = 2.0
    run(notebook, "%R b <- a * 2 -i a -o b")
    assert list(notebook.user_ns["b"]) == [4.0]


def test_none_is_null(notebook: Any) -> None:
    notebook.user_ns["n"] = None
    assert list(run(notebook, "x = %R -i n is.null(n)\nx")) == [True]


def test_named_lists_are_dicts_with_rpy2_s_ways(notebook: Any) -> None:
    run(notebook, "%R -o l l <- list(a = 1, b = 'x')")
    value = notebook.user_ns["l"]
    assert isinstance(value, dict) and list(value.names) == list(value.names()) == ["a", "b"]
    assert value.rx2("b") == value.getbyname("b") == value["b"] == value[1] == ["x"]


def test_a_model_stays_a_model(notebook: Any) -> None:
    run(notebook, "%R -o fit fit <- lm(mpg ~ wt, mtcars)")
    assert notebook.user_ns["fit"].rclass == ("lm",)
    assert list(run(notebook, "x = %R -i fit class(fit)\nx")) == ["lm"]
    assert len(notebook.user_ns["fit"].rx2("coefficients")) == 2
