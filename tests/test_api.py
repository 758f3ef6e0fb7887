from __future__ import annotations

from typing import Any

import pytest
from fake_runtime import FakeRuntime, double, ok

from jupyterlite_rpy import Converters, R, RPackage, Session
from jupyterlite_rpy.package import spell

TWO = b"\0\0\0\0\0\0\0@"


@pytest.fixture
def r(session: Session) -> R:
    return R(lambda: session)


@pytest.mark.parametrize(
    ("names", "spelled"),
    [
        (["mean", "na.omit"], {"mean": "mean", "na_omit": "na.omit"}),
        (["t.test", "t_test"], {"t_test": "t_test", "t_test_": "t.test"}),
        (["a.b.c", "a.b_c", "a_b_c"], {"a_b_c": "a_b_c", "a_b_c_": "a.b_c", "a_b_c__": "a.b.c"}),
        (["if", "is", "import", "if_"], {"if_": "if_", "if__": "if", "is_": "is", "import_": "import"}),
        (["%in%", "[<-", "names<-", "2x", ""], {}),
        (["é", ".hidden"], {"é": "é", "_hidden": ".hidden"}),
    ],
)
def test_names_in_python_s_spelling(names: list[str], spelled: dict[str, str]) -> None:
    assert spell(names) == spelled
    assert spell(reversed(names)) == spelled


def test_code_is_run_without_printing_values(r: R, fake: FakeRuntime) -> None:
    fake.script = [(ok(value=double(2.0)), [TWO])]
    assert list(r("1 + 1")) == [2.0]
    assert (fake.requests[0]["op"], fake.requests[0]["show"]) == ("run", "none")


def test_variables_are_assigned_by_item_and_by_attribute(r: R, fake: FakeRuntime) -> None:
    r["x.y"] = 2.0
    r.z = 2.0
    assert [request["inputs"][0]["name"] for request in fake.requests] == ["x.y", "z"]


@pytest.mark.parametrize("name", ["eval", "NA", "formula", "session"])
def test_own_names_are_not_assigned_by_mistake(r: R, name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        setattr(r, name, 1)


def test_names_with_underscores_in_front_are_not_looked_for_in_r(r: R, fake: FakeRuntime) -> None:
    assert not hasattr(r, "_repr_html_")
    assert not hasattr(r, "__array__")
    assert repr(r).startswith("<R")
    assert fake.requests == []


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (R.NA, "logical"),
        (R.NA_integer_, "integer"),
        (R.NA_character_, "character"),
        (R.NA_complex_, "complex"),
    ],
)
def test_missing_values_have_types(r: R, fake: FakeRuntime, value: Any, kind: str) -> None:
    r["x"] = value
    sent = fake.requests[0]["inputs"][0]["value"]
    assert (sent["type"], sent["length"]) == (kind, 1)
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(value)


def test_a_missing_value_in_a_list_is_of_the_list_s_type(r: R, fake: FakeRuntime) -> None:
    r["x"] = [1.5, R.NA]
    assert fake.requests[0]["inputs"][0]["value"]["type"] == "double"
    assert R.NULL is None
    assert R.NA_real_ != R.NA_real_


def test_converters_are_in_force_in_a_block(r: R, fake: FakeRuntime) -> None:
    converters = Converters()
    converters.to_r(range)(lambda value: "a range")
    with r.converter(converters):
        r["x"] = range(3)
    with r.converter() as more:
        more.to_r(range)(lambda value: 1.5)
        r["x"] = range(3)
    r["x"] = range(3)
    types = [request["inputs"][0]["value"]["type"] for request in fake.requests]
    assert types == ["character", "double", "integer"]
    with pytest.raises(TypeError, match="Converters expected, not int"):
        r.converter(3)  # type: ignore[arg-type]


def test_a_package_is_asked_for_its_names(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RPackage, "_ask", lambda self, question: ["t.test", "sd", "%in%"])
    package = RPackage(lambda: session, "stats")
    assert package.rnames == {"sd": "sd", "t_test": "t.test"}
    assert "t_test" in dir(package)
    assert "t.test" in package
    assert repr(package) == "<R package stats>"
    for name in ("nothing", "__wrapped__"):
        with pytest.raises(AttributeError, match=f"R's package 'stats' has no '{name}'"):
            getattr(package, name)
    with pytest.raises(KeyError):
        package["nothing"]


def test_a_package_that_r_does_not_have(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RPackage, "_ask", lambda self, question: None)
    with pytest.raises(ModuleNotFoundError, match="install.packages"):
        RPackage(lambda: session, "nothing")
