from __future__ import annotations

import inspect

import pytest
from needs import needs_node

from jupyterlite_rpy import R, RError, RFunction, Session

pytestmark = needs_node


@pytest.fixture
def api(r: Session) -> R:
    return R(lambda: r)


def test_code_prints_what_it_prints_and_has_a_value(api: R, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(api("cat('said\\n'); x <- 1:2")) == [1, 2]
    assert capsys.readouterr().out == "said\n"
    assert api("NULL") is None
    with pytest.raises(RError, match="no way"):
        api("stop('no way')")


def test_variables(api: R) -> None:
    api["a.b"] = [1, 2]
    api.c_d = "text"
    assert list(api["a.b"]) == list(api.a_b) == [1, 2]
    assert list(api.c_d) == ["text"]
    assert "a.b" in api
    assert {"a.b", "c_d"} <= set(api)
    del api["a.b"]
    assert "a.b" not in api
    with pytest.raises(KeyError):
        del api["a.b"]
    with pytest.raises(KeyError):
        api["a.b"]
    with pytest.raises(AttributeError, match="R has no object 'a_b'"):
        api.a_b  # noqa: B018
    api["nothing"] = None
    assert api["nothing"] is None
    del api["nothing"]


def test_functions_and_their_arguments(api: R) -> None:
    assert list(api.mean([1, 2, None], na_rm=True)) == [1.5]
    assert list(api.is_na([1, api.NA])) == [False, True]
    assert list(api.quantile([1, 2, 3], 0.5, names=False)) == [2]
    assert list(api["stats::sd"]([1, 2, 3])) == [1]
    assert list(api.sapply([1, 4], api.sqrt)) == [1, 2]
    assert list(api.print_(3)) == [3]


def test_calls_show_names(api: R) -> None:
    model = api.lm(api.formula("mpg ~ wt"), data=api.mtcars)
    assert "lm(formula = mpg ~ wt, data = data)" in repr(model)


def test_a_package(api: R) -> None:
    stats = api.import_("stats")
    assert round(float(stats.t_test(api.sleep["extra"])["p.value"][0]), 4) == 0.0029
    assert stats.t_test is stats["t.test"]
    assert {"t_test", "lm"} <= set(dir(stats))
    assert stats.__doc__.startswith("The R Stats Package")
    assert len(api.import_("datasets").women["height"]) == 15
    with pytest.raises(ModuleNotFoundError, match="R has no package 'nothing.here'"):
        api.import_("nothing.here")


def test_help_and_signature(api: R) -> None:
    lm = api.import_("stats").lm
    assert isinstance(lm, RFunction)
    assert (inspect.getdoc(lm) or "").startswith("Fitting Linear Models")
    assert "na_action" in inspect.signature(lm).parameters
    assert (RFunction.__doc__ or "").startswith("An R function.")
    assert api("function(x) x").__doc__ is None


def test_a_formula_looks_in_the_global_environment(api: R) -> None:
    api.y, api.x = [2.0, 4.0, 6.1], [1.0, 2.0, 3.0]
    assert round(float(api.coef(api.lm(api.formula("y ~ x")))["x"]), 2) == 2.05


@pytest.mark.parametrize("name", ["NA", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_"])
def test_missing_values(api: R, name: str) -> None:
    api.missing = getattr(api, name)
    assert api(f"identical(missing, {name})")[0]


def test_what_one_types_is_completed(api: R) -> None:
    names = dir(api)
    assert {"t_test", "mtcars", "data_frame", "import_"} <= set(names)
